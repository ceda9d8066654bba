#!/usr/bin/env node
// All lines of the books as CSV through REST, beside COPY TO of the same rows in the same order; what it costs in memory,
// and what it does to everybody else meanwhile.
//   LINES=1000000 tests/bench/export.mjs
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import { Bench, Session, compare, percentile, repeat, say, setting, sleep } from "./bench.mjs";

const lines = setting("LINES", 1_000_000);
const columns = "id, date, journal, number, entry_label, label, account, title, debit, credit, fund_name, member_name, project_id, matched, recorded_at";
const bench = new Bench();

function curl(server, books, pathname) {
  const child = spawn("curl", ["-sf", "-o", "/dev/null", "-H", `Authorization: Bearer ${books.token}`, server.base + pathname], { stdio: "inherit" });
  return new Promise((resolve, reject) => child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`curl: ${code}`)))));
}

/** Requests of others, one every 20 ms, until told to stop; their milliseconds. */
async function others(server, books, until) {
  const base = `/api/v1/organisations/${books.slug}/`;
  const paths = ["funds", "members", "entry-lines?account_number=512", "reports/trial-balance"];
  const ms = [];
  const under_way = [];
  for (let i = 0; !until.done; i++) {
    under_way.push(server.ms(base + paths[i % paths.length], { token: books.token }).then((x) => ms.push(x)));
    await sleep(20);
  }
  await Promise.all(under_way);
  return ms;
}

try {
  const books = bench.books(`lines-${lines}`, lines);
  const server = await bench.server();
  const session = new Session(bench, { organisation: books.id });
  const pathname = `/api/v1/organisations/${books.slug}/entry-lines?format=csv`;
  const bare = new Session(bench, { server: false });
  const time = async () => {
    const from = performance.now();
    await curl(server, books, pathname);
    return performance.now() - from;
  };
  const copy = () => session.ms(`COPY (SELECT ${columns} FROM api.entry_line ORDER BY date DESC, id DESC) TO STDOUT (FORMAT csv)`);
  console.log(`## CSV of ${lines} lines`);
  const before = server.rss();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, server.rss())), 10);
  await compare("export", time, copy, { mark: "speed ≥ 0.33 of COPY TO", invert: true });
  clearInterval(watch);
  say("memory of the server above what it had (RSS)", [(peak - before) / 1024], " MiB", "≤ 16 MiB");
  const raw = [];
  for (let i = 0; i < repeat; i++) raw.push(await bare.ms("COPY fund.line TO STDOUT (FORMAT csv)"));
  say("COPY of the bare table fund.line, for comparison", raw, " ms");

  const alone = [], meanwhile = [], loaded = [], ratio = [], ratioLoaded = [];
  for (let round = 0; round < repeat; round++) {
    // Alone; beside the export; beside the same COPY, which needs as much of the processors: what remains is the server's.
    const calm = { done: false };
    const first = others(server, books, calm);
    await sleep(4000);
    calm.done = true;
    alone.push(percentile(await first, 99));
    const during = { done: false };
    const second = others(server, books, during);
    await curl(server, books, pathname);
    during.done = true;
    meanwhile.push(percentile(await second, 99));
    const beside = { done: false };
    const third = others(server, books, beside);
    await copy();
    beside.done = true;
    loaded.push(percentile(await third, 99));
    ratio.push(meanwhile.at(-1) / alone.at(-1));
    ratioLoaded.push(meanwhile.at(-1) / loaded.at(-1));
  }
  say("p99 of other requests, alone", alone, " ms");
  say("p99 of other requests, during the export", meanwhile, " ms");
  say("  ratio", ratio, "", "≤ 2");
  say("p99 of other requests, during the same COPY", loaded, " ms");
  say("  the export beside that", ratioLoaded, "");
  session.end();
  bare.end();
  await bench.finish();
} catch (error) {
  await bench.close();
  throw error;
}
