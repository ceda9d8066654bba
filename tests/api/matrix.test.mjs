// The permission matrix, cell by cell, from the served OpenAPI document: endpoint × role × own organisation, another's,
// none; anonymous, revoked and expired keys.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api, ROLES, multipart } from "../lib/api.mjs";

let api, own, other, doc, member;
before(async () => {
  api = new Api();
  own = api.organisation("own");
  other = api.organisation("other");
  doc = (await api.call(null, "GET", "/api/v1/openapi.json")).body;
  for (const organisation of [own, other]) {
    const made = await organisation.make("members", { name: "Les Jardins", legal_form: "association", joined_on: "2020-01-01" });
    organisation.tokens.member = api.token(organisation.slug, "member", made.id);
    member = made.id;
  }
});
after(() => api.close());

function operations() {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));
}

// A request that is well-formed enough to be understood; identifiers that exist nowhere.
function request(op, organisation) {
  const path = "/api/v1" + op.path.replace("{organisation}", organisation.slug).replace(/\{\w+\}/g, () => randomUUID());
  const content = op.operation.requestBody?.content ?? {};
  const options = { headers: { "If-Match": '"v1"' } };
  if (content["multipart/form-data"]) options.form = multipart([{ name: "file", file: "x.csv", content: "x" }]);
  else if (content["application/json"]) options.body = {};
  return [op.method, path, options];
}

const inside = () => operations().filter((op) => op.path.startsWith("/organisations/{organisation}"));
// deleting nothing, opening the first-run link: outside of organisations the roles are "signed in" and "anyone"
const outside = () => operations().filter((op) => !op.path.startsWith("/organisations/{organisation}"));

test("the matrix is not empty", () => {
  assert.ok(inside().length >= 30, `${inside().length} operations`);
  for (const op of inside()) assert.ok(op.operation["x-roles"].every((r) => ROLES.includes(r)), op.operation.operationId);
});

for (const role of ROLES)
  test(`own organisation as ${role}`, async (t) => {
    let cells = 0;
    for (const op of inside()) {
      const reply = await api.call(own.tokens[role], ...request(op, own));
      const allowed = op.operation["x-roles"].includes(role);
      const cell = `${role} ${op.method} ${op.path}: ${reply.status}`;
      if (allowed) assert.ok(![401, 403, 500].includes(reply.status), cell);
      else assert.equal(reply.status, 403, cell);
      cells++;
    }
    t.diagnostic(`${cells} cells`);
  });

for (const role of ROLES)
  test(`another organisation as ${role}: as if it were not there`, async () => {
    for (const op of inside()) {
      const [method, path, options] = request(op, other);
      const foreign = await api.call(own.tokens[role], method, path, options);
      const missing = await api.call(own.tokens[role], method, path.replace("/other", "/nowhere"), options);
      assert.equal(foreign.status, 404, `${method} ${path}`);
      const plain = (reply) => ({ ...reply.body, instance: "", request_id: "" });
      assert.deepEqual(plain(foreign), plain(missing), `${method} ${path}`);
    }
  });

test("anonymous: 401 (or 403 where a page of ours would be asked)", async () => {
  for (const op of inside()) {
    const reply = await api.call(null, ...request(op, own));
    assert.ok([401, 403].includes(reply.status), `${op.method} ${op.path}: ${reply.status}`);
  }
  for (const op of outside()) {
    if (op.operation.security) continue; // for anyone
    const reply = await api.call(null, ...request(op, own));
    assert.ok([401, 403].includes(reply.status), `${op.method} ${op.path}: ${reply.status}`);
  }
});

test("expired and revoked keys: 401", async () => {
  const expired = api.token("own", "treasurer", null, "2020-01-01T00:00:00Z");
  const revoked = api.token("own", "treasurer");
  own.sql("UPDATE app.token SET revoked_at = now() WHERE id = (SELECT id FROM app.token ORDER BY created_at DESC LIMIT 1)");
  for (const token of [expired, revoked])
    for (const op of inside().slice(0, 5)) assert.equal((await api.call(token, ...request(op, own))).status, 401);
});

test("an object of another organisation is not found, with the same body as a missing one", async () => {
  const plain = (reply) => ({ ...reply.body, instance: "", request_id: "" });
  const fund = (await own.get("funds")).body.items[0].id;
  const mine = (await own.get("members")).body.items[0].id;
  for (const path of [`funds/${fund}`, `members/${mine}`]) {
    const foreign = await other.get(path);
    const missing = await other.get(path.replace(/[^/]+$/, randomUUID()));
    assert.equal(foreign.status, 404, path);
    assert.deepEqual(plain(foreign), plain(missing));
  }
});

test("a member sees itself only", async () => {
  const second = await own.make("members", { name: "Le Lavoir", legal_form: "scop", joined_on: "2021-01-01" });
  const list = await own.get("members", { as: "member" });
  assert.equal(list.status, 200);
  assert.deepEqual(list.body.items.map((m) => m.name), ["Les Jardins"]);
  assert.equal((await own.get(`members/${second.id}`, { as: "member" })).status, 404);
  assert.ok(member);
});
