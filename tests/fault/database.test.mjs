// The connection to the database breaks at every exchange of every kind of write, before the server saw it and after it did
// it: what was answered is true, and what was asked is done once.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { database } from "../lib/cluster.mjs";
import { Proxy } from "../lib/pgproxy.mjs";
import { PATHS } from "./money.mjs";

let api, own, proxy, member, fund;
const year = new Date().getUTCFullYear();
const day = `${year}-01-02`;

before(async () => {
  const db = database();
  proxy = new Proxy(db.dir);
  await proxy.ready;
  api = new Api({ db: { ...db, server: db.server.replace(`host=${db.dir}`, `host=${proxy.dir}`) } });
  own = api.organisation("own");
  member = await own.make("members", { name: "Les Jardins", legal_form: "association", joined_on: day });
  fund = (await own.get("funds")).body.items[0];
});
after(async () => {
  proxy.reset();
  await api.close();
  await proxy.close();
});

const gift = (label) => ({ member_id: member.id, amount: "10.00", means: "cheque", nature: "dues", received_on: day, label });
const lines = [{ account: "512", debit: "1.00" }, { account: "7561", credit: "1.00" }];
const draft = (label) => own.make("entries", { journal: "OD", date: day, label, lines });

// Each: what must be there first, the request, and how often it is in the books (by a text of its own).
const count = (table, where) => Number(own.sql(`SELECT count(*) FROM fund.${table} WHERE ${where}`));
const writes = {
  "contribution": { send: (u, options) => own.post("contributions", gift(u), options),
    done: (u) => count("contribution", `label = '${u}'`) },
  "member": { send: (u, options) => own.post("members", { name: u, legal_form: "person", joined_on: day }, options),
    done: (u) => count("member", `name = '${u}'`) },
  "project": { send: (u, options) => own.post("projects", { name: u }, options), done: (u) => count("project", `name = '${u}'`) },
  "draft": { send: (u, options) => own.post("entries", { journal: "OD", date: day, label: u, lines }, options),
    done: (u) => count("draft", `label = '${u}'`) },
  "validation": { first: draft, send: (u, options, made) => own.call("POST", `entries/${made.id}/validations`, options),
    done: (u) => count("entry", `label = '${u}'`) },
  "reversal": { first: async (u) => {
      const made = await draft(u);
      await own.make(`entries/${made.id}/validations`);
      return made;
    },
    send: (u, options, made) => own.post(`entries/${made.id}/reversals`, { date: day, reason: "wrong" }, options),
    done: (u, made) => count("entry", `reverses_entry_id = '${made.id}'`) },
  "cancellation": { first: (u) => own.make("contributions", gift(u)),
    send: (u, options, made) => own.post(`contributions/${made.id}/cancellations`, { reason: "wrong" }, options),
    done: (u, made) => count("entry", `reverses_entry_id = '${made.entry_id}'`) },
  "correction": { first: (u) => own.make("contributions", gift(u)),
    send: (u, options, made) => own.post(`contributions/${made.id}/corrections`, { reason: "wrong", amount: "11.00" }, options),
    done: (u, made) => count("contribution", `corrects_id = '${made.id}'`) },
  "import of members": { send: (u, options) => own.upload("member-imports", "m.csv", `nom;forme;adhésion\n${u};personne;${day}\n`, options),
    done: (u) => count("member", `name = '${u}'`) },
  "change of a fund": { first: async () => (await own.get(`funds/${fund.id}`)).headers.etag,
    send: (u, options, tag) => own.call("PATCH", `funds/${fund.id}`, { body: { name: u }, headers: { "If-Match": tag } }),
    done: (u) => count("fund", `name = '${u}'`), versioned: true },
  "deletion of a draft": { first: draft,
    send: (u, options, made) => own.call("DELETE", `entries/${made.id}`, { headers: { "If-Match": '"v1"' } }),
    done: (u, made) => 1 - count("draft", `id = '${made.id}'`), versioned: true },
};

async function exchanges(write) {
  const u = `n-${randomUUID()}`, first = await write.first?.(u);
  proxy.reset();
  const reply = await write.send(u, {}, first);
  assert.ok(reply.status < 300, reply.text);
  assert.equal(write.done(u, first), 1);
  return proxy.count;
}

let cases = 0;
// With a key the money paths are walked in exchanges.test.mjs; without one, two of them here.
const unkeyed = ["contribution", "import of members"];
for (const [name, write] of Object.entries(writes).filter(([name]) => unkeyed.includes(name) || !PATHS.includes(name)))
  for (const keyed of write.versioned || unkeyed.includes(name) ? [false] : [true])
    test(`${name}${keyed ? " with a key" : ""}: the connection breaks at each exchange`, async () => {
      const n = await exchanges(write);
      assert.ok(n >= 3, `${n} exchanges`); // who asks, the work, the commit
      for (let at = 1; at <= n; at++)
        for (const mode of ["before", "after"]) {
          const u = `w-${randomUUID()}`, options = keyed ? { headers: { "Idempotency-Key": u } } : {};
          const first = await write.first?.(u);
          const what = `${name}, exchange ${at} of ${n}, ${mode}`;
          proxy.arm(at, mode);
          const reply = await write.send(u, options, first);
          assert.ok(proxy.fired, what);
          assert.ok(reply.status < 300, `${what}: ${reply.status} ${reply.text}`);
          assert.equal(write.done(u, first), 1, `${what}: in the books once`);
          if (keyed) {
            const again = await write.send(u, options, first);
            assert.deepEqual([again.status, again.body], [reply.status, reply.body], `${what}: asked again`);
            assert.equal(write.done(u, first), 1, `${what}: still once`);
          }
          cases++;
        }
      assert.ok(cases > 0);
    });

test("a COMMIT that is a ROLLBACK is never a success", async () => {
  for (const name of ["contribution", "project", "import of members"]) {
    const u = `r-${randomUUID()}`, options = { headers: { "Idempotency-Key": u } };
    proxy.arm("COMMIT\0", "instead", { sql: "ROLLBACK" });
    const reply = await writes[name].send(u, options);
    assert.ok(proxy.fired);
    // What is committed with others is tried again alone.
    const alone = name.startsWith("import");
    assert.equal(reply.status, alone ? 500 : 201, reply.text);
    assert.equal(writes[name].done(u), alone ? 0 : 1);
    assert.equal((await writes[name].send(u, options)).status, name.startsWith("import") ? 200 : 201);
    assert.equal(writes[name].done(u), 1);
  }
});

// Errors of the server at the write itself and at COMMIT, when every check has passed: a trigger that fails as a full disk does.
for (const [state, what, status] of [["53100", "the disk is full", 503], ["53200", "no memory", 503], ["57014", "too long", 503],
  ["XX000", "an internal error", 500], ["58030", "the disk fails", 500], ["40001", "serialisation", 503], ["40P01", "deadlock", 503], ["55P03", "a lock is not had", 503],
  ["22012", "a bug of ours", 500], ["P0001", "a bug of ours, raised", 500], ["23514", "a constraint without a name", 500]])
  test(`${what} (${state}), at the write and at COMMIT: said, and nothing half done`, async () => {
    for (const [when, table, event] of [["write", "contribution", "AFTER INSERT"], ["commit", "idempotency_key", "AFTER INSERT"]]) {
      api.db.sql(`SET ROLE grenier_owner; CREATE FUNCTION app.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'Jeanne Secret' USING ERRCODE = '${state}', DETAIL = 'Jeanne Secret'; END $$;
        CREATE CONSTRAINT TRIGGER broken ${event} ON fund.${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.broken()`);
      const u = `e-${randomUUID()}`, options = { headers: { "Idempotency-Key": u } };
      const events = Number(own.sql("SELECT count(*) FROM audit.event"));
      const reply = await writes.contribution.send(u, options);
      api.db.sql("DROP FUNCTION app.broken() CASCADE");
      assert.equal(reply.status, status, `${when}: ${reply.text}`);
      assert.ok(!reply.text.includes("Jeanne"), reply.text);
      assert.equal(writes.contribution.done(u), 0, when);
      assert.equal(count("entry", `label = '${u}'`), 0, when);
      assert.equal(count("idempotency_key", `key = 'client:${u}'`), 0, when);
      assert.equal(Number(own.sql("SELECT count(*) FROM audit.event")), events, when);
      const again = await writes.contribution.send(u, options);
      assert.equal(again.status, 201, again.text);
      assert.equal(writes.contribution.done(u), 1, when);
    }
  });

test("reading while the connection breaks: the whole answer or none", async () => {
  for (const path of ["members", "contributions?format=csv", "reports/trial-balance", "reports/trial-balance?format=csv", "exports/ledger-journal", "audit-events", "funds"]) {
    proxy.reset();
    const right = await own.get(path);
    assert.equal(right.status, 200, right.text);
    const n = proxy.count;
    for (let at = 1; at <= n; at++)
      for (const mode of ["before", "after"]) {
        proxy.arm(at, mode);
        const reply = await own.get(path);
        assert.ok(proxy.fired);
        assert.equal(reply.status, 200, `${path} ${at} ${mode}: ${reply.text}`);
        if (/known_at/.test(right.text) || path === "audit-events") continue;
        assert.equal(reply.text, right.text, `${path} ${at} ${mode}`);
        cases++;
      }
  }
});

test("the count", (t) => {
  t.diagnostic(`${cases} breaks`);
  assert.ok(cases > 80, `${cases}`);
});
