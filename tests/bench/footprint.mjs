#!/usr/bin/env node
// What the server needs: time from start to its first answer, memory at rest and with 64 connections, connections to
// PostgreSQL, and what the first page makes a browser load.
//   tests/bench/footprint.mjs
import http from "node:http";
import { performance } from "node:perf_hooks";
import { Bench, repeat, say, sleep } from "./bench.mjs";

const bench = new Bench();
try {
  bench.grenier("organisation", "create", "--slug", "bench", "--name", "Bench");
  const token = bench.token("bench");
  const member = "member";
  const health = [], known = [], rest = [], busy = [], connections = [];
  console.log("## start, memory, connections");
  for (let round = 0; round < Math.max(repeat, 5); round++) {
    const server = await bench.server();
    await server.ms("/api/v1/health");
    health.push(performance.now() - server.from);
    await server.ms("/api/v1/organisations/bench/funds", { token });
    known.push(performance.now() - server.from);
    await sleep(1000);
    rest.push(server.pss() / 1024);
    // 64 connections at work: reads and writes of all kinds, no sign-in.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    const base = "/api/v1/organisations/bench/";
    const paths = ["funds", "accounts?limit=500", "members", "entries", "entry-lines", "reports/trial-balance", "reports/fund-position", "reports/to-do", "audit-events"];
    let peak = 0;
    const work = async (k) => {
      for (let i = 0; i < 20; i++) {
        if ((i + k) % 5 === 0)
          await server.ms(`${base}members`, { token, agent, method: "POST", wanted: 201, body: JSON.stringify({ name: `${member} ${round} ${k} ${i}`, legal_form: "association", joined_on: "2026-01-01" }) });
        else await server.ms(base + paths[(i * 7 + k) % paths.length], { token, agent });
        if (k === 0) peak = Math.max(peak, server.pss());
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, k) => work(k)));
    busy.push(Math.max(peak, server.pss()) / 1024);
    connections.push(Number(bench.sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")));
    agent.destroy();
    if (round === 0) await page(server);
    await server.stop();
  }
  say("first answer after start", health, " ms", "≤ 50 ms");
  say("first answer that needed the database", known, " ms");
  say("memory at rest (PSS)", rest, " MiB", "≤ 16 MiB");
  say("memory at 64 connections (PSS, highest seen)", busy, " MiB", "≤ 48 MiB");
  say("connections to PostgreSQL", connections, "", "≤ 8");
  await bench.finish();
} catch (error) {
  await bench.close();
  throw error;
}

/** What the first page loads, as it goes over the wire. */
async function page(server) {
  const gzip = { headers: { "Accept-Encoding": "gzip" } };
  const html = await server.request("/", { keep: true });
  if (html.status !== 200) return console.log("first page: this build has none (GRENIER_WEB=OFF)");
  let script = 0, all = (await server.request("/", gzip)).bytes;
  for (const [, file] of html.body.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg|png|woff2))"/g)) {
    const { bytes } = await server.request(file, gzip);
    all += bytes;
    if (file.endsWith(".js")) script += bytes;
  }
  say("first page, script, compressed", [script / 1024], " KiB", "≤ 150 KB");
  say("first page, everything, compressed", [all / 1024], " KiB");
}
