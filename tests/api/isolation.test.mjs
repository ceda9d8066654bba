// Two associations with the same books. Every identifier of the one, put at every place of every request to the other (path,
// query, body), is answered like one that exists nowhere, and changes nothing in either. And what the role member sees.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { books, day, year } from "../lib/books.mjs";

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

// One request of each kind that names something, in words of the table of ids: "{member}" is own.ids.member.
const version = { headers: { "If-Match": '"v1"' } };
const requests = [
  ...["members/{member}", "funds/{fund}", "projects/{project}", "fiscal-years/{year}", "contributions/{contribution}", "in-kind-contributions/{kind}",
    "entries/{draft}", "entries/{entry}", "bank-accounts/{bank}", "bank-statements/{statement}", "bank-transactions/{transaction}",
    "bank-transactions/{transaction}/matches", "bank-transactions/{transaction}/matches/{match}", "bank-matches/{match}",
    "bank-statements?bank_account_id={bank}", "bank-transactions?bank_account_id={bank}", "bank-open-items?member_id={neighbour}",
    "bank-matches?bank_account_id={bank}", "bank-matches?transaction_id={transaction}", "bank-matches?statement_id={statement}",
    "contributions?member_id={member}", "contributions?fund_id={fund}", "contributions?project_id={project}", "in-kind-contributions?member_id={neighbour}",
    "entries?fund_id={fund}", "entries?member_id={member}", "entries?project_id={project}", "entries?fiscal_year_id={year}",
    ...["entry-lines", "reports/entry-line-totals"].flatMap((p) => ["fund_id={fund}", "member_id={member}", "project_id={project}", "fiscal_year_id={year}", "entry_id={entry}"].map((q) => `${p}?${q}`)),
    "reports/trial-balance?fiscal_year_id={year}", "reports/trial-balance?fund_id={fund}", "reports/fund-position?fund_id={fund}",
    "audit-events?subject_id={member}", "audit-events?subject_kind=member&subject_id={member}"].map((p) => ["GET", p]),
  ["PATCH", "members/{member}", { name: "Les Jardins 2" }, version],
  ["PATCH", "funds/{fund}", { name: "Réserve 2" }, version],
  ["PATCH", "projects/{project}", { name: "Chantier 2" }, version],
  ["PATCH", "bank-accounts/{bank}", { name: "Compte 2" }, { etag: "bank-accounts/{bank}" }],
  ["POST", "contributions", { member_id: "{member}", amount: "1.00", means: "cheque", nature: "dues", received_on: day, fund_id: "{fund}", project_id: "{project}" }],
  ["POST", "contributions", { member_id: "{member}", amount: "1.00", means: "transfer", nature: "dues", received_on: day, bank_account_id: "{bank}" }],
  ["POST", "contribution-previews", { member_id: "{member}", amount: "1.00", means: "transfer", nature: "dues", received_on: day, fund_id: "{fund}", project_id: "{project}", bank_account_id: "{bank}" }],
  ["POST", "contributions/{contribution}/corrections", { reason: "x", amount: "2.00", member_id: "{neighbour}", fund_id: "{fund}", project_id: "{project}", bank_account_id: "{bank}" }],
  ["POST", "contributions/{awaited}/receipts", { received_on: day, means: "transfer", bank_account_id: "{bank}" }],
  ["POST", "in-kind-contributions", { member_id: "{member}", kind: "goods", value: "1.00", given_on: day, project_id: "{project}" }],
  ["POST", "in-kind-contributions/{kind}/cancellations", { reason: "x" }],
  ["POST", "accounts", { number: "51288", title: "x", fiscal_year_id: "{year}" }],
  ["POST", "entries", { journal: "OD", date: day, label: "x", lines: [{ account: "606", debit: "1.00", fund_id: "{fund}", project_id: "{project}", member_id: "{member}" }, { account: "512", credit: "1.00", fund_id: "{fund}" }] }],
  ["PATCH", "entries/{spare}", { lines: [{ account: "606", debit: "1.00", fund_id: "{fund}", project_id: "{project}", member_id: "{member}" }, { account: "512", credit: "1.00" }] }, version],
  ["POST", "entries/{draft}/validations"],
  ["POST", "entries/{entry}/reversals", { date: day, reason: "x" }],
  ["DELETE", "entries/{spare}", undefined, { etag: "entries/{spare}" }],
  ["POST", "bank-transactions/{second}/matches", { contribution_ids: ["{given}"] }],
  ["POST", "bank-transactions/{third}/matches", { create: [{ kind: "contribution", amount: "10.00", member_id: "{member}", nature: "dues", fund_id: "{fund}", project_id: "{project}" }] }],
  ["POST", "bank-transactions/{transaction}/matches/{match}/clearings", { create: [{ kind: "contribution", amount: "10.00", member_id: "{member}", nature: "dues" }] }],
  ["POST", "bank-transactions/{transaction}/matches/{match}/cancellations", { reason: "x" }, { uncertain: true }],
  ["POST", "bank-transactions/{fourth}/matches", { entry_line_ids: ["{received}"], transaction_ids: ["{fifth}"] }, { uncertain: true }],
  ["POST", "bank-statements/{statement}/opening-matches", { entry_line_ids: ["{line}"] }, { uncertain: true }],
  ["POST", "bank-statements/{statement}/opening-matches/{match}/cancellations", { reason: "x" }, { uncertain: true }],
  ["POST", "contributions/{awaited}/cancellations", { reason: "x" }],
  ["POST", "bank-accounts/{bank}/confirmations", {}, { uncertain: true }],
  ["POST", "fiscal-years/{year}/locks", { through: `${year}-01-31`, reason: "x" }],
  ["POST", "fiscal-years/{year}/unlocks", { through: null, reason: "x" }],
];

const fill = (value, ids) => value === undefined ? undefined : JSON.parse(JSON.stringify(value).replace(/\{(\w+)\}/g, (_, name) => { assert.ok(ids[name], name); return ids[name]; }));
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
