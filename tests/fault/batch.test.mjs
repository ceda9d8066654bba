// Group commit on the real server: what waited for the organisation's lock is committed together, what is refused in the
// middle of it is refused alone, equal keys book once, and a batch that breaks is run again without loss.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import readline from "node:readline";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { build } from "../lib/cluster.mjs";

const year = new Date().getUTCFullYear();
let api, one, two, members, server, url;

before(async () => {
  api = new Api();
  one = api.organisation("one");
  two = api.organisation("two");
  members = {};
  for (const org of [one, two])
    members[org.slug] = (await org.make("members", { name: "Les Jardins", legal_form: "association", joined_on: `${year}-01-01` })).id;
  server = spawn(path.join(build, "bin/grenierd"), ["--database", api.db.conninfo, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  server.ended = new Promise((resolve) => server.on("close", resolve));
  url = await new Promise((resolve) => readline.createInterface({ input: server.stdout }).on("line", (line) => {
    const found = /http:\/\/[^\s/]+/.exec(line);
    if (found) resolve(found[0]);
  }));
});
after(async () => {
  server.kill("SIGTERM");
  assert.equal(await server.ended, 0, "the server ends without a sanitizer's report");
  await api.close();
});

async function send(org, body, key) {
  const reply = await fetch(`${url}/api/v1/organisations/${org.slug}/contributions`, { method: "POST", body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${org.tokens.treasurer}`, "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) } });
  return { status: reply.status, body: await reply.json() };
}
const gift = (org, label, more = {}) => ({ member_id: members[org.slug], amount: "10.00", received_on: `${year}-01-15`, means: "cheque",
  nature: "dues", label, ...more });
const commits = () => Number(api.db.sql("SELECT pg_stat_clear_snapshot(); SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()").trim().split("\n").at(-1));

/** Holds the lock of organisation one while `work` sends, so that all it sends waits behind its first request. */
async function behindLock(work) {
  const holder = spawn("psql", ["-X", "-q", "-At", api.db.conninfo], { stdio: ["pipe", "pipe", "inherit"] });
  const said = new Promise((resolve) => holder.stdout.once("data", resolve));
  holder.stdin.write("BEGIN; SELECT 'held' FROM fund.organisation WHERE slug = 'one' FOR NO KEY UPDATE;\n");
  await said;
  const replies = work();
  await new Promise((resolve) => setTimeout(resolve, 600));
  holder.stdin.end("ROLLBACK;\n");
  return Promise.all(replies);
}
const written = (org) => Number(org.sql("SELECT count(*) FROM fund.contribution"));

test("what waited is one commit; the refused one is refused alone; equal keys are one booking", async () => {
  const before = [written(one), written(two)], transactions = commits();
  const replies = await behindLock(() => [
    send(one, gift(one, "first")),
    ...Array.from({ length: 20 }, (_, i) => send(i % 3 === 0 ? two : one, gift(i % 3 === 0 ? two : one, `gift ${i}`))),
    send(one, gift(one, "too late", { received_on: "2999-01-01" })),
    send(one, gift(one, "of another", { member_id: members.two })),
    send(one, gift(one, "nobody's nature", { nature: "patronage" })),
    send(one, gift(one, "twice"), "same-key"), send(one, gift(one, "twice"), "same-key"),
  ]);
  assert.deepEqual(replies.map((r) => r.status), [...Array(21).fill(201), 422, 404, 422, 201, 201]);
  assert.equal((await send(one, gift(one, "other"), "same-key")).status, 422, "other content under the same key");
  const fault = (reply) => reply.body.errors?.map((e) => `${e.pointer} ${e.code}`).join();
  assert.equal(fault(replies[21]), "/received_on contribution.future");
  assert.match(fault(replies[23]), /^\/nature /);
  assert.deepEqual(replies[24].body, replies[25].body, "the same answer for the same key");
  assert.deepEqual([written(one), written(two)], [before[0] + 1 + 13 + 1, before[1] + 7]);
  for (let i = 1; i < 21; i++) assert.equal(replies[i].body.label, `gift ${i - 1}`, "each has its own answer");
  // Statistics come in within a second. Alone, each of 26 would have been a commit, and another to know who asks.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(commits() - transactions < 26, `${commits() - transactions} commits`);
  const order = one.sql("SELECT string_agg(recorded_at::text, ',' ORDER BY number) FROM fund.entry").split(",");
  assert.deepEqual(order, [...order].sort(), "numbers and instants go up together");
});

test("a batch that its backend does not survive is run again: all are in the books once", async () => {
  const before = written(one);
  const replies = await behindLock(() => {
    const sent = Array.from({ length: 12 }, (_, i) => send(one, gift(one, `killed ${i}`), `killed-${i}`));
    setTimeout(() => api.db.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
      AND application_name <> 'psql' AND wait_event_type = 'Lock' AND usename <> 'nobody'`), 300);
    return sent;
  });
  assert.deepEqual(replies.map((r) => r.status), Array(12).fill(201), JSON.stringify(replies.find((r) => r.status !== 201)));
  assert.equal(written(one), before + 12);
});

for (const [state, when, table] of [["40P01", "at the write", "contribution"], ["53100", "at the write", "contribution"], ["40001", "at COMMIT", "idempotency_key"]])
  test(`one that breaks the transaction (${state}, ${when}) does not take the others along`, async () => {
    const broken = table === "contribution" ? `NEW.label = 'broken-${state}'` : `NEW.key = 'client:broken-${state}'`;
    api.db.sql(`SET ROLE grenier_owner; CREATE FUNCTION app.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF ${broken} THEN RAISE EXCEPTION 'broken' USING ERRCODE = '${state}'; END IF; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER broken AFTER INSERT ON fund.${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.broken()`);
    const before = written(one);
    const replies = await behindLock(() => Array.from({ length: 8 }, (_, i) => send(one, gift(one, i === 4 ? `broken-${state}` : `fine ${i}`), i === 4 ? `broken-${state}` : undefined)));
    api.db.sql("DROP FUNCTION app.broken() CASCADE");
    assert.deepEqual(replies.map((r) => r.status), [201, 201, 201, 201, 503, 201, 201, 201]);
    assert.equal(written(one), before + 7);
    const again = await send(one, gift(one, `broken-${state}`), `broken-${state}`);
    assert.equal(again.status, 201, JSON.stringify(again.body));
    assert.equal(written(one), before + 8);
  });
