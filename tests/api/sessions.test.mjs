// Signing in: the first setup by its link, a person's password link, sessions, throttling that locks nobody else out.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { Api, faults } from "../lib/api.mjs";

let api;
before(() => { api = new Api(); });
after(() => api.close());

const PASSWORD = "une phrase bien longue";
const browser = (headers = {}) => ({ Host: "127.0.0.1:8080", Origin: "http://127.0.0.1:8080", "X-Grenier": "1", ...headers });
const call = (method, path, body, headers) => api.call(null, method, "/api/v1" + path, { body, headers: browser(headers) });

function link(purpose, user = null) {
  const secret = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(secret).digest("hex");
  api.db.sql(`SELECT app.link_create('${purpose}', ${user ? `'${user}'` : "NULL"}, decode('${hash}', 'hex'), interval '1 hour', 'cli:test')`);
  return secret;
}

function cookie(reply) {
  const set = reply.headers["set-cookie"];
  assert.match(set, /^__Host-grenier=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  return { Cookie: set.split(";")[0] };
}

let session;
test("the first link makes the association and signs its first person in", async () => {
  const token = link("setup");
  const shown = await call("GET", `/one-time-links/${token}`);
  assert.equal(shown.body.purpose, "setup");
  const weak = await call("POST", `/one-time-links/${token}/uses`, { password: "aaaaaaaaaaaaaaaa" });
  assert.equal(weak.status, 422);
  assert.deepEqual(faults(weak), ["/email field.required", "/fiscal_year_starts_on field.required", "/name field.required",
    "/organisation_name field.required", "/password password.weak", "/slug field.required"]);
  const done = await call("POST", `/one-time-links/${token}/uses`, {
    password: PASSWORD, organisation_name: "Réseau d’essai", slug: "essai", fiscal_year_starts_on: "2026-01-01",
    name: "Solène Arvieux", email: "solene@example.org" });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual(done.body, { email: "solene@example.org", organisation: "essai" });
  session = cookie(done);
  const me = await call("GET", "/me", undefined, session);
  assert.equal(me.body.name, "Solène Arvieux");
  assert.deepEqual(me.body.organisations.map((o) => [o.slug, o.roles]), [["essai", ["administrator", "treasurer"]]]);
  assert.equal((await call("POST", `/one-time-links/${token}/uses`, { password: PASSWORD })).status, 410, "a link works once");
});

test("sign in, list sessions, end another, sign out", async () => {
  const refused = await call("POST", "/sessions", { email: "solene@example.org", password: "wrong" });
  assert.equal(refused.status, 401);
  assert.match(refused.body.type, /sign_in.refused/);
  const unknown = await call("POST", "/sessions", { email: "nobody@example.org", password: "wrong" });
  assert.deepEqual({ ...unknown.body, request_id: "" }, { ...refused.body, request_id: "" }, "an unknown address answers alike");
  const second = cookie(await call("POST", "/sessions", { email: "Solene@Example.org", password: PASSWORD }));
  const list = (await call("GET", "/sessions", undefined, second)).body.items;
  assert.equal(list.length, 2);
  assert.equal(list.filter((s) => s.current).length, 1);
  const first = list.find((s) => !s.current);
  assert.equal((await call("POST", `/sessions/${first.id}/revocations`, undefined, second)).status, 204);
  assert.equal((await call("GET", "/me", undefined, session)).status, 401, "the ended one is over");
  assert.equal((await call("GET", "/organisations/essai", undefined, second)).status, 200);
  const out = await call("DELETE", "/sessions/current", undefined, second);
  assert.equal(out.status, 204);
  assert.match(out.headers["set-cookie"], /Max-Age=0/);
  assert.equal((await call("GET", "/me", undefined, second)).status, 401);
});

test("a password is what was typed, spaces and all", async () => {
  const spaced = "  deux espaces devant et un derrière ";
  const token = link("password", api.db.sql("SELECT id FROM app.account_user"));
  assert.equal((await call("POST", `/one-time-links/${token}/uses`, { password: spaced })).status, 200);
  const sign = async (password) => (await call("POST", "/sessions", { email: "solene@example.org", password })).status;
  assert.deepEqual([await sign(spaced.trim()), await sign(spaced.toUpperCase()), await sign(spaced)], [401, 401, 200]);
});

test("signing in again from the same browser ends its last session", async () => {
  const token = link("password", api.db.sql("SELECT id FROM app.account_user"));
  const first = cookie(await call("POST", `/one-time-links/${token}/uses`, { password: PASSWORD }));
  const second = cookie(await call("POST", "/sessions", { email: "solene@example.org", password: PASSWORD }, first));
  assert.notEqual(first.Cookie, second.Cookie);
  assert.equal((await call("GET", "/me", undefined, first)).status, 401);
  assert.equal((await call("GET", "/me", undefined, second)).status, 200);
});

test("many wrong passwords slow that person at that address down, and say for how long", async () => {
  let reply;
  for (let i = 0; i < 40 && reply?.status !== 429; i++)
    reply = await call("POST", "/sessions", { email: "victim@example.org", password: "wrong " + i });
  assert.equal(reply.status, 429);
  assert.ok(Number(reply.headers["retry-after"]) > 0);
  const refusals = () => api.db.sql(`SELECT count(DISTINCT e.id), min(e.actor), string_agg(d.column_name || '=' || d.after, ' ') FROM app.security_event e
    LEFT JOIN app.security_detail d ON d.event_id = e.id WHERE e.action = 'sign_in_throttled'`);
  assert.equal(refusals(), "1|anonymous|address=127.0.0.1 email=victim@example.org", "who looks after the installation sees it");
  for (let i = 0; i < 5; i++) assert.equal((await call("POST", "/sessions", { email: "victim@example.org", password: "wrong" })).status, 429);
  assert.match(refusals(), /^1\|/, "once a minute, however many there are");
  api.db.sql("UPDATE app.throttle SET refused_at = refused_at - interval '1 minute'");
  assert.equal((await call("POST", "/sessions", { email: "victim@example.org", password: "wrong" })).status, 429);
  assert.match(refusals(), /^2\|/);
});

test("a session ends after its idle and absolute limits", async () => {
  const token = link("password", api.db.sql("SELECT id FROM app.account_user"));
  const own = cookie(await call("POST", `/one-time-links/${token}/uses`, { password: PASSWORD + " 2" }));
  assert.equal((await call("GET", "/me", undefined, own)).status, 200);
  api.db.sql("UPDATE app.session SET last_seen_at = last_seen_at - interval '100 days', created_at = created_at - interval '100 days'");
  const late = await call("GET", "/me", undefined, own);
  assert.equal(late.status, 401);
  assert.match(late.body.type, /session.expired/);
});

test("what happened is in the logs, without a password", async () => {
  const events = api.db.sql("SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM app.security_event");
  for (const action of ["link_used", "sign_in", "sign_in_failed", "session_created", "session_revoked", "sign_out"])
    assert.ok(events.split(" ").includes(action), `${action} in ${events}`);
  assert.equal(api.db.sql(`SELECT count(*) FROM app.security_event e WHERE e::text LIKE '%${PASSWORD}%'`), "0");
});
