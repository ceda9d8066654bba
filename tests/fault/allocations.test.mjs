// Each allocation of each money path fails in turn, once, or from there on for the rest of the request: in our code, libpq,
// jansson, expat, the C library alike. What is answered is true, what is refused is not half written, nothing is leaked (the
// leak sanitizer at the end), and the next request finds a server in order.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Api } from "../lib/api.mjs";
import { Books, PATHS, Walk, long, moneyPaths } from "./money.mjs";

// Where memory has ended a connection is tried for, for a second or two, before the request is refused: without --long every
// STRIDE-th place is tried then, from one that changes with the path.
const STRIDE = 23;
// What may be said: no memory; no connection, where libpq had none to speak or to open one.
const CODES = ["wordless", "memory", "bank_file.memory", "csv.memory", "internal", "database.away", "outcome.unknown"];


async function walk(t, { api, books, path }, { onwards, stride, offset }) {
  const walk = await Walk.start(books, path);
  let n = offset;
  for (let done = false; !done; n += stride) {
    const what = `allocation ${n}${onwards ? " and all after" : ""}`, key = randomUUID();
    await walk.prepare();
    api.fault = { fail_allocation: n, fail_onwards: onwards };
    await walk.attempt(what, key, CODES);
    done = api.allocations < n;
    if (walk.unknown || (!walk.used && n % 5 === 0)) await walk.again(what, key);
  }
  assert.ok(walk.used, "the last one, undisturbed, is done");
  t.diagnostic(`${n - stride} allocations: ${walk.refused} refused, ${walk.succeeded} done`);
  assert.ok(walk.refused > (stride === 1 ? 9 : 0), `${walk.refused} refused`);
}

// Side by side, each with a server and a database of its own: where libpq forgets the end of a pipeline for want of memory,
// ten seconds pass before the connection is given up.
test("allocations", { concurrency: true }, (t) => Promise.all(PATHS.map((name, i) => t.test(name, async (t) => {
  const api = new Api(), books = await Books.open(api.db.dir, api.db.name), path = (await moneyPaths(api))[name];
  await t.test("one fails, each in turn", (t) => walk(t, { api, books, path }, { onwards: false, stride: 1, offset: 1 }));
  await t.test(`memory ends at ${long ? "each place" : `every ${STRIDE}rd place`}`, (t) =>
    walk(t, { api, books, path }, { onwards: true, stride: long ? 1 : STRIDE, offset: long ? 1 : 1 + 5 * i % STRIDE }));
  await books.close();
  await api.close();
}))));
