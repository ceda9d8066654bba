// The permission matrix, cell by cell, from the served OpenAPI document: endpoint × role × own organisation, another's, none;
// by access key and by session; anonymous, expired, ended, disguised and forged. What is refused says nothing of what is
// there, and changes nothing.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api, ROLES, multipart } from "../lib/api.mjs";
import { books } from "../lib/books.mjs";
import { database } from "../lib/cluster.mjs";
import { Proxy } from "../lib/pgproxy.mjs";

let api, own, other, doc, proxy;
const people = {}; // role: the session of a person who has it in "own"
const cookie = (secret) => ({ Cookie: `__Host-grenier=${secret}` });
const page = { "X-Grenier": "1", Origin: "http://127.0.0.1:8080", Host: "127.0.0.1:8080" };
const hash = (secret) => createHash("sha256").update(secret).digest("hex");
const sql = (text) => api.db.sql(text).trim();

// A person with roles in "own", and a session: a secret for the cookie. `columns` of the session as SQL.
function person(roles = [], columns = {}) {
  const secret = randomBytes(32).toString("base64url"), name = randomUUID();
  const user = sql(`SELECT app.user_create('${name}@example.org', 'Personne', 'fr', 'cli:test')`);
  for (const role of roles)
    sql(`SELECT app.membership_create('${user}', 'own', '${role}', ${role === "member" ? `'${own.ids.member}'` : "NULL"}, 'cli:test')`);
  const all = { token_hash: `decode('${hash(secret)}', 'hex')`, id: `'${randomUUID()}'`, user_id: `'${user}'`,
    idle_limit: "interval '8 hours'", expires_at: "now() + interval '7 days'", ...columns };
  sql(`INSERT INTO app.session (${Object.keys(all)}) VALUES (${Object.values(all)})`);
  return { secret, user };
}

before(async () => {
  const db = database();
  proxy = new Proxy(db.dir);
  await proxy.ready;
  api = new Api({ db: { ...db, server: db.server.replace(`host=${db.dir}`, `host=${proxy.dir}`) } });
  own = api.organisation("own");
  other = api.organisation("other");
  doc = (await api.call(null, "GET", "/api/v1/openapi.json")).body;
  for (const organisation of [own, other]) {
    organisation.ids = await books(organisation);
    organisation.tokens.member = api.token(organisation.slug, "member", organisation.ids.member);
  }
  for (const role of ROLES) people[role] = person([role]).secret;
});
after(async () => {
  await api.close();
  await proxy.close();
});

const operations = () => Object.entries(doc.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));
const inside = () => operations().filter((op) => op.path.startsWith("/organisations/{organisation}"));
// outside of organisations the roles are "signed in" and "anyone"
const outside = () => operations().filter((op) => !op.path.startsWith("/organisations/{organisation}"));
const closed = () => operations().filter((op) => !op.operation.security);

const kinds = { members: "member", funds: "fund", projects: "project", "fiscal-years": "year", contributions: "contribution",
  "in-kind-contributions": "kind", entries: "draft", "bank-accounts": "bank", "bank-statements": "statement",
  "bank-transactions": "transaction", "bank-matches": "match" };

// A request understood up to its body, which no endpoint takes: who may is told so, and nothing is written. With identifiers
// of things that are there.
function request(op, organisation, headers = {}) {
  const path = "/api/v1" + op.path.replace("{organisation}", organisation.slug).replace("{account}", "512@2020-01-01")
    .replace("{match_id}", organisation.ids.match).replace("{token}", "nowhere")
    .replace(/([\w-]+)\/\{id\}/, (_, list) => {
      assert.ok(list in kinds || list === "sessions", `an identifier for ${list}: add its kind here`);
      return `${list}/${organisation.ids[kinds[list]] ?? randomUUID()}`;
    });
  assert.ok(!path.includes("{"), path);
  const options = { headers: { "If-Match": '"v1"', ...headers } };
  if (op.operation.requestBody?.content["multipart/form-data"]) options.form = multipart([{ name: "nonsense", content: "x" }]);
  else if (op.method !== "GET") options.body = { nonsense: 1 };
  return [op.method, path, options];
}

const tables = () => sql("SELECT relname FROM pg_class WHERE relnamespace = 'fund'::regnamespace AND relkind = 'r' AND relname <> 'idempotency_key'").split("\n");
const state = () => [own, other].map((o) => o.sql(`SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (${tables().map((t) => `SELECT to_jsonb(t) FROM fund.${t} t`).join(" UNION ALL ")}) s (x)`));
const unchanged = async (work) => {
  const before = state();
  await work();
  assert.deepEqual(state(), before, "nothing changed");
};

// A refusal is a problem, and has no word of the books.
function refused(reply, wanted, cell) {
  assert.ok([wanted].flat().includes(reply.status), `${cell}: ${reply.status} ${reply.text}`);
  assert.match(reply.headers["content-type"], /^application\/problem\+json/, cell);
  assert.doesNotMatch(String(reply.text), /Jardins|Forge|Réserve|Chantier|Achat|DONATEUR|Association o/, cell);
  assert.equal(reply.headers.etag, undefined, cell);
}

const plain = (reply) => JSON.stringify({ ...reply.body, instance: "", request_id: "" });

test("the matrix is not empty", () => {
  assert.ok(inside().length >= 60, `${inside().length} operations`);
  assert.deepEqual(outside().filter((op) => op.operation.security).map((op) => op.operation.operationId).sort(),
    ["health", "one_time_link_show", "one_time_link_use", "openapi", "ready", "session_create"], "open to anyone");
  for (const op of inside()) assert.ok(op.operation["x-roles"].every((r) => ROLES.includes(r)), op.operation.operationId);
});

// A cell of the own organisation: who may not is refused; who may gets what is there, or is told of the body.
function cell(op, role, reply) {
  const what = `${role} ${op.method} ${op.path}: ${reply.status} ${String(reply.text).slice(0, 300)}`;
  if (!op.operation["x-roles"].includes(role)) refused(reply, 403, what);
  else if (op.method !== "GET") assert.ok([400, 422].includes(reply.status), what);
  else assert.ok(reply.status === 200 || (role === "member" && reply.status === 404), what);
}

for (const role of ROLES)
  test(`own organisation as ${role}, by key and by session`, async (t) => {
    let cells = 0;
    await unchanged(async () => {
      for (const op of inside()) {
        cell(op, role, await api.call(own.tokens[role], ...request(op, own)));
        cell(op, role, await api.call(null, ...request(op, own, { ...page, ...cookie(people[role]) })));
        cells += 2;
      }
    });
    t.diagnostic(`${cells} cells`);
  });

test("two roles may what each may, and the one of a member does not narrow the other", async () => {
  const both = person(["member", "administrator"]).secret, books = person(["member", "auditor"]).secret;
  for (const op of inside()) {
    const reply = await api.call(null, ...request(op, own, { ...page, ...cookie(both) }));
    const may = op.operation["x-roles"].some((role) => ["member", "administrator"].includes(role));
    assert.equal(reply.status === 403, !may, `${op.method} ${op.path}: ${reply.status}`);
  }
  const names = async (secret) => (await own.get("members", { token: null, headers: cookie(secret) })).body.items.map((m) => m.name);
  assert.deepEqual(await names(both), ["Les Jardins"]);
  assert.deepEqual((await names(books)).sort(), ["La Forge", "Les Jardins"]);
});

for (const role of ROLES)
  test(`another organisation as ${role}: as if it were not there`, () => unchanged(async () => {
    for (const op of inside()) {
      for (const [token, headers] of [[own.tokens[role], {}], [null, { ...page, ...cookie(people[role]) }]]) {
        const [method, path, options] = request(op, other, headers);
        const foreign = await api.call(token, method, path, options);
        const missing = await api.call(token, method, path.replace("/other", "/ghost"), options);
        refused(foreign, 404, `${method} ${path}`);
        assert.equal(plain(foreign), plain(missing), `${method} ${path}`);
      }
    }
  }));

test("anonymous: 401, or 403 where a page of ours would be asked", () => unchanged(async () => {
  for (const op of closed()) {
    const what = `${op.method} ${op.path}`;
    refused(await api.call(null, ...request(op, own)), op.method === "GET" ? 401 : 403, what);
    refused(await api.call(null, ...request(op, own, page)), 401, `${what} from a page`);
  }
}));

test("expired, ended and forged credentials: 401 everywhere", async (t) => {
  const expired = api.token("own", "treasurer", null, "2020-01-01T00:00:00Z"), revoked = api.token("own", "treasurer");
  own.sql(`UPDATE app.token SET revoked_at = now() WHERE token_hash = decode('${hash(revoked)}', 'hex')`);
  const disabled = person(["treasurer"]);
  sql(`UPDATE app.account_user SET disabled_at = now() WHERE id = '${disabled.user}'`);
  const bearer = (text) => ({ Authorization: text });
  const bad = {
    "an expired key": bearer(`Bearer ${expired}`),
    "a revoked key": bearer(`Bearer ${revoked}`),
    "a key nobody has": bearer(`Bearer ${randomBytes(32).toString("base64url")}`),
    "an empty key": bearer("Bearer "),
    "another scheme": bearer(`Basic ${Buffer.from(`x:${own.tokens.treasurer}`).toString("base64")}`),
    "a key without its scheme": bearer(own.tokens.treasurer),
    "the hash of a key": bearer(`Bearer ${hash(own.tokens.treasurer)}`),
    "half a key": bearer(`Bearer ${own.tokens.treasurer.slice(0, 42)}`),
    "a session as a key": bearer(`Bearer ${people.treasurer}`),
    "a key as a session": cookie(own.tokens.treasurer),
    "a bad key beside a good session": { ...bearer("Bearer x"), ...cookie(people.treasurer) },
    "a session past its end": cookie(person(["treasurer"], { expires_at: "now() - interval '1 second'" }).secret),
    "a session unused for too long": cookie(person(["treasurer"], { last_seen_at: "now() - interval '8 hours 1 second'" }).secret),
    "an ended session": cookie(person(["treasurer"], { revoked_at: "now()" }).secret),
    "a disabled person's session": cookie(disabled.secret),
    "a cookie of another name": { Cookie: `grenier=${people.treasurer}` },
  };
  let cells = 0;
  await unchanged(async () => {
    for (const [name, headers] of Object.entries(bad))
      for (const op of closed()) {
        refused(await api.call(null, ...request(op, own, { ...page, ...headers })), 401, `${name}: ${op.method} ${op.path}`);
        cells++;
      }
  });
  t.diagnostic(`${cells} cells`);
});

test("a role that is over, has not begun, or never was: the organisation is not there", async () => {
  const over = person(["treasurer"]), early = person(["treasurer"]), taken = person(["treasurer"]), never = person();
  own.sql(`UPDATE app.membership SET starts_on = current_date - 9, ends_on = current_date - 2 WHERE user_id = '${over.user}'`);
  own.sql(`UPDATE app.membership SET starts_on = current_date + 2 WHERE user_id = '${early.user}'`);
  own.sql(`UPDATE app.membership SET ended_at = now(), ends_on = current_date + 9 WHERE user_id = '${taken.user}'`);
  await unchanged(async () => {
    for (const { secret } of [over, early, taken, never]) {
      for (const op of inside()) {
        const reply = await api.call(null, ...request(op, own, { ...page, ...cookie(secret) }));
        refused(reply, 404, `${op.method} ${op.path}`);
      }
      assert.deepEqual((await api.call(null, "GET", "/api/v1/organisations", { headers: cookie(secret) })).body.items, []);
    }
  });
});

test("a page of another site may nothing", () => unchanged(async () => {
  const signed = cookie(people.treasurer);
  const strange = [
    {}, // a plain form
    { ...page, "X-Grenier": "2" },
    { ...page, Origin: "https://evil.example" },
    { ...page, Origin: "null" },
    { ...page, Origin: "http://127.0.0.1:8080.evil.example" },
    { ...page, Origin: "http://127.0.0.1:80800" },
    { "X-Grenier": "1", Host: page.Host, "Sec-Fetch-Site": "cross-site" },
    { "X-Grenier": "1", Host: page.Host, "Sec-Fetch-Site": "same-site" },
  ];
  for (const op of operations().filter((op) => op.method !== "GET"))
    for (const headers of strange)
      refused(await api.call(null, ...request(op, own, { ...signed, ...headers })), 403, `${op.method} ${op.path} ${JSON.stringify(headers)}`);
}));

test("methods that are not in the document are not there, for anyone", () => unchanged(async () => {
  for (const [path, item] of Object.entries(doc.paths))
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (method.toLowerCase() in item) continue;
      const [, target, options] = request({ method, path, operation: {} }, own);
      const reply = await api.send({ method, path: target, headers: { ...options.headers, Authorization: `Bearer ${own.tokens.treasurer}` } });
      assert.equal(reply.status, 405, `${method} ${path}`);
      assert.deepEqual(reply.headers.allow.split(", ").sort(), Object.keys(item).map((m) => m.toUpperCase()).sort(), path);
    }
}));

test("a key reaches no session and no person", async () => {
  for (const role of ROLES) {
    const ask = (method, path) => api.call(own.tokens[role], method, "/api/v1" + path);
    assert.deepEqual((await ask("GET", "/sessions")).body.items, []);
    assert.deepEqual((await ask("GET", "/organisations")).body.items.map((o) => [o.slug, o.roles]), [["own", [role]]]);
    const me = (await ask("GET", "/me")).body;
    assert.deepEqual([me.id, me.email], [null, null]);
    const session = sql("SELECT id FROM app.session WHERE revoked_at IS NULL LIMIT 1");
    assert.equal((await ask("POST", `/sessions/${session}/revocations`)).status, 404);
  }
  const mine = people.board;
  const [a, b] = [sql(`SELECT id FROM app.session WHERE token_hash = decode('${hash(people.treasurer)}', 'hex')`), randomUUID()];
  const [foreign, missing] = await Promise.all([a, b].map((id) => api.call(null, "POST", `/api/v1/sessions/${id}/revocations`, { headers: { ...page, ...cookie(mine) } })));
  assert.equal(foreign.status, 404, "another person's session");
  assert.equal(plain(foreign), plain(missing));
});

// What was asked of the database, without what differs by the request: what is not text, identifiers, keys of plans.
const walked = () => proxy.seen.map((text) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "*").replace(/[^ -~]+/g, " "));

test("an object of another organisation takes the way of a missing one, statement by statement", async (t) => {
  let cases = 0;
  const ask = async (token, method, path, options) => {
    proxy.reset();
    const reply = await api.call(token, method, path, options);
    return { reply, way: walked() };
  };
  for (const op of inside().filter((op) => op.path.includes("{id}"))) {
    const swap = (organisation, ids) => request(op, { slug: organisation.slug, ids });
    const nothing = Object.fromEntries(Object.keys(own.ids).map((name) => [name, randomUUID()]));
    for (const [what, foreign, missing] of [
      ["object", swap(own, other.ids), swap(own, nothing)],
      ["organisation", swap(other, other.ids), swap({ slug: "ghost" }, other.ids)],
    ]) {
      if (what === "object" && op.method !== "GET") continue; // a body that says nothing is refused before the object is sought
      await ask(own.tokens.treasurer, ...missing); // plans are made at the first use
      const a = await ask(own.tokens.treasurer, ...foreign), b = await ask(own.tokens.treasurer, ...missing);
      const name = `${op.method} ${op.path} ${what}`;
      refused(a.reply, 404, name);
      assert.equal(plain(a.reply), plain(b.reply), name);
      assert.deepEqual(a.way, b.way.map((text) => text.replace("ghost", "other")), name);
      assert.ok(a.way.length > 0, name);
      cases++;
    }
  }
  assert.ok(cases > 30);
  t.diagnostic(`${cases} cases`);
});
