// The kernel over its own resources: who may, what is refused and how, repeated requests, versions, pages.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api, faults } from "../lib/api.mjs";

let api, org, other;
before(() => {
  api = new Api();
  org = api.organisation("alpha");
  other = api.organisation("beta");
});
after(() => api.close());

test("health, readiness, the description", async () => {
  assert.equal((await api.call(null, "GET", "/api/v1/health")).body.status, "ok");
  assert.equal((await api.call(null, "GET", "/api/v1/ready")).status, 200);
  const doc = (await api.call(null, "GET", "/api/v1/openapi.json")).body;
  assert.equal(doc.openapi, "3.1.0");
  assert.ok(doc.paths["/organisations/{organisation}"].patch);
});

test("unknown address 404, wrong method 405 with Allow", async () => {
  assert.equal((await org.get("no-such-thing")).status, 404);
  const reply = await org.call("DELETE", "");
  assert.equal(reply.status, 405);
  assert.equal(reply.headers.allow, "GET, PATCH");
});

test("without credentials 401, a wrong one 401, another organisation 404, a role that may not 403", async () => {
  assert.equal((await org.get("", { token: null })).status, 401);
  assert.equal((await org.get("", { token: "nonsense" })).status, 401);
  assert.equal((await org.get("", { token: other.tokens.treasurer })).status, 404);
  const missing = await api.call(org.tokens.treasurer, "GET", "/api/v1/organisations/no-such-organisation");
  assert.equal(missing.status, 404);
  const foreign = await org.get("", { token: other.tokens.treasurer });
  const plain = (body) => ({ ...body, instance: "", request_id: "" });
  assert.deepEqual(plain(missing.body), plain(foreign.body), "a foreign organisation and a missing one answer alike");
  assert.equal((await org.call("PATCH", "", { body: { name: "X" }, as: "board", headers: { "If-Match": "*" } })).status, 403);
});

test("401, 403 and 404 come before any fault of a field", async () => {
  const body = { nonsense: 1 };
  assert.equal((await org.call("PATCH", "", { body, token: null })).status, 403, "without a key: not from our pages");
  assert.equal((await org.call("PATCH", "", { body, token: "x" })).status, 401);
  assert.equal((await org.call("PATCH", "", { body, as: "auditor" })).status, 403);
});

test("cookies need X-Grenier and our own origin", async () => {
  const path = "/api/v1/sessions";
  const body = JSON.stringify({ email: "a@example.org", password: "wrong" });
  const send = (headers) => api.send({ method: "POST", path, body, headers: { "Content-Type": "application/json", Host: "127.0.0.1:8080", ...headers } });
  assert.equal((await send({})).status, 403);
  assert.equal((await send({ "X-Grenier": "1", Origin: "https://evil.example" })).status, 403);
  assert.equal((await send({ "X-Grenier": "1", "Sec-Fetch-Site": "cross-site" })).status, 403);
  assert.equal((await send({ "X-Grenier": "1", Origin: "http://127.0.0.1:8080" })).status, 401);
});

test("settings: read by all, changed by the administrator with If-Match", async () => {
  const now = await org.get("", { as: "auditor" });
  assert.equal(now.status, 200);
  assert.equal(now.body.slug, "alpha");
  const as = "administrator";
  assert.equal((await org.call("PATCH", "", { body: { city: "Aspre" }, as })).status, 428);
  assert.equal((await org.call("PATCH", "", { body: { city: "Aspre" }, as, headers: { "If-Match": '"v99"' } })).status, 412);
  const done = await org.patch("", { city: "Aspre", siret: "732 829 320 00074", email: null }, { as });
  assert.equal(done.status, 200, done.text);
  assert.equal(done.body.city, "Aspre");
  assert.equal(done.body.siret, "73282932000074");
  assert.equal(done.body.version, now.body.version + 1);
  assert.equal(done.headers.etag, `"v${done.body.version}"`);
  const cached = await org.get("", { as, headers: { "If-None-Match": done.headers.etag } });
  assert.equal(cached.status, 304);
  assert.equal(cached.text, "");
});

test("every fault of a body at once, in the reader's language", async () => {
  const body = '{"name": "", "siret": "73282932000079", "email": "x", "nom": 1, "dues_with_counterpart": "yes"}';
  const options = { body, as: "administrator", headers: { "If-Match": "*", "Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5" } };
  const reply = await org.call("PATCH", "", options);
  assert.equal(reply.status, 422);
  assert.equal(reply.headers["content-type"], "application/problem+json");
  assert.equal(reply.headers["content-language"], "fr");
  assert.deepEqual(faults(reply), ["/dues_with_counterpart field.type", "/email email.format", "/name field.required", "/nom field.unknown", "/siret siret.check"]);
  assert.match(reply.body.errors.find((e) => e.pointer === "/siret").title, /SIRET/);
  assert.ok(reply.body.request_id);
});

test("bodies that are not understood", async () => {
  const patch = (body, headers = {}) => org.call("PATCH", "", { body, as: "administrator", headers: { "If-Match": "*", ...headers } });
  assert.equal((await patch("{")).status, 400);
  assert.equal((await patch('{"name":"a","name":"b"}')).status, 400);
  assert.equal((await patch("[1]")).status, 400);
  assert.equal((await patch('{"name":"\\u0000"}')).status, 400);
  assert.equal((await patch("name=x", { "Content-Type": "application/x-www-form-urlencoded" })).status, 415);
  const raw = await api.send({
    method: "PATCH", path: "/api/v1/organisations/alpha", body_base64: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]).toString("base64"),
    headers: { Authorization: `Bearer ${org.tokens.administrator}`, "Content-Type": "application/json", "If-Match": "*" },
  });
  assert.equal(raw.status, 400);
  assert.equal(JSON.parse(raw.body).type, "urn:grenier:problem:body.utf8");
  const large = await patch(JSON.stringify({ name: "x".repeat(70000) }));
  assert.equal(large.status, 413);
});

test("unknown query parameters, orders and marks are refused", async () => {
  assert.deepEqual(faults(await org.get("audit-events?colour=red")), ["?colour field.unknown"]);
  assert.deepEqual(faults(await org.get("audit-events?sort=name")), ["?sort query.sort"]);
  assert.deepEqual(faults(await org.get("audit-events?limit=0")), ["?limit integer.range"]);
  assert.deepEqual(faults(await org.get("audit-events?after=zz")), ["?after query.cursor"]);
  assert.deepEqual(faults(await org.get(`audit-events?after=${Buffer.from("-at\n1\n2026").toString("hex")}`)), ["?after query.cursor"]);
  assert.equal((await org.get("audit-events", { headers: { Accept: "image/png" } })).status, 406);
});

test("collections come page by page without loss, and whole as CSV", async () => {
  const seen = [];
  for (let after = ""; after !== null;) {
    const page = (await org.get(`audit-events?limit=2&to=2999-12-31${after && "&after=" + after}&actor=cli:test`)).body;
    seen.push(...page.items.map((e) => e.id));
    after = page.next;
  }
  assert.ok(seen.length > 4);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen, [...seen].sort((a, b) => Number(b) - Number(a)), "newest first");
  const csv = await org.get("audit-events?format=csv&actor=cli:test");
  assert.match(csv.headers["content-type"], /^text\/csv/);
  assert.equal(csv.text.trimEnd().split("\r\n").length, seen.length + 1);
  const french = await org.get("audit-events?format=csv&locale=fr");
  assert.ok(french.text.startsWith("\uFEFFÉvénement;Quand;"), french.text.slice(0, 60));
});

test("reading the audit log is itself an event", async () => {
  const count = async () => Number(api.db.sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND subject_kind = 'audit_event_list'"));
  const before = await count();
  await org.get("audit-events");
  assert.equal(await count(), before + 1);
});

test("the same key answers again; other content is refused", async () => {
  const tag = (await org.get("", { as: "administrator" })).headers.etag;
  assert.ok(tag);
  const key = randomUUID();
  const first = await org.post("funds", { name: "Fonds travaux", kind: "designated" }, { headers: { "Idempotency-Key": key } });
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers.location, `/api/v1/organisations/alpha/funds/${first.body.id}`);
  const again = await org.post("funds", { kind: "designated", name: "  Fonds travaux" }, { headers: { "Idempotency-Key": key } });
  assert.equal(again.status, 201);
  assert.deepEqual(again.body, first.body);
  const changed = await org.post("funds", { name: "Autre", kind: "designated" }, { headers: { "Idempotency-Key": key } });
  assert.equal(changed.status, 422);
  assert.match(changed.body.type, /idempotency/);
  assert.equal((await org.post("funds", { name: "X", kind: "designated" }, { headers: { "Idempotency-Key": "é" } })).status, 400);
  assert.equal(api.db.sql("SELECT count(*) FROM fund.fund WHERE name = 'Fonds travaux'"), "1");
});
