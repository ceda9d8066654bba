// The real server with many clients at once: one key is one booking, and who is wrong in a batch is refused alone.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";
import { Serve, sleep } from "../cmd/grenier.mjs";
import { database } from "../lib/cluster.mjs";

const CLIENTS = 64, ORGANISATIONS = 8;
const year = new Date().getUTCFullYear(), day = `${year}-01-02`;
let db, serve, organisations;

/** One exchange on a connection of its own. */
function call(org, method, where, { body, key } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(`api/v1/organisations/${org.slug}/${where}`, serve.url), { method, agent: false, timeout: 60_000,
      headers: { authorization: `Bearer ${org.token}`, "content-type": "application/json", ...(key ? { "idempotency-key": key } : {}) } });
    request.on("timeout", () => request.destroy(new Error("no answer"))).on("error", reject).on("response", (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part) => { text += part; }).on("end", () => resolve({ status: reply.statusCode, text, headers: reply.headers }));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Asks until it is neither too busy (503) nor in the hands of another (409 with Retry-After). */
async function persist(org, where, options) {
  for (;;) {
    const reply = await call(org, "POST", where, options);
    if (reply.status !== 503 && !(reply.status === 409 && reply.headers["retry-after"] !== undefined)) return reply;
    assert.ok(Number(reply.headers["retry-after"]) >= 0, reply.text);
    await sleep(50);
  }
}

async function make(org, where, body) {
  const reply = await persist(org, where, { body });
  assert.equal(reply.status, 201, reply.text);
  return JSON.parse(reply.text);
}

const count = (table, where) => Number(db.sql(`SELECT count(*) FROM fund.${table} WHERE ${where}`));
const lines = (credit) => [{ account: "512", debit: "4.00" }, { account: "7561", credit }];
const draft = async (org, label, credit = "4.00") => (await make(org, "entries", { journal: "OD", date: day, label, lines: lines(credit) })).id;

before(async () => {
  db = database();
  organisations = Array.from({ length: ORGANISATIONS }, (_, i) => ({ slug: `once-${i}` }));
  for (const org of organisations) {
    org.id = db.sql(`SELECT app.organisation_create('${org.slug}', 'Réseau', '${year}-01-01', 'cli:test')`);
    org.token = randomBytes(32).toString("base64url");
    db.sql(`SELECT app.token_create('${org.slug}', 'treasurer', decode('${createHash("sha256").update(org.token).digest("hex")}', 'hex'), NULL, NULL, 'test', 'cli:test')`);
  }
  serve = await Serve.start(["--database", db.conninfo], { program: "grenierd", as: {} });
  for (const org of organisations) org.member = (await make(org, "members", { name: "Les Jardins", legal_form: "association", joined_on: day })).id;
});
after(async () => {
  assert.equal(await serve?.stop(), 0);
  assert.equal(db.sql("SELECT string_agg(c::text, E'\\n') FROM app.check_books(NULL) c"), "");
  db.drop();
});

const gift = (org, label, amount = "10.00") => ({ member_id: org.member, amount, means: "cheque", nature: "dues", received_on: day, label });

test(`${CLIENTS} clients, one key: one booking, and the same answer for all`, async () => {
  const [org] = organisations, unposted = await draft(org, "validated once");
  const writes = {
    contribution: ["contributions", gift(org, "given once"), () => count("contribution", "label = 'given once'")],
    "its entry": ["contributions", gift(org, "booked once"), () => count("entry", "label = 'booked once'")],
    validation: [`entries/${unposted}/validations`, undefined, () => count("entry", `id = '${unposted}'`)],
    project: ["projects", { name: "made once" }, () => count("project", "name = 'made once'")],
  };
  for (const [what, [where, body, done]] of Object.entries(writes)) {
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: CLIENTS }, () => persist(org, where, { body, key })));
    assert.deepEqual([...new Set(replies.map((r) => `${r.status} ${r.text}`))].length, 1, `${what}: ${[...new Set(replies.map((r) => r.text))].join("\n")}`);
    assert.equal(replies[0].status, 201, replies[0].text);
    assert.equal(done(), 1, what);
  }
});

test(`${CLIENTS} clients, one key, two requests: one of them is booked, the other's senders are told`, async () => {
  const [org] = organisations, key = randomUUID();
  const replies = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => persist(org, "contributions", { key, body: gift(org, "one of two", i % 2 ? "1.00" : "2.00") })));
  const won = replies.filter((r) => r.status === 201), lost = replies.filter((r) => r.status === 422);
  assert.deepEqual([won.length, lost.length], [CLIENTS / 2, CLIENTS / 2]);
  assert.equal(new Set(won.map((r) => r.text)).size, 1);
  for (const reply of lost) assert.match(JSON.parse(reply.text).type, /idempotency\.mismatch$/);
  assert.equal(count("contribution", "label = 'one of two'"), 1);
});

/** Keeps an organisation's next write waiting until release(): what comes after it for the same writer waits in its queue. */
async function hold(org) {
  const psql = spawn("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", db.conninfo], { stdio: ["pipe", "pipe", "inherit"] });
  psql.stdin.write(`BEGIN; SELECT 'held' FROM fund.organisation WHERE id = '${org.id}' FOR UPDATE;\n`);
  await once(psql.stdout, "data");
  return async () => {
    psql.stdin.end("ROLLBACK;\n");
    await once(psql, "close");
  };
}

/** Another organisation whose writes the same thread does. */
async function neighbour(org) {
  const release = await hold(org), answered = new Set(), others = organisations.filter((o) => o !== org);
  const waiting = [call(org, "POST", "projects", { body: { name: randomUUID() } })];
  await sleep(150);
  for (const other of others) waiting.push(call(other, "POST", "projects", { body: { name: randomUUID() } }).then(() => answered.add(other)));
  for (let seen = -1; seen !== answered.size; await sleep(1000)) seen = answered.size; // those of other writers, however slow they are
  const found = others.find((other) => !answered.has(other));
  await release();
  await Promise.all(waiting);
  assert.ok(found !== undefined && answered.size > 0, "of eight organisations some have the same writer, others another one");
  return found;
}

test("a batch of two organisations, one request wrong, in every order: refused alone", async () => {
  const [first] = organisations, second = await neighbour(first);
  const wrongs = {
    "an unbalanced entry": [async (org, mark) => [`entries/${await draft(org, mark, "3.99")}/validations`, undefined], 422, "entry.unbalanced"],
    "a name that is taken": [async (org, mark) => { await make(org, "projects", { name: mark }); return ["projects", { name: mark }]; }, 422, "project.name_taken"],
    "somebody who is not there": [async (org, mark) => ["contributions", { ...gift(org, mark), member_id: randomUUID() }], 404, "not_found"],
  };
  let wave = 0;
  for (const [what, [prepare, status, code]] of Object.entries(wrongs))
    for (const wrong of [first, second])
      for (const position of [0, 3]) {
        const mark = `wave-${++wave}`, sends = [];
        const good = [[first, "gift"], [second, "entry"], [first, "entry"], [second, "gift"], [first, "gift"]];
        for (const [i, [org, kind]] of good.entries())
          sends.push(kind === "gift" ? [org, "contributions", gift(org, `${mark}-${i}`)] : [org, `entries/${await draft(org, `${mark}-${i}`)}/validations`, undefined]);
        sends.splice(position, 0, [wrong, ...await prepare(wrong, `${mark}-wrong`)]);
        const release = await hold(first);
        const waiting = [call(first, "POST", "projects", { body: { name: `${mark}-first` } })];
        await sleep(50); // it is with the writer, who waits; the others queue up behind it, in this order
        for (const [org, where, body] of sends) {
          waiting.push(call(org, "POST", where, { body, key: randomUUID() }));
          await sleep(8);
        }
        await sleep(60);
        await release();
        const replies = await Promise.all(waiting);
        const said = replies.map((r) => r.status);
        const wanted = [201, ...good.map(() => 201)];
        wanted.splice(1 + position, 0, status);
        assert.deepEqual(said, wanted, `${what}, ${wrong.slug}, at ${position}: ${replies.map((r) => r.text).join("\n")}`);
        assert.ok(replies[1 + position].text.includes(code), replies[1 + position].text);
        assert.equal(db.sql(`SELECT string_agg(label, ' ' ORDER BY label) FROM fund.entry WHERE label LIKE '${mark}-%'`),
          good.map((_, i) => `${mark}-${i}`).join(" "), "each right one is booked once, the wrong one is not");
      }
});
