// The backend is killed (-9) at an exchange, before it and after it was done, the COMMIT among them: PostgreSQL ends every other
// backend too and recovers, and the request is answered truly, done once or not at all.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { clusterStart, clusterStop, database } from "../lib/cluster.mjs";
import { Proxy } from "../lib/pgproxy.mjs";
import { Books, PATHS, Walk, long, moneyPaths } from "./money.mjs";

// A cluster of its own, of which all backends may end, and which has written what it has committed.
let dir, db, proxy, api, books, paths;
before(async () => {
  dir = clusterStart({ settings: "-c synchronous_commit=on" });
  db = database(dir);
  proxy = new Proxy(dir);
  await proxy.ready;
  api = new Api({ db: { ...db, server: db.server.replace(`host=${dir}`, `host=${proxy.dir}`) } });
  books = await Books.open(dir, db.name);
  paths = await moneyPaths(api);
});
after(async () => {
  await books.close();
  await api.close();
  await proxy.close();
  clusterStop(dir);
});

for (const name of PATHS)
  test(`${name}: its backend is killed at ${long ? "each exchange" : "COMMIT"}`, async (t) => {
    const walk = await Walk.start(books, paths[name]);
    await walk.prepare();
    proxy.reset();
    await walk.attempt("undisturbed", randomUUID(), []);
    const last = proxy.count;
    assert.match(proxy.seen.at(-1), /COMMIT/, "the last exchange commits");
    for (let n = long ? 1 : last; n <= last; n++)
      for (const mode of ["before", "after"]) {
        const what = `killed ${mode} exchange ${n} of ${last}`, key = randomUUID();
        await walk.prepare();
        proxy.arm(n, mode, { kill: true });
        await walk.attempt(what, key, ["database.away", "outcome.unknown"]);
        assert.ok(proxy.fired, what);
        proxy.reset();
        await books.look();
        await walk[walk.used ? "replayed" : "again"](what, key);
      }
    t.diagnostic(`${last} exchanges: ${walk.refused} refused, ${walk.succeeded} done`);
  });
