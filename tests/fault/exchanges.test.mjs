// Each exchange of each money path with the database goes wrong in turn, until the request passes undisturbed: the connection
// breaks before or after it, for once or for good; it is refused with all that follow, or once. What is answered is true, what
// was asked is done once or not at all.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Api } from "../lib/api.mjs";
import { database } from "../lib/cluster.mjs";
import { Proxy } from "../lib/pgproxy.mjs";
import { Books, PATHS, Walk, long, moneyPaths } from "./money.mjs";

// A COMMIT that fails has ended its transaction.
const fails = (state, keep) => ({ keep, sql: (text) => (text.includes("COMMIT\0") ? "ROLLBACK; " : "") +
  `DO $$ BEGIN RAISE EXCEPTION 'Jeanne Secret' USING ERRCODE = '${state}'; END $$` });

// What goes wrong; whether the request is done all the same (undefined: it may be), and the problems that may be said where it
// is not.
const MODES = [
  { name: "breaks before", arm: ["before"], done: true },
  { name: "breaks after", arm: ["after"], done: true },
  { name: "breaks before, and stays away", arm: ["before", { stay: true }], done: false, codes: ["database.away", "outcome.unknown"] },
  { name: "breaks after, and stays away", arm: ["after", { stay: true }], done: false, codes: ["database.away", "outcome.unknown"] },
  { name: "is refused with all after it: the disk is full", arm: ["instead", fails("53100", true)], done: false, codes: ["busy"] },
  { name: "is refused with all after it: an internal error", arm: ["instead", fails("XX000", true)], done: false, codes: ["internal"] },
  { name: "is refused once: the disk is full", arm: ["instead", fails("53100")], codes: ["busy"] },
  { name: "is refused for now: serialisation", arm: ["instead", fails("40001")], done: true, codes: ["conflict.retry"] },
];

async function walk(t, { proxy, books, path }, mode) {
  const walk = await Walk.start(books, path);
  await walk.prepare();
  proxy.reset();
  await walk.attempt("undisturbed", randomUUID(), []);
  const last = proxy.count;
  let n = 1;
  for (let fired = true; fired; n++) {
    const what = `exchange ${n} ${mode.name}`, key = randomUUID();
    await walk.prepare();
    proxy.arm(n, ...mode.arm);
    const reply = await walk.attempt(what, key, mode.codes ?? []);
    fired = proxy.fired;
    // The first asks who is asking; nothing is tried again then, but for a lost connection.
    const refused = reply.status >= 300;
    assert.ok(!refused || mode.done !== true || (n === 1 && mode.codes !== undefined), `${what}: ${reply.status} ${reply.text}`);
    assert.ok(refused || !fired || mode.done !== false, `${what}: ${reply.status} ${reply.text}`);
    if (refused) {
      assert.ok(n === last || !/outcome\.unknown/.test(reply.text), `${what}: ${reply.text}`);
      assert.ok(reply.status >= 500, `${what}: ${reply.status} ${reply.text}`);
      assert.ok(!reply.text.includes("Jeanne"), reply.text);
      if (reply.status === 503) assert.ok(Number(reply.headers["retry-after"]) > 0, what);
    }
    proxy.reset();
    if (fired) await walk[walk.used ? "replayed" : "again"](what, key);
  }
  assert.ok(walk.used, "the last one, undisturbed, is done");
  assert.ok(last >= 3 && n === last + 2, `${last} exchanges, ${n - 1} tried`);
  return last;
}

test("exchanges", { concurrency: true }, (t) => Promise.all(PATHS.map((name) => t.test(name, async (t) => {
  const db = database(), proxy = new Proxy(db.dir);
  await proxy.ready;
  const api = new Api({ db: { ...db, server: db.server.replace(`host=${db.dir}`, `host=${proxy.dir}`) } });
  const books = await Books.open(db.dir, db.name), path = (await moneyPaths(api))[name];
  // To be away takes time, for each of ten tries: without --long on two of the paths.
  for (const mode of MODES.filter((mode) => long || !/stays/.test(mode.name) || ["contribution", "bank import"].includes(name)))
    await t.test(mode.name, async (t) => t.diagnostic(`${await walk(t, { proxy, books, path }, mode)} exchanges`));
  await books.close();
  await api.close();
  await proxy.close();
}))));
