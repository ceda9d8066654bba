// kill -9 of the server, of PostgreSQL's processes, of all of them, while clients write through a proxy that cuts: what was
// acknowledged is there, once, and everything comes back by itself. Then the same with the database's connections cut.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { HttpProxy } from "../lib/httpproxy.mjs";
import { cluster, database } from "../lib/cluster.mjs";
import { Proxy } from "../lib/pgproxy.mjs";
import { Serve, clusterProcesses, done, newDir, postmaster, sleep, someone } from "../cmd/grenier.mjs";
import { Crowd } from "./crowd.mjs";
import { Random } from "./random.mjs";

const long = process.env.GRENIER_LONG === "1", rounds = Number(process.env.ROUNDS ?? (long ? 200 : 10));
const seed = process.env.SEED ?? String(Date.now() % 1e9), random = new Random(`kill ${seed}`);
console.log(`# SEED=${seed}`);
const CLIENTS = 8, ROUND_MS = 1200, BACK_MS = 60_000, CUT_MS = long ? 60_000 : 4000;

const cuts = () => new HttpProxy((n) => (n < 2 || !random.chance(10) ? null : random.pick(["before", "after"])));
const kill = (pid) => {
  try { process.kill(pid, "SIGKILL"); } catch { /* gone already */ }
};
const ending = [];
after(async () => { for (const end of ending.reverse()) await end(); });

test(`kill -9, ${rounds} rounds: nothing acknowledged is lost, nothing is doubled`, async (t) => {
  const dir = newDir(), proxy = cuts();
  done(["migrate", "--data-dir", dir]);
  done(["organisation", "create", "--slug", "essai", "--name", "Réseau d’essai", "--data-dir", dir]);
  const token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--data-dir", dir]).split("\n").at(-1);
  await proxy.ready;
  let serve = await Serve.start(["--data-dir", dir]);
  proxy.to(serve.url);
  const crowd = new Crowd({ where: () => ({ port: proxy.port, token }), slug: "essai", random });
  ending.push(async () => {
    crowd.stopping = true;
    await proxy.close();
    assert.equal(await serve.stop(), 0);
  });
  const backends = () => clusterProcesses(dir).filter((pid) => {
    try { return /grenier_server/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")); } catch { return false; }
  });
  const restart = async () => { // as whoever supervises it does
    proxy.to(null);
    await serve.ended;
    serve = await Serve.start(["--data-dir", dir]);
    proxy.to(serve.url);
  };
  const kills = {
    "the server": async () => { serve.process.kill("SIGKILL"); await restart(); },
    "a backend": async () => { const found = backends(); if (found.length > 0) kill(random.pick(found)); },
    "the postmaster": async () => kill(postmaster(dir)),
    "the server and the postmaster": async () => { kill(postmaster(dir)); serve.process.kill("SIGKILL"); await restart(); },
    "all of them": async () => {
      serve.process.kill("SIGKILL");
      for (const pid of clusterProcesses(dir)) kill(pid);
      await restart();
    },
  };
  const sql = (text) => {
    const run = spawnSync("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", path.join(dir, "run"), "-U", "postgres", "-d", "grenier", "-c", text],
      { ...someone, encoding: "utf8", cwd: "/", env: { ...process.env, HOME: "/" } });
    assert.equal(run.status, 0, run.stderr);
    return run.stdout.trim();
  };

  await crowd.begin();
  const back = {};
  for (let round = 0; round < rounds; round++) {
    const what = Object.keys(kills)[round % Object.keys(kills).length];
    crowd.start(CLIENTS);
    await sleep(200 + random.below(ROUND_MS - 400));
    const begun = Date.now(), had = crowd.acknowledged.length;
    await kills[what]();
    while (crowd.acknowledged.length < had + CLIENTS) { // written again
      await Promise.race([sleep(20), ...crowd.clients]);
      assert.ok(Date.now() - begun < BACK_MS, `no write after ${what} was killed\n${serve.errors.slice(-5).join("\n")}`);
    }
    back[what] = Math.max(back[what] ?? 0, Date.now() - begun);
    await sleep(100);
    await crowd.stop();
    crowd.account(sql, seed);
    assert.match(done(["check", "--data-dir", dir]), /faults: 0/, `(SEED=${seed})`);
    await crowd.again(5, seed);
    crowd.account(sql, seed);
  }
  assert.match(done(["check", "--books", "--data-dir", dir]), /nothing differs/);
  t.diagnostic(`${crowd.say()}; proxy cut ${proxy.broken.before} before, ${proxy.broken.after} after`);
  t.diagnostic(`writes again after, at most: ${Object.entries(back).map(([what, ms]) => `${what} ${ms} ms`).join(", ")}`);
});

test("the database's connections are cut at random, before and after: the same", async (t) => {
  const db = database(), pg = new Proxy(cluster()), proxy = cuts();
  await Promise.all([pg.ready, proxy.ready]);
  done(["organisation", "create", "--slug", "essai", "--name", "Réseau d’essai", "--database", db.conninfo], { as: {} });
  const token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--database", db.conninfo], { as: {} }).split("\n").at(-1);
  const serve = await Serve.start(["--database", `host=${pg.dir} user=postgres dbname=${db.name}`], { program: "grenierd", as: {} });
  proxy.to(serve.url);
  const crowd = new Crowd({ where: () => ({ port: proxy.port, token }), slug: "essai", random });
  ending.push(async () => {
    crowd.stopping = true;
    await proxy.close();
    assert.equal(await serve.stop(), 0);
    await pg.close();
    db.drop();
  });
  await crowd.begin();
  pg.often = () => (random.chance(10) ? random.pick(["before", "after"]) : null);
  crowd.start(CLIENTS);
  await sleep(CUT_MS);
  await crowd.stop();
  pg.often = null;
  crowd.account(db.sql, seed);
  await crowd.again(10, seed);
  crowd.account(db.sql, seed);
  assert.equal(db.sql("SELECT string_agg(c::text, E'\\n') FROM app.check_books(NULL) c"), "");
  assert.ok(pg.cuts > 0, "something was cut");
  t.diagnostic(`${crowd.say()}; ${pg.cuts} connections to the database cut`);
});
