// Random operations over the whole API, in process: each answered as a second bookkeeping foretells, and the books agree.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { build } from "../lib/cluster.mjs";
import { start } from "./start.mjs";

const long = process.env.GRENIER_LONG === "1";
const seed = process.env.SEED ?? String(Date.now() % 1e9);
const total = Number(process.env.OPERATIONS ?? (long ? 1_000_000 : 20_000));
const PER_ORGANISATION = 25_000, COMPARE = 1_000;
console.log(`# SEED=${seed}`);

const started = [];
/** A program and its database; ended also when its test fails. */
function api() {
  started.push(new Api());
  return started.at(-1);
}
after(() => started.forEach((it) => it.process.kill()));

/** What the operator would ask: nothing is found. */
function check(db, organisations) {
  for (const [more, found] of [[[], `organisations checked: ${organisations}, faults: 0`], [["--books"], "nothing differs"]]) {
    const run = spawnSync(path.join(build, "bin/grenier"), ["check", ...more, "--database", db.conninfo], { encoding: "utf8", env: { ...process.env, LANG: "C.UTF-8" } });
    assert.equal(run.status, 0, `${more} ${run.stdout}${run.stderr} (SEED=${seed})`);
    assert.ok(run.stdout.includes(found), run.stdout);
  }
}

async function drive(load, operations) {
  for (let next = load.operations + COMPARE; load.operations < operations; ) {
    await load.step();
    if (load.operations < next) continue;
    await load.compare();
    next += COMPARE;
  }
  await load.compare();
}

test("a seed fixes the operations and what comes of them", async () => {
  const [one, other] = [api(), api()], digests = [];
  for (const it of [one, other]) {
    const pair = await start(it, ["first-one", "other-one"], "same");
    for (const load of pair) await drive(load, 150);
    digests.push(pair.map((load) => load.digest()));
  }
  await Promise.all([one.close(), other.close()]);
  assert.deepEqual(digests[0], digests[1]);
  assert.notEqual(digests[0][0], digests[0][1]);
});

test(`${total} random operations: foretold, balanced, and nothing for grenier check`, async (t) => {
  const apis = Array.from({ length: Math.min(2, availableParallelism()) }, api);
  const each = Math.max(2, Math.ceil(total / apis.length / PER_ORGANISATION)), begun = Date.now();
  const all = [];
  await Promise.all(apis.map(async (api, a) => {
    const mine = await start(api, Array.from({ length: each }, (_, i) => `load-${a}-${i}`), seed);
    all.push(...mine);
    // One organisation's requests wait for one another; those of two keep the program busy.
    await Promise.all(mine.map((load) => drive(load, Math.ceil(total / apis.length / each))));
  }));
  const seconds = (Date.now() - begun) / 1000, counts = {};
  for (const load of all) for (const [kind, n] of Object.entries(load.counts)) counts[kind] = (counts[kind] ?? 0) + n;
  const sum = Object.values(counts).reduce((a, b) => a + b, 0), refused = Object.entries(counts).reduce((a, [kind, n]) => a + (kind.startsWith("refused") ? n : 0), 0);
  t.diagnostic(`${sum} operations on ${all.length} organisations in ${seconds.toFixed(0)} s (${(sum / seconds).toFixed(0)}/s), ${refused} refused, ${all.reduce((n, l) => n + l.books.entries, 0)} entries`);
  t.diagnostic(Object.entries(counts).map(([kind, n]) => `${kind} ${n}`).join(", "));
  for (const it of apis) {
    check(it.db, each);
    await it.close();
  }
});
