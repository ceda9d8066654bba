// Two associations with the same books. Every identifier of the one, put at every place of every request to the other (path,
// query, body), is answered like one that exists nowhere, and changes nothing in either. And what the role member sees.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { books, fill, requests } from "../lib/books.mjs";

let api, own, other, document;
before(async () => {
  api = new Api();
  own = api.organisation("own");
  other = api.organisation("other");
  document = (await api.call(null, "GET", "/api/v1/openapi.json")).body;
  own.ids = await books(own);
  other.ids = await books(other);
  for (const o of [own, other]) o.tokens.member = api.token(o.slug, "member", o.ids.member);
});
after(() => api.close());

const nothing = (id) => /^\d+$/.test(id) ? "999999999" : randomUUID();
const scrub = (text, ...ids) => [...ids.map((id) => `"${id}"`), /"request_id":"[^"]*"/g, /"instance":"[^"]*"/g, /"known_at":"[^"]*"/g].reduce((t, id) => t.replaceAll(id, "*"), text);
const tables = () => api.db.sql("SELECT relname FROM pg_class WHERE relnamespace = 'fund'::regnamespace AND relkind = 'r' AND relname <> 'organisation'").split("\n");
const state = (o) => o.sql(`SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (${tables().map((t) => `SELECT to_jsonb(t) FROM fund.${t} t`).join(" UNION ALL ")}) s (x)`);

async function ask(o, [method, p, body, options = {}], ids) {
  let headers = options.headers ?? {};
  if (options.etag) headers = { "If-Match": (await o.get(fill(options.etag, o.ids))).headers.etag };
  return o.call(method, fill(p, ids), { body: fill(body, ids), headers });
}

test("every operation that takes an identifier is asked", () => {
  const asked = requests.map(([method, p]) => `${method} /organisations/{organisation}/${p.split("?")[0].replace(/\{\w+\}/g, "{}")}`);
  for (const [p, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item)) {
      const template = p.replace(/\{(?!organisation)\w+\}/g, "{}");
      const takes = JSON.stringify([operation.parameters, operation.requestBody]).includes("\"uuid\"");
      if (!p.startsWith("/organisations/{organisation}") || (!takes && !template.includes("{}")) || template.endsWith("/accounts/{}")) continue;
      assert.ok(asked.includes(`${method.toUpperCase()} ${template}`), `${method} ${p} is not asked`);
    }
});

test("an identifier of another association is one that exists nowhere", async (t) => {
  const before = [state(own), state(other)];
  let cases = 0;
  for (const request of requests) {
    const names = [...new Set([...JSON.stringify(request.slice(1, 3)).matchAll(/\{(\w+)\}/g)].map((m) => m[1]))];
    assert.ok(names.length > 0);
    for (const name of names) {
      const missing = nothing(own.ids[name]);
      const foreign = await ask(own, request, { ...own.ids, [name]: other.ids[name] });
      const absent = await ask(own, request, { ...own.ids, [name]: missing });
      const what = `${request[0]} ${request[1]} with another's ${name}`;
      const plain = (reply, id) => [reply.status, scrub(String(reply.text), id)];
      if (!request[1].startsWith("audit-events")) assert.deepEqual(plain(foreign, other.ids[name]), plain(absent, missing), what);
      else assert.deepEqual(foreign.body.items, [], what);
      const query = request[1].includes(`={${name}}`);
      assert.ok(foreign.status === 404 || (query && foreign.status === 200) || (request[3]?.uncertain && foreign.status >= 400), `${what}: ${foreign.status} ${foreign.text}`);
      assert.ok(!String(foreign.text).replaceAll(other.ids[name], "").match(/Jardins|Forge|Réserve|Chantier|Achat|DONATEUR/) || request[1].startsWith("audit-events"), `${what}: ${foreign.text}`);
      cases++;
    }
  }
  assert.deepEqual([state(own), state(other)], before, "nothing changed in either");
  t.diagnostic(`${cases} places`);
});

test("with its own identifiers each of these requests succeeds", async () => {
  for (const request of requests) {
    if (request[3]?.uncertain) continue;
    const reply = await ask(own, request, own.ids);
    assert.ok(reply.status < 300, `${request[0]} ${request[1]}: ${reply.status} ${reply.text}`);
  }
});

test("the role member: its own rows, in every list and by every identifier", async () => {
  const as = { as: "member" };
  for (const [method, p, body, options] of requests) {
    const at = document.paths[`/organisations/{organisation}/${p.split("?")[0].replace(/\{\w+\}/g, "{id}")}`];
    const reply = await other.call(method, fill(p, other.ids), { ...as, body: fill(body, other.ids), headers: options?.headers });
    if (!at?.[method.toLowerCase()]?.["x-roles"].includes("member")) {
      assert.equal(reply.status, 403, `${method} ${p}`);
      continue;
    }
    assert.ok(!String(reply.text).includes("Forge"), `${method} ${p}: ${reply.text}`);
    assert.ok(!String(reply.text).includes(other.ids.neighbour), `${method} ${p}: ${reply.text}`);
  }
  for (const [p, n] of [["members", 1], ["contributions", 1], ["in-kind-contributions", 0], [`contributions?member_id=${other.ids.neighbour}`, 0], ["members?q=forge", 0]]) {
    const reply = await other.get(p, as);
    assert.equal(reply.body.items.length, n, `${p}: ${reply.text}`);
    const csv = await other.get(`${p}${p.includes("?") ? "&" : "?"}format=csv`, as);
    assert.ok(!csv.text.includes("Forge"), p);
  }
  for (const p of [`members/${other.ids.neighbour}`, `contributions/${other.ids.given}`, `in-kind-contributions/${other.ids.kind}`]) {
    const hidden = await other.get(p, as), absent = await other.get(p.replace(/[^/]+$/, randomUUID()), as);
    assert.equal(hidden.status, 404, p);
    assert.equal(scrub(hidden.text), scrub(absent.text), p);
  }
  assert.equal((await other.get(`members/${other.ids.member}`, as)).status, 200);
  assert.ok(!("notes" in (await other.get(`members/${other.ids.member}`, as)).body) || (await other.get(`members/${other.ids.member}`, as)).body.notes === null);
});
