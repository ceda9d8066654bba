// The ledger over the API: manual entries from draft to reversal, periods, funds, projects, accounts, trial balance, lines.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { Api, faults } from "../lib/api.mjs";

let api, org, other;
before(() => {
  api = new Api();
  org = api.organisation("ledger", { starts: "2026-01-01" });
  other = api.organisation("other", { starts: "2026-01-01" });
});
after(() => api.close());

/** What is wrong: the only fault, or the problem itself. */
const code = (reply) => reply.body.errors?.[0]?.code ?? reply.body.type.replace("urn:grenier:problem:", "");

const entry = (lines, more = {}) => ({ journal: "OD", date: "2026-03-04", label: "Test", lines, ...more });
const debit = (account, amount, more = {}) => ({ account, debit: amount, ...more });
const credit = (account, amount, more = {}) => ({ account, credit: amount, ...more });

async function post(lines, more) {
  const draft = await org.make("entries", entry(lines, more));
  return org.make(`entries/${draft.id}/validations`, {});
}

test("an entry from draft to reversal", async () => {
  const made = await org.post("entries", entry([debit("512", "120.50"), credit("7561", "120.50", { label: "Dues" })]));
  assert.equal(made.status, 201);
  assert.equal(made.headers.location, `/api/v1/organisations/ledger/entries/${made.body.id}`);
  assert.equal(made.body.status, "draft");
  assert.equal(made.body.number, null);
  assert.equal(made.body.total, "120.50");
  assert.equal(made.body.lines[0].title, "Banques");
  assert.equal(made.body.lines[0].debit, "120.50");
  assert.equal(made.body.lines[0].credit, null);
  assert.equal(made.body.lines[0].fund_name, "Fonctionnement");

  // What was answered can be sent back.
  const round = made.body.lines.map(({ account, debit, credit, fund_id, project_id, member_id, label }) =>
    ({ account, debit, credit, fund_id, project_id, member_id, label }));
  const changed = await org.patch(`entries/${made.body.id}`, { label: "Dues of March", lines: round });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.body.label, "Dues of March");
  assert.equal(changed.headers.etag, '"v2"');
  const late = await org.patch(`entries/${made.body.id}`, { label: "x" }, { etag: '"v1"' });
  assert.equal(late.status, 412);
  assert.equal((await org.call("PATCH", `entries/${made.body.id}`, { body: { label: "x" } })).status, 428);

  const valid = await org.post(`entries/${made.body.id}/validations`, {});
  assert.equal(valid.status, 201, valid.text);
  assert.equal(valid.body.id, made.body.id);
  assert.equal(valid.body.number, 1);
  assert.equal(valid.body.status, "validated");
  assert.match(valid.body.recorded_by, /^token:/);
  assert.match(valid.body.recorded_at, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal((await org.post(`entries/${made.body.id}/validations`, {})).status, 409);
  assert.equal(code(await org.patch(`entries/${made.body.id}`, { label: "x" })), "entry.immutable");
  assert.equal((await org.delete(`entries/${made.body.id}`)).status, 409);

  const back = await org.post(`entries/${made.body.id}/reversals`, { date: "2026-04-01", reason: "Typed twice" });
  assert.equal(back.status, 201, back.text);
  assert.equal(back.headers.location, `/api/v1/organisations/ledger/entries/${back.body.id}`);
  assert.equal(back.body.reverses_entry_id, made.body.id);
  assert.equal(back.body.lines[0].credit, "120.50");
  assert.equal(back.body.reason, "Typed twice");
  assert.equal(back.body.number, 2);
  const seen = await org.get(`entries/${made.body.id}`);
  assert.equal(seen.body.reversed_by_entry_id, back.body.id);
  assert.equal(seen.headers.etag, '"v2"');
  const again = await org.post(`entries/${made.body.id}/reversals`, { date: "2026-04-01", reason: "Again" });
  assert.equal(again.status, 409);
  assert.match(again.body.detail, /OD number 2 of/);
});

test("a draft is deleted", async () => {
  const draft = await org.make("entries", entry([debit("512", "1.00")]));
  const gone = await org.delete(`entries/${draft.id}`);
  assert.equal(gone.status, 204);
  assert.equal(gone.text, "");
  assert.equal((await org.get(`entries/${draft.id}`)).status, 404);
});

test("bad input is refused, each fault where it stands, and changes nothing", async () => {
  const count = async () => (await org.get("entries?limit=500")).body.items.length;
  const before = await count();
  const fund = (await other.get("funds")).body.items[0].id;
  const bad = await org.post("entries", entry([debit("512", "1.00", { credit: "1.00" }), { account: "512" }, debit("9", "1.00"),
    debit("512", "1.00", { fund_id: fund }), debit("51 2", "1.00")], { journal: "ZZ", date: "2025-12-31" }));
  assert.equal(bad.status, 422);
  assert.deepEqual(faults(bad), ["/date fiscal_year.none", "/journal journal.unknown", "/lines/0 line.side", "/lines/1 line.side",
    "/lines/2/account account.unknown", "/lines/3/fund_id not_found", "/lines/4/account account.unknown"]);
  const syntax = await org.post("entries", entry([debit("512", "1.005"), debit("512", 12), debit("512", "-1.00"), debit("512", "1,00"),
    { account: "512", amount: "1.00" }], { date: "2026-02-30", label: "" }));
  assert.equal(syntax.status, 422);
  assert.deepEqual(faults(syntax).map((f) => f.split(" ")[0]), ["/date", "/label", "/lines/0/debit", "/lines/1/debit", "/lines/2/debit",
    "/lines/3/debit", "/lines/4/amount"]);
  const alone = await org.post("entries", entry([debit("512", "1.00", { fund_id: fund }), credit("7561", "1.00")]));
  assert.equal(alone.status, 404, "another organisation's fund is not there");
  assert.equal(await count(), before);

  const unbalanced = await org.make("entries", entry([debit("512", "10.00"), credit("7561", "9.99")]));
  const refused = await org.post(`entries/${unbalanced.id}/validations`, {});
  assert.equal(refused.status, 422);
  assert.equal(code(refused), "entry.unbalanced");
  assert.match(refused.text, /10\.00/);
  assert.match(refused.text, /9\.99/);
  const french = await org.post(`entries/${unbalanced.id}/validations`, {}, { headers: { "Accept-Language": "fr" } });
  assert.match(french.text, /10,00/);
  assert.equal((await org.get(`entries/${unbalanced.id}`)).body.status, "draft");
  assert.equal((await org.delete(`entries/${unbalanced.id}`)).status, 204);
  assert.equal((await org.post("entries/nonsense/validations", {})).status, 404);
  const foreign = await other.make("entries", entry([debit("512", "1.00"), credit("7561", "1.00")]));
  assert.equal((await org.post(`entries/${foreign.id}/validations`, {})).status, 404);
});

test("the same key books once", async () => {
  const body = entry([debit("512", "5.00"), credit("7561", "5.00")]);
  const headers = { "Idempotency-Key": "draft-1" };
  const one = await org.post("entries", body, { headers });
  const two = await org.post("entries", body, { headers });
  assert.equal(two.status, 201);
  assert.equal(two.text, one.text);
  const v1 = await org.post(`entries/${one.body.id}/validations`, {}, { headers: { "Idempotency-Key": "v" } });
  const v2 = await org.post(`entries/${one.body.id}/validations`, {}, { headers: { "Idempotency-Key": "v" } });
  assert.equal(v1.body.number, v2.body.number);
  assert.equal(v2.status, 201);
});

test("entries are listed, filtered and paged", async () => {
  const fund = (await org.make("funds", { name: "Réserve des toits", kind: "designated", floor: "100.00" }));
  const project = await org.make("projects", { name: "Toiture", code: "TOIT-1" });
  for (let i = 1; i <= 5; i++)
    await post([debit("615", `${i}.00`, { fund_id: fund.id, project_id: project.id }), credit("512", `${i}.00`)],
      { date: `2026-06-0${i}`, label: `Réparation nº ${i}`, journal: "AC" });
  const page = await org.get("entries?journal=AC&limit=2");
  assert.deepEqual(page.body.items.map((e) => e.number), [5, 4]);
  const next = await org.get(`entries?journal=AC&limit=2&after=${page.body.next}`);
  assert.deepEqual(next.body.items.map((e) => e.number), [3, 2]);
  const up = await org.get("entries?journal=AC&sort=date");
  assert.deepEqual(up.body.items.map((e) => e.number), [1, 2, 3, 4, 5]);
  const numbers = async (query) => (await org.get(`entries?journal=AC&${query}`)).body.items.map((e) => e.number);
  assert.deepEqual(await numbers(`fund_id=${fund.id}&from=2026-06-02&to=2026-06-03`), [3, 2]);
  assert.deepEqual(await numbers(`project_id=${project.id}&account=61&q=REPARATION`), [5, 4, 3, 2, 1]);
  assert.deepEqual(await numbers("q=ac-4"), [4]);
  assert.deepEqual(await numbers("account=62"), []);
  assert.deepEqual(await numbers("status=draft"), []);
  const csv = await org.get("entries?journal=AC&format=csv&locale=fr");
  assert.equal(csv.text.split("\r\n").length, 7, "a heading, five rows, an end");
  const lines = await org.get(`entry-lines?account=615&fund_id=${fund.id}&as_of=2026-06-03`);
  assert.deepEqual(lines.body.items.map((l) => l.debit), ["3.00", "2.00", "1.00"]);
  assert.equal(lines.body.items[0].matched, false);
  const one = (await org.get(`entry-lines?entry_id=${page.body.items[0].id}&sort=date`)).body.items;
  assert.deepEqual(one.map((l) => l.account), ["615", "512"]);
  // A line without a fund followed the one that was named.
  assert.deepEqual(new Set(one.map((l) => l.fund_id)), new Set([fund.id]));
  const balance = await org.get(`reports/trial-balance?as_of=2026-06-30&fund_id=${fund.id}`);
  assert.deepEqual(balance.body.items.map((i) => [i.account, i.balance]), [["512", "-15.00"], ["615", "15.00"]]);
});

test("funds and projects", async () => {
  const funds = (await org.get("funds?kind=general")).body.items;
  assert.equal(funds.length, 1);
  assert.equal(funds[0].is_default, true);
  const taken = await org.post("funds", { name: "FONCTIONNEMENT", kind: "designated" });
  assert.equal(taken.status, 422);
  assert.deepEqual(faults(taken), ["/name fund.name_taken"]);
  const changed = await org.patch(`funds/${funds[0].id}`, { floor: "1500.00" });
  assert.equal(changed.body.floor, "1500.00");
  assert.equal(changed.body.name, "Fonctionnement");
  assert.equal((await org.patch(`funds/${funds[0].id}`, { kind: "solidarity" })).status, 422, "the kind stays");
  assert.equal((await org.patch(`funds/${funds[0].id}`, { floor: "-1.00" })).status, 422);
  const project = await org.make("projects", { name: "Cantine", code: "CAN" });
  assert.equal(code(await org.post("projects", { name: "Autre", code: "can" })), "project.code_taken");
  assert.equal(code(await org.post("projects", { name: "Autre", code: "a b" })), "project.code_form");
  const cleared = await org.patch(`projects/${project.id}`, { code: null });
  assert.equal(cleared.body.code, null);
  assert.equal(cleared.body.name, "Cantine");
});

test("accounts of the chart and of one's own", async () => {
  const of = async (query) => {
    const reply = await org.get(`accounts?limit=500&${query}`);
    assert.equal(reply.status, 200, reply.text);
    return reply.body.items;
  };
  assert.deepEqual((await of("q=757")).filter((a) => a.number === "757").length, 2, "two vintages");
  assert.deepEqual((await of("q=757&on=2026-05-05")).map((a) => a.number), ["757", "7571"]);
  assert.ok((await of("q=benevolat")).some((a) => a.number === "875"), "accents do not matter");
  assert.ok((await of("class=5")).every((a) => a.number.startsWith("5")));
  const all = [];
  for (let after = ""; after !== null; ) {
    const page = (await org.get(`accounts?limit=300${after && "&after=" + after}`)).body;
    all.push(...page.items);
    after = page.next;
  }
  assert.equal(new Set(all.map((a) => a.id)).size, all.length);
  assert.equal(all.length, 887);
  const reply = await org.post("accounts", { number: "51277", title: "Livret A" });
  assert.equal(reply.status, 201);
  assert.equal(reply.body.kind, "asset");
  assert.equal(reply.body.own, true);
  const at = reply.headers.location.split("/organisations/ledger/")[1];
  assert.deepEqual((await org.get(at)).body, reply.body, "it is where Location says");
  assert.equal((await org.get("accounts/757@2020-01-01")).body.valid_to, "2024-12-31");
  assert.equal((await org.get("accounts/757")).status, 404);
  assert.equal((await org.post("accounts", { number: "51277", title: "Encore" })).status, 409);
  assert.equal(code(await org.post("accounts", { number: "9991", title: "Rien" })), "account.number");
  assert.equal((await org.get("journals")).body.items.length, 7);
});

test("fiscal years and locked periods", async () => {
  const org = api.organisation("years", { starts: "2025-09-01" });
  const post = (date) => org.post("entries", entry([debit("512", "1.00"), credit("7561", "1.00")], { date }));
  const [first] = (await org.get("fiscal-years")).body.items;
  assert.deepEqual([first.starts_on, first.ends_on, first.state], ["2025-09-01", "2026-08-31", "open"]);
  assert.equal(code(await org.post("fiscal-years", { starts_on: "2026-09-02", ends_on: "2027-08-31" })), "fiscal_year.gap");
  assert.equal(code(await org.post("fiscal-years", { starts_on: "2026-08-01", ends_on: "2027-08-31" })), "fiscal_year.overlap");
  assert.equal(code(await org.post("fiscal-years", { starts_on: "2026-09-01", ends_on: "2028-09-01" })), "fiscal_year.length");
  await org.make("fiscal-years", { starts_on: "2026-09-01", ends_on: "2028-08-31" });
  const draft = (await post("2025-10-15")).body;
  const locked = await org.make(`fiscal-years/${first.id}/locks`, { through: "2025-10-31", reason: "Sent to the accountant" });
  assert.equal(locked.locked_through, "2025-10-31");
  const refused = await org.post(`entries/${draft.id}/validations`, {}, { headers: { "Accept-Language": "fr" } });
  assert.equal(code(refused), "period.locked");
  assert.match(refused.text, /31.*octobre.*2025|31\/10\/2025/);
  assert.deepEqual(faults(await post("2025-10-31")), ["/date period.locked"]);
  assert.equal((await post("2025-11-01")).status, 201);
  const late = (await post("2025-11-02")).body;
  await org.make(`entries/${late.id}/validations`, {});
  const back = await org.post(`entries/${late.id}/reversals`, { date: "2025-10-31", reason: "x" });
  assert.ok([409, 422].includes(back.status));
  assert.equal((await org.post(`fiscal-years/${first.id}/locks`, { through: "2025-10-15", reason: "x" })).status, 422);
  assert.equal((await org.post(`fiscal-years/${first.id}/locks`, { through: "2025-09-30", reason: "x" })).status, 409);
  assert.equal((await org.post(`fiscal-years/${first.id}/unlocks`, { reason: "x" })).status, 422, "through must be said, null included");
  assert.equal((await org.make(`fiscal-years/${first.id}/unlocks`, { through: null, reason: "An invoice was forgotten" })).locked_through, null);
  assert.equal((await org.post(`entries/${draft.id}/validations`, {})).status, 201);
});

test("trial balance", async () => {
  const org = api.organisation("balance", { starts: "2025-01-01" });
  const post = async (date, from, to, amount) => {
    const draft = await org.make("entries", entry([debit(to, amount), credit(from, amount)], { date }));
    return org.make(`entries/${draft.id}/validations`, {});
  };
  const empty = (await org.get("reports/trial-balance?as_of=2025-12-31")).body;
  assert.deepEqual([empty.items, empty.total_debit, empty.total_credit], [[], "0.00", "0.00"]);
  const year = await org.make("fiscal-years", { starts_on: "2026-01-01", ends_on: "2026-12-31" });
  await post("2025-03-01", "7561", "512", "1000.00");
  await post("2026-02-01", "512", "627", "12.34");
  await org.make("entries", entry([debit("512", "777.00"), credit("7561", "777.00")], { date: "2026-02-01" }));
  const all = (await org.get("reports/trial-balance?as_of=2026-12-31")).body;
  assert.deepEqual(all.items.map((i) => [i.account, i.debit, i.credit, i.balance, i.opening]), [
    ["512", "1000.00", "12.34", "987.66", null], ["627", "12.34", "0.00", "12.34", null], ["7561", "0.00", "1000.00", "-1000.00", null]]);
  assert.deepEqual([all.total_debit, all.total_credit, all.as_of, all.fiscal_year_id], ["1012.34", "1012.34", "2026-12-31", null]);
  const one = (await org.get(`reports/trial-balance?fiscal_year_id=${year.id}`)).body;
  assert.deepEqual(one.items.map((i) => [i.account, i.opening, i.debit, i.credit, i.balance, i.closing]), [
    ["512", "1000.00", "0.00", "12.34", "-12.34", "987.66"], ["627", "0.00", "12.34", "0.00", "12.34", "12.34"]]);
  assert.equal(one.as_of, "2026-12-31");
  assert.equal(one.fiscal_year_id, year.id);
  const before = (await org.get("reports/trial-balance?as_of=2026-01-31")).text;
  const known = JSON.parse(before).known_at;
  await post("2025-03-02", "7561", "512", "5.00");
  assert.equal((await org.get(`reports/trial-balance?as_of=2026-01-31&known_at=${known}`)).text, before, "the same again, to the byte");
  assert.notEqual((await org.get("reports/trial-balance?as_of=2026-01-31&known_at=2099-01-01T00:00:00Z")).text, before);
  assert.deepEqual(faults(await org.get("reports/trial-balance?known_at=yesterday")), ["?known_at instant.format"]);
  assert.equal(code(await org.get(`reports/trial-balance?as_of=2025-12-31&fiscal_year_id=${year.id}`)), "report.before_year");
  assert.equal((await org.get("reports/trial-balance?fiscal_year_id=018f0000-0000-7000-8000-000000000000")).status, 404);
  const csv = await org.get("reports/trial-balance?as_of=2026-01-31&format=csv");
  assert.equal(csv.text.split("\r\n")[0], "account,title,opening,debit,credit,balance,closing");
  for (const role of ["board", "auditor"]) assert.equal((await org.get("reports/trial-balance", { as: role })).status, 200);
  assert.equal((await org.get("reports/trial-balance", { as: "administrator" })).status, 403);
});

test("a reader of the books writes nothing", async () => {
  for (const role of ["board", "auditor", "administrator"]) {
    assert.equal((await org.post("entries", entry([debit("512", "1.00")]), { as: role })).status, 403);
    assert.equal((await org.post("funds", { name: "x", kind: "general" }, { as: role })).status, 403);
  }
});
