// The clock is wrong: ten years ahead, ten years behind, set back, and jumping about under writers. PostgreSQL's is the only
// clock that anything recorded depends on (the server itself puts its own into request ids and its log alone), so it is the
// one that is moved, by libfaketime. Order and numbers hold; what has a time to live is refused by the clock of the moment.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { clusterStart, clusterStop, database } from "../lib/cluster.mjs";

const libfaketime = readdirSync("/usr/lib").map((arch) => `/usr/lib/${arch}/faketime/libfaketimeMT.so.1`).find((file) => existsSync(file));
const skip = libfaketime === undefined ? "SKIPPED: libfaketime is not installed (package faketime)" : false;
const year = new Date().getUTCFullYear();
const TEN_YEARS = 3653; // days

let folder, cluster, api, own;
const clock = (days) => writeFileSync(path.join(folder, "now"), `${days < 0 ? "" : "+"}${days * 86400}\n`);

before(() => {
  if (skip) return;
  folder = mkdtempSync(path.join(tmpdir(), "gclock."));
  chmodSync(folder, 0o755);
  clock(0);
  cluster = clusterStart({ env: { LD_PRELOAD: libfaketime, FAKETIME_TIMESTAMP_FILE: path.join(folder, "now"), FAKETIME_NO_CACHE: "1",
    DONT_FAKE_MONOTONIC: "1", FAKETIME_DONT_RESET: "1" } });
  api = new Api({ db: database(cluster) });
  own = api.organisation("own");
  clock(-2 * TEN_YEARS); // nothing is valid before it was made
  own.tokens.treasurer = api.token("own", "treasurer", null, "2200-01-01");
  clock(0);
});
after(async () => {
  if (skip) return;
  clock(0);
  await api.close();
  clusterStop(cluster);
  rmSync(folder, { recursive: true });
});

const today = () => api.db.sql("SELECT clock_timestamp()::date");
const far = () => Math.round((Date.parse(today()) - Date.now()) / 86400e3);
const lines = [{ account: "512", debit: "1.00" }, { account: "7561", credit: "1.00" }];
const instant = (text) => text.replace(/\.?(\d*)Z$/, (_, digits) => `.${digits.padEnd(6, "0")}Z`);
async function post(org, label) {
  const draft = await org.make("entries", { journal: "OD", date: `${year}-01-02`, label, lines });
  return org.make(`entries/${draft.id}/validations`);
}

/** Numbers 1, 2, 3… in the order of their recorded instants, which differ; events in the order of theirs. */
function inOrder() {
  const entries = own.sql(`SELECT count(*), count(*) FILTER (WHERE number = row_number), count(*) FILTER (WHERE recorded_at > before) FROM (
    SELECT number, row_number() OVER (ORDER BY recorded_at), recorded_at,
      lag(recorded_at, 1, '-infinity') OVER (ORDER BY number) AS before FROM fund.entry WHERE journal_code = 'OD') e`).split("|");
  assert.equal(new Set(entries).size, 1, `entries, numbered in order, recorded in order: ${entries}`);
  assert.equal(own.sql("SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY id) AS before FROM audit.event) e WHERE at < before"), "0");
  return Number(entries[0]);
}

test("ten years on, back, ten years behind, and back: entries keep their order and their numbers", { skip }, async (t) => {
  let last = null, number = 0;
  for (const days of [0, TEN_YEARS, 0, -TEN_YEARS, 0, TEN_YEARS, -TEN_YEARS, 0]) {
    clock(days);
    assert.ok(Math.abs(far() - days) < 3, `the clock says ${today()}`);
    for (let i = 0; i < 2; i++) {
      const entry = await post(own, `${days} days`);
      assert.equal(entry.number, ++number);
      const recorded = instant(entry.recorded_at);
      assert.ok(last === null || recorded > last, `${recorded} after ${last}`);
      last = recorded;
    }
    const balance = await own.get("reports/trial-balance");
    assert.equal(balance.status, 200, balance.text);
    // A report as it is known now is dated by the last thing recorded, not by a clock that is behind it.
    assert.ok(instant(balance.body.known_at) >= last, `${balance.body.known_at} before ${last}`);
  }
  assert.equal(inOrder(), number);
  t.diagnostic(`${number} entries, the last recorded at ${last}`);
});

test("what the date of today refuses, and what goes on", { skip }, async () => {
  const gift = (received_on) => own.post("contributions", { donor: { name: "Une donatrice", legal_form: "person" }, amount: "10.00",
    means: "cheque", nature: "donation", received_on });
  clock(TEN_YEARS);
  assert.equal((await gift(`${year}-01-02`)).status, 201, "in the open year, whatever the clock says");
  const none = await gift(today());
  assert.deepEqual([none.status, /fiscal_year\.none/.test(none.text)], [422, true], none.text);
  clock(-TEN_YEARS);
  const future = await gift(`${year}-01-02`);
  assert.deepEqual([future.status, /contribution\.future/.test(future.text)], [422, true], future.text);
  await post(own, "an entry has the date it is given");
  clock(0);
  assert.equal((await gift(`${year}-01-02`)).status, 201);
});

test("the clock jumps about under four writers", { skip }, async (t) => {
  const writers = [api, ...[1, 2, 3].map(() => new Api({ db: api.db }))];
  const orgs = writers.map((a) => Object.assign(Object.create(own), { api: a }));
  const already = inOrder();
  let writing = true, jumps = 0;
  const jumper = (async () => {
    for (; writing; jumps++) {
      clock([0, TEN_YEARS, -TEN_YEARS, 1, -1][jumps % 5]);
      await sleep(7);
    }
  })();
  await Promise.all(orgs.map(async (org, w) => {
    for (let i = 0; i < 15; i++) await post(org, `writer ${w}`);
  }));
  writing = false;
  await jumper;
  clock(0);
  assert.equal(inOrder(), already + 60);
  for (const a of writers.slice(1)) {
    a.process.stdin.end();
    assert.equal(await a.ended, 0);
  }
  t.diagnostic(`60 entries, ${jumps} jumps`);
});

const PASSWORD = "une phrase bien longue";
const browser = { Host: "127.0.0.1:8080", Origin: "http://127.0.0.1:8080", "X-Grenier": "1" };
const call = (method, where, body, headers) => api.call(null, method, "/api/v1" + where, { body, headers: { ...browser, ...headers } });
const secret = () => {
  const text = randomBytes(32).toString("base64url");
  return [text, createHash("sha256").update(text).digest("hex")];
};
const link = (user) => {
  const [text, hash] = secret();
  api.db.sql(`SELECT app.link_create('password', '${user}', decode('${hash}', 'hex'), interval '3 days', 'cli:test')`);
  return text;
};
const signIn = async (email) => {
  const reply = await call("POST", "/sessions", { email, password: PASSWORD });
  assert.equal(reply.status, 200, reply.text);
  return { Cookie: reply.headers["set-cookie"].split(";")[0] };
};
const person = async (email) => {
  const id = api.db.sql(`SELECT app.user_create('${email}', 'Une personne', 'fr', 'cli:test')`);
  api.db.sql(`SELECT app.membership_create('${id}', 'own', 'treasurer', NULL, 'cli:test')`);
  const used = await call("POST", `/one-time-links/${link(id)}/uses`, { password: PASSWORD });
  assert.equal(used.status, 200, used.text);
  return id;
};

test("sessions, access keys and links live by the clock, and not longer for one that ran ahead", { skip }, async () => {
  const id = await person("anna@example.org");
  const made = async () => ({ session: await signIn("anna@example.org"), key: api.token("own", "treasurer"), link: link(id) });
  const valid = async (made) => [(await call("GET", "/me", undefined, made.session)).status,
    (await own.get("funds", { token: made.key })).status, (await call("GET", `/one-time-links/${made.link}`)).status];
  const VALID = [200, 200, 200], NOT = [401, 401, 410];
  const now = await made();
  assert.deepEqual(await valid(now), VALID);
  clock(1 / 24 * 9);
  assert.deepEqual(await valid(now), [401, 200, 200], "nine hours later the session is over, unused");
  clock(TEN_YEARS);
  assert.deepEqual(await valid(now), NOT, "ten years on all of them are over");
  const ahead = await made();
  assert.deepEqual(await valid(ahead), VALID);
  clock(0);
  assert.deepEqual(await valid(ahead), NOT, "what was made ahead of time is not valid for ten years");
  assert.deepEqual(await valid(now), VALID, "what was over by a wrong clock only, is not");
  clock(-TEN_YEARS);
  assert.deepEqual(await valid(now), NOT, "nothing is valid before it was made");
  const behind = await made();
  assert.deepEqual(await valid(behind), VALID);
  const refused = await call("GET", "/organisations/own/funds", undefined, behind.session);
  assert.equal(refused.status, 404, "a role that begins later is none yet");
  clock(0);
  assert.deepEqual(await valid(behind), NOT);
  assert.equal((await call("GET", "/organisations/own/funds", undefined, now.session)).status, 200);
});

test("who was refused ahead of time does not wait for ten years", { skip }, async () => {
  await person("bea@example.org");
  const wrong = () => call("POST", "/sessions", { email: "bea@example.org", password: "wrong" });
  clock(TEN_YEARS);
  let last;
  for (let i = 0; i < 30 && last?.status !== 429; i++) last = await wrong();
  assert.equal(last.status, 429, last.text);
  clock(0);
  last = await wrong();
  assert.equal(last.status, 401, last.text);
  await signIn("bea@example.org");
});

test("idempotency keys: kept for 72 hours of the clock", { skip }, async () => {
  const key = randomUUID();
  const give = () => own.post("contributions", { donor: { name: "X", legal_form: "person" }, amount: "10.00", means: "cheque", nature: "donation",
    received_on: `${year}-01-02`, label: key }, { headers: { "Idempotency-Key": key } });
  const booked = () => own.sql(`SELECT count(*) FROM fund.contribution WHERE label = '${key}'`);
  const purge = () => api.db.sql("SELECT removed FROM api.purge() WHERE name = 'idempotency_key'");
  const first = await give();
  assert.equal(first.status, 201, first.text);
  for (const days of [-TEN_YEARS, 2, TEN_YEARS]) {
    clock(days);
    if (days < TEN_YEARS) purge();
    const again = await give();
    assert.deepEqual([again.status, again.body, booked()], [201, first.body, "1"], `${days} days`);
  }
  // The price of a clock ten years ahead when keys are purged: a request asked again after that is a new one.
  assert.ok(Number(purge()) > 0);
  assert.equal((await give()).status, 201);
  assert.equal(booked(), "2");
});
