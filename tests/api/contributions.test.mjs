// Money in over HTTP: recording, what is refused, agreements, cancelling, correcting, previews, natures, in kind.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api, faults } from "../lib/api.mjs";

const YEAR = new Date().getUTCFullYear();
const today = new Date().toISOString().slice(0, 10);
let api, org, other, asso, scop, person, foreign, funds;

before(async () => {
  api = new Api();
  org = api.organisation("alpha", { starts: `${YEAR - 1}-01-01` });
  await org.make("fiscal-years", { starts_on: `${YEAR}-01-01`, ends_on: `${YEAR}-12-31` });
  other = api.organisation("beta");
  const member = (o, name, legal_form) => o.make("members", { name, legal_form, joined_on: "2020-01-15" });
  asso = await member(org, "Les Tisserands", "association");
  scop = await member(org, "La Scierie", "scop");
  person = await member(org, "Jeanne Martin", "sole_trader");
  foreign = await member(other, "Ailleurs", "association");
  funds = Object.fromEntries((await org.get("funds")).body.items.map((f) => [f.kind, f]));
});
after(() => api.close());

const gift = (more) => ({ member_id: asso.id, amount: "250.00", received_on: today, means: "cheque", nature: "dues", ...more });
const lines = async (id) => (await org.get(`entries/${id}`)).body.lines.map((l) => `${l.account} ${l.debit ?? "-" + l.credit}`).join(" ");
const count = async () => (await org.get("contributions?limit=500")).body.items.length;

test("a contribution: 201, Location, a validated entry in the same transaction", async () => {
  const reply = await org.post("contributions", gift({ label: "Cotisation de l’année" }));
  assert.equal(reply.status, 201, reply.text);
  const c = reply.body;
  assert.equal(reply.headers.location, `/api/v1/organisations/alpha/contributions/${c.id}`);
  assert.deepEqual([c.status, c.amount, c.member_name, c.fund_id, c.giver_legal_form, c.matched, c.notes, c.receipt_entry_id],
    ["recorded", "250.00", "Les Tisserands", funds.general.id, "association", false, [], null]);
  const entry = (await org.get(`entries/${c.entry_id}`)).body;
  assert.deepEqual([entry.status, entry.number, entry.label, entry.date, entry.source_kind, entry.source_id],
    ["validated", 1, "Cotisation de l’année", today, "contribution", c.id]);
  assert.equal(await lines(c.entry_id), "5112 250.00 7561 -250.00");
  assert.deepEqual((await org.get(`contributions/${c.id}`)).body, c);
  const m = (await org.get(`members/${asso.id}`)).body;
  assert.deepEqual([m.contributed_this_year, m.dues_paid_this_year, m.last_contribution_on], ["250.00", "250.00", today]);
});

test("everything but dues goes to the solidarity fund; a donor need not be a member", async () => {
  const donor = { name: "Paule Durand", legal_form: "person" };
  const c = await org.make("contributions", gift({ member_id: undefined, donor, nature: "donation", means: "platform" }));
  assert.deepEqual([c.fund_id, c.member_id, c.donor, c.giver_name], [funds.solidarity.id, null, donor, "Paule Durand"]);
  assert.equal(await lines(c.entry_id), "517 250.00 75411 -250.00");
  assert.equal((await org.get(`entries/${c.entry_id}`)).body.label, "Don", "a natural person is not named in a label");
});

test("amounts: a third decimal, a number, a sign, zero, too much", async () => {
  const before = await count();
  const of = async (amount) => faults(await org.post("contributions", gift({ amount }))).join();
  assert.equal(await of("12.345"), "/amount money.precision");
  assert.equal(await of("12.5"), "/amount money.precision");
  assert.equal(await of(12.5), "/amount money.type");
  assert.equal(await of(12), "/amount money.type");
  assert.equal(await of("12,50"), "/amount money.format");
  assert.equal(await of("+12.50"), "/amount money.format");
  assert.equal(await of("1e3"), "/amount money.format");
  assert.equal(await of("-1.00"), "/amount money.range");
  assert.equal(await of("0.00"), "/amount money.range");
  assert.equal(await of("99999999999999.99"), "/amount money.range");
  assert.equal(await of(null), "/amount field.null");
  assert.equal(await count(), before);
});

test("bad input: each named, all at once, nothing recorded", async () => {
  const before = await count();
  const of = async (more) => {
    const reply = await org.post("contributions", gift(more));
    return [reply.status, ...faults(reply)].join(" ");
  };
  assert.equal(await of({ received_on: undefined }), "422 /received_on contribution.received_on_missing");
  assert.equal(await of({ received_on: null, means: undefined }), "422 /received_on contribution.received_on_missing");
  assert.equal(await of({ means: undefined }), "422 /means contribution.means_missing");
  assert.equal(await of({ means: "in_kind" }), "422 /means enum.value");
  assert.equal(await of({ member_id: undefined }), "422 /member_id contribution.giver_missing");
  assert.equal(await of({ donor: { name: "X", legal_form: "person" } }), "422 /donor contribution.giver_twice");
  assert.equal(await of({ member_id: undefined, donor: { name: "" } }), "422 /donor/legal_form field.required /donor/name field.required");
  assert.equal(await of({ montant: "1.00", purpose: "x" }), "422 /montant field.unknown /purpose field.unknown");
  assert.equal(await of({ received_on: "2999-01-01" }), "422 /received_on contribution.future");
  assert.equal(await of({ received_on: "2001-01-01" }), "422 /received_on fiscal_year.none");
  assert.equal(await of({ received_on: "31/12/2025" }), "422 /received_on date.format");
  assert.equal(await of({ nature: "patronage", received_on: "2001-01-01", member_id: person.id, repayable_on: "2030-01-01" }),
    "422 /nature nature.patronage /received_on fiscal_year.none /repayable_on contribution.terms_without_debt");
  assert.equal(await of({ member_id: foreign.id }), "404 /member_id not_found");
  assert.equal(await of({ member_id: randomUUID() }), "404 /member_id not_found");
  assert.match(await of({ fund_id: randomUUID() }), /\/fund_id not_found/);
  assert.equal((await org.post("contributions", '{"amount": "1.00", "amount": "2.00"}')).status, 400, "duplicate keys");
  assert.equal((await org.post("contributions", '{"amount": ')).status, 400, "malformed");
  assert.equal((await org.post("contributions", gift(), { headers: { "Content-Type": "text/plain" } })).status, 415);
  assert.equal(await count(), before);
});

test("a nature this giver cannot have: says which it can, in the reader's language", async () => {
  const reply = await org.post("contributions", gift({ member_id: scop.id, nature: "financial_contribution" }), { headers: { "Accept-Language": "fr" } });
  assert.equal(reply.status, 422);
  assert.match(reply.body.errors[0].detail, /Possible pour une SCOP\u00a0: /);
  assert.match(reply.body.errors[0].detail, /cotisation, .*don, mécénat, parrainage/);
  const english = await org.post("contributions", gift({ member_id: person.id, nature: "subsidy" }));
  assert.match(english.body.errors[0].detail, /From a sole trader it can be: dues, donation\./);
});

test("locked period and closed dates", async () => {
  const year = (await org.get("fiscal-years")).body.items.find((y) => y.starts_on === `${YEAR - 1}-01-01`);
  await org.make(`fiscal-years/${year.id}/locks`, { through: `${YEAR - 1}-01-31`, reason: "monthly closing" });
  const reply = await org.post("contributions", gift({ received_on: `${YEAR - 1}-01-31` }));
  assert.deepEqual([reply.status, ...faults(reply)], [422, "/received_on period.locked"]);
  assert.equal((await org.post("contributions", gift({ received_on: `${YEAR - 1}-02-01` }))).status, 201);
});

test("repayable: date and legal basis; from a company only with the accountant's note", async () => {
  const base = { nature: "repayable", means: "transfer" };
  assert.deepEqual(faults(await org.post("contributions", gift(base))), ["/legal_basis contribution.repayable_terms", "/repayable_on contribution.repayable_terms"]);
  const terms = { ...base, repayable_on: `${YEAR + 2}-01-01`, legal_basis: "Convention de trésorerie (CMF L511-7 I ter)" };
  const c = await org.make("contributions", gift(terms));
  assert.deepEqual([await lines(c.entry_id), c.notes], ["512 250.00 1681 -250.00", ["to_repay"]]);
  for (const member of [scop, person])
    assert.deepEqual(faults(await org.post("contributions", gift({ ...terms, member_id: member.id }))), ["/accountant_note contribution.repayable_from_public"]);
  assert.equal((await org.post("contributions", gift({ ...terms, member_id: scop.id, accountant_note: "Avis du 3 mars" }))).status, 201);
});

test("an agreement counts at signature, its money settles the claim", async () => {
  const c = await org.make("contributions", { member_id: asso.id, amount: "2000.00", nature: "financial_contribution", agreement_signed_on: `${YEAR - 1}-12-15` });
  assert.deepEqual([c.status, c.received_on, c.means, c.date], ["awaited", null, null, `${YEAR - 1}-12-15`]);
  assert.equal(await lines(c.entry_id), "467 2000.00 7551 -2000.00");
  assert.deepEqual((await org.get("contributions?status=awaited")).body.items.map((i) => i.id), [c.id]);
  assert.deepEqual(faults(await org.post(`contributions/${c.id}/receipts`, {})), ["/received_on field.required"]);
  assert.deepEqual(faults(await org.post(`contributions/${c.id}/receipts`, { received_on: today })), ["/means contribution.means_missing"]);
  const received = await org.make(`contributions/${c.id}/receipts`, { received_on: `${YEAR}-01-20`, means: "transfer" });
  assert.deepEqual([received.status, received.entry_id, await lines(received.receipt_entry_id)], ["recorded", c.entry_id, "512 2000.00 467 -2000.00"]);
  assert.equal((await org.post(`contributions/${c.id}/receipts`, { received_on: today })).status, 409);
  assert.equal((await org.post(`contributions/${randomUUID()}/receipts`, { received_on: today })).status, 404);
  const refused = await org.post("contributions", { member_id: asso.id, amount: "10.00", nature: "dues", agreement_signed_on: today });
  assert.deepEqual(faults(refused), ["/received_on contribution.counts_when_received"]);
});

test("a second bank account: money that came there is booked there", async () => {
  const book = (iban, name) => org.make("bank-accounts", { name, iban });
  const first = await book("FR7630006000011234567890189", "Courant");
  const second = await book("FR1420041010050500013M02606", "Livret");
  assert.deepEqual([first.account, second.account], ["512", "51202"]);
  const of = async (more) => lines((await org.make("contributions", gift({ means: "transfer", ...more }))).entry_id);
  assert.equal(await of({}), "512 250.00 7561 -250.00");
  assert.equal(await of({ bank_account_id: first.id }), "512 250.00 7561 -250.00");
  assert.equal(await of({ bank_account_id: second.id, means: "direct_debit" }), "51202 250.00 7561 -250.00");
  const shown = await org.post("contribution-previews", gift({ means: "transfer", bank_account_id: second.id }));
  assert.deepEqual(shown.body.entries[0].lines.map((l) => l.account), ["51202", "7561"]);
  assert.deepEqual(faults(await org.post("contributions", gift({ bank_account_id: second.id }))), ["/bank_account_id contribution.bank_account_means"]);
  assert.deepEqual(faults(await org.post("contributions", gift({ means: "transfer", bank_account_id: randomUUID() }))), ["/bank_account_id not_found"]);
  const c = await org.make("contributions", gift({ means: "transfer", bank_account_id: second.id }));
  const amount = await org.make(`contributions/${c.id}/corrections`, { reason: "x", amount: "251.00" });
  assert.equal(await lines(amount.entry_id), "51202 251.00 7561 -251.00", "a correction leaves it where it came");
  const account = await org.make(`contributions/${amount.id}/corrections`, { reason: "x", bank_account_id: first.id });
  assert.equal(await lines(account.entry_id), "512 251.00 7561 -251.00", "or says where it really came");
  assert.equal((await org.post(`contributions/${account.id}/corrections`, { reason: "x", bank_account_id: first.id })).status, 422);
  const cheque = await org.make(`contributions/${account.id}/corrections`, { reason: "x", means: "cheque" });
  assert.equal(await lines(cheque.entry_id), "5112 251.00 7561 -251.00");
  const awaited = await org.make("contributions", { member_id: asso.id, amount: "30.00", nature: "financial_contribution", agreement_signed_on: today });
  const received = await org.make(`contributions/${awaited.id}/receipts`, { received_on: today, means: "transfer", bank_account_id: second.id });
  assert.equal(await lines(received.receipt_entry_id), "51202 30.00 467 -30.00");
});

test("cancellation: a reversal linked both ways, once, with a reason", async () => {
  const c = await org.make("contributions", gift({ received_on: `${YEAR}-01-10` }));
  assert.deepEqual(faults(await org.post(`contributions/${c.id}/cancellations`, {})), ["/reason field.required"]);
  assert.deepEqual(faults(await org.post(`contributions/${c.id}/cancellations`, { reason: "   " })), ["/reason field.required"]);
  const early = await org.post(`contributions/${c.id}/cancellations`, { reason: "x", date: `${YEAR}-01-09` });
  assert.deepEqual([early.status, early.body.errors[0].code], [422, "reversal.before_entry"]);
  const done = await org.post(`contributions/${c.id}/cancellations`, { reason: "typed twice" });
  assert.deepEqual([done.status, done.body.status, done.body.reason], [200, "cancelled", "typed twice"]);
  const reversal = (await org.get(`entries/${done.body.reversal_entry_id}`)).body;
  assert.deepEqual([reversal.reverses_entry_id, reversal.reason, reversal.date], [c.entry_id, "typed twice", `${YEAR}-01-10`]);
  assert.equal((await org.get(`entries/${c.entry_id}`)).body.reversed_by_entry_id, reversal.id);
  assert.equal((await org.post(`contributions/${c.id}/cancellations`, { reason: "again" })).status, 409);
  assert.equal((await org.post(`contributions/${c.id}/corrections`, { reason: "again", amount: "1.00" })).status, 409);
  const events = (await org.get(`audit-events?subject_kind=contribution&subject_id=${c.id}`)).body.items;
  assert.deepEqual(events.map((e) => [e.action, e.reason]), [["update", "typed twice"], ["insert", null]]);
});

test("the ledger does not take a contribution's entry back by itself", async () => {
  const c = await org.make("contributions", gift());
  const reply = await org.post(`entries/${c.entry_id}/reversals`, { date: today, reason: "x" });
  assert.equal(reply.status, 409);
  assert.equal((await org.get(`contributions/${c.id}`)).body.status, "recorded");
});

test("matched with the bank: what the bank proves is neither cancelled nor corrected before the match is undone", async () => {
  const stamp = today.replaceAll("-", "");
  const ofx = `OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>${stamp}<DTEND>${stamp}
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>${stamp}<TRNAMT>63.00<FITID>A1<NAME>VIR LES TISSERANDS</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>63.00<DTASOF>${stamp}</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`;
  const imported = await org.upload("bank-statements", "releve.ofx", ofx);
  assert.equal(imported.status, 201, imported.text);
  const c = await org.make("contributions", gift({ amount: "63.00", means: "transfer" }));
  const line = (await org.get("bank-transactions?status=unmatched")).body.items.find((t) => t.amount === "63.00");
  const match = await org.post(`bank-transactions/${line.id}/matches`, { contribution_ids: [c.id] });
  assert.equal(match.status, 201, match.text);
  assert.equal((await org.get(`contributions/${c.id}`)).body.matched, true);
  for (const [act, body] of [["cancellations", { reason: "x" }], ["corrections", { reason: "x", amount: "64.00" }]]) {
    const refused = await org.post(`contributions/${c.id}/${act}`, body);
    assert.deepEqual([refused.status, refused.body.type], [409, "urn:grenier:problem:contribution.matched"], act);
  }
  const undone = await org.post(`bank-transactions/${line.id}/matches/${match.body.id}/cancellations`, { reason: "wrong line" });
  assert.ok(undone.status < 300, undone.text);
  assert.equal((await org.get(`contributions/${c.id}`)).body.matched, false);
  assert.equal((await org.post(`contributions/${c.id}/cancellations`, { reason: "x" })).status, 200);
});

test("correction: one act, linked, 201 at the new one's address", async () => {
  const c = await org.make("contributions", gift({ amount: "1520.00", received_on: `${YEAR}-01-12`, label: "Appel" }));
  assert.deepEqual(faults(await org.post(`contributions/${c.id}/corrections`, { amount: "1250.00" })), ["/reason field.required"]);
  assert.equal((await org.post(`contributions/${c.id}/corrections`, { reason: "x", amount: "1520.00" })).body.type, "urn:grenier:problem:contribution.nothing_changed");
  const reply = await org.post(`contributions/${c.id}/corrections`, { reason: "inverted digits", amount: "1250.00" });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.headers.location, `/api/v1/organisations/alpha/contributions/${reply.body.id}`);
  assert.deepEqual([reply.body.corrects_id, reply.body.amount, reply.body.label, reply.body.received_on], [c.id, "1250.00", "Appel", `${YEAR}-01-12`]);
  const old = (await org.get(`contributions/${c.id}`)).body;
  assert.deepEqual([old.status, old.corrected_by_id, old.reason], ["corrected", reply.body.id, "inverted digits"]);
  assert.equal(await lines(old.reversal_entry_id), "5112 -1520.00 7561 1520.00");
  assert.equal(await lines(reply.body.entry_id), "5112 1250.00 7561 -1250.00");
});

test("preview: the same entries or the same refusals, nothing written", async () => {
  const before = await count();
  const body = gift({ nature: "financial_contribution", amount: "300.00", agreement_signed_on: today });
  const shown = await org.post("contribution-previews", body);
  assert.equal(shown.status, 200, shown.text);
  assert.deepEqual(shown.body.entries.map((e) => [e.date, e.journal, e.lines.map((l) => `${l.account} ${l.debit ?? "-" + l.credit}`).join(" ")]),
    [[today, "OD", "467 300.00 7551 -300.00"], [today, "CH", "5112 300.00 467 -300.00"]]);
  assert.deepEqual([shown.body.fund_name, shown.body.status, shown.body.entries[0].lines[1].title],
    ["Fonds de solidarité", "recorded", "Contributions financières d'autres organismes"]);
  assert.deepEqual(faults(await org.post("contribution-previews", gift({ nature: "subsidy" }))), ["/nature nature.subsidy"]);
  assert.equal(await count(), before);
  const made = await org.make("contributions", body);
  assert.equal(await lines(made.entry_id), "467 300.00 7551 -300.00");
  assert.equal(await lines(made.receipt_entry_id), "5112 300.00 467 -300.00");
});

test("natures: what each legal form can have", async () => {
  const items = (await org.get("contribution-natures?limit=500")).body.items;
  const of = (form) => items.filter((n) => n.legal_form === form).map((n) => n.nature).sort();
  assert.deepEqual(of("association"), ["dues", "equity_with_return", "equity_without_return", "financial_contribution", "repayable"]);
  assert.deepEqual(of("scop"), ["donation", "dues", "equity_with_return", "equity_without_return", "patronage", "repayable", "sponsorship"]);
  assert.deepEqual(of("person"), ["donation", "dues", "repayable"]);
  assert.deepEqual(of("local_authority"), ["dues", "repayable", "subsidy"]);
  const dues = items.find((n) => n.id === "association.dues");
  assert.deepEqual([dues.account, dues.default_fund_id, dues.agreement_account, dues.needs], ["7561", funds.general.id, null, []]);
  assert.deepEqual((await org.get("contribution-natures?legal_form=company&nature=repayable")).body.items[0].needs, ["repayable_on", "legal_basis", "accountant_note"]);
});

test("idempotent: a retry books once; other content 422", async () => {
  const headers = { "Idempotency-Key": randomUUID() };
  const first = await org.post("contributions", gift({ amount: "77.00" }), { headers });
  const second = await org.post("contributions", gift({ amount: "77.00" }), { headers });
  assert.deepEqual([second.status, second.body], [201, first.body]);
  assert.equal((await org.get(`entries?q=&limit=500`)).body.items.filter((e) => e.total === "77.00").length, 1);
  assert.equal((await org.post("contributions", gift({ amount: "78.00" }), { headers })).status, 422);
  const correction = { "Idempotency-Key": randomUUID() };
  const a = await org.post(`contributions/${first.body.id}/corrections`, { reason: "x", amount: "79.00" }, { headers: correction });
  const b = await org.post(`contributions/${first.body.id}/corrections`, { reason: "x", amount: "79.00" }, { headers: correction });
  assert.deepEqual([b.status, b.body, b.headers.location], [201, a.body, a.headers.location]);
});

test("lists: filters, sorts, pages, CSV", async () => {
  const ids = async (query) => (await org.get(`contributions?limit=500&${query}`)).body.items.map((c) => c.id);
  const all = (await org.get("contributions?limit=500")).body.items;
  for (const [query, keep] of [
    [`member_id=${asso.id}`, (c) => c.member_id === asso.id], ["nature=dues", (c) => c.nature === "dues"], ["means=platform", (c) => c.means === "platform"],
    ["status=corrected", (c) => c.status === "corrected"], [`fund_id=${funds.solidarity.id}`, (c) => c.fund_id === funds.solidarity.id],
    [`from=${YEAR}-01-01&to=${YEAR}-01-12`, (c) => c.date >= `${YEAR}-01-01` && c.date <= `${YEAR}-01-12`], ["q=PAULE", (c) => c.giver_name === "Paule Durand"],
    ["matched=false", () => true]]) {
    const wanted = all.filter(keep).map((c) => c.id).sort();
    assert.ok(wanted.length > 0, query);
    assert.deepEqual((await ids(query)).sort(), wanted, query);
  }
  for (const sort of ["-received_on", "received_on", "-amount", "-recorded_at"]) {
    const paged = [];
    for (let after = ""; after !== null;) {
      const page = (await org.get(`contributions?sort=${sort}&limit=3${after === "" ? "" : `&after=${after}`}`)).body;
      paged.push(...page.items.map((c) => c.id));
      after = page.next;
    }
    assert.deepEqual(paged, await ids(`sort=${sort}`), sort);
  }
  const csv = String((await org.get("contributions?format=csv&locale=fr&nature=donation")).text);
  assert.match(csv, /Reçu de;Forme juridique;Montant;/);
  assert.match(csv, /;Paule Durand;person;250,00;/);
});

test("roles and other organisations", async () => {
  const c = await org.make("contributions", gift({ member_id: scop.id, nature: "sponsorship" }));
  for (const as of ["board", "auditor"]) {
    assert.equal((await org.get(`contributions/${c.id}`, { as })).status, 200);
    assert.equal((await org.post("contributions", gift(), { as })).status, 403);
    assert.equal((await org.post(`contributions/${c.id}/cancellations`, { reason: "x" }, { as })).status, 403);
  }
  assert.equal((await org.get("contributions", { as: "administrator" })).status, 403);
  assert.equal((await other.get(`contributions/${c.id}`)).status, 404);
  assert.equal((await other.post(`contributions/${c.id}/cancellations`, { reason: "x" })).status, 404);
  const token = api.token("alpha", "member", scop.id);
  const seen = (await org.get("contributions?limit=500", { token })).body.items;
  assert.ok(seen.length > 0 && seen.every((i) => i.member_id === scop.id));
  assert.equal((await org.get(`contributions/${(await org.get(`contributions?member_id=${asso.id}`)).body.items[0].id}`, { token })).status, 404);
});

test("in kind: classes 86 and 87, no money, cancelled by reversal", async () => {
  const before = (await org.get(`members/${person.id}`)).body.contributed_total;
  const k = await org.make("in-kind-contributions", { member_id: person.id, kind: "volunteer_time", value: "120.00", hours: "10.5", given_on: today, label: "Comptabilité" });
  assert.deepEqual([k.status, k.hours, k.giver_name], ["recorded", "10.50", "Jeanne Martin"]);
  assert.equal(await lines(k.entry_id), "864 120.00 875 -120.00");
  assert.equal((await org.get(`members/${person.id}`)).body.contributed_total, before);
  const bad = { donor: { name: "X", legal_form: "person" }, kind: "goods", value: "0.00", given_on: "2999-01-01", hours: "1" };
  assert.deepEqual(faults(await org.post("in-kind-contributions", bad)), ["/value money.range"]);
  assert.deepEqual(faults(await org.post("in-kind-contributions", { ...bad, value: "1.00" })), ["/given_on contribution.future", "/hours in_kind.hours_of_people"]);
  assert.equal((await org.post("in-kind-contributions", { member_id: foreign.id, kind: "goods", value: "1.00", given_on: today })).status, 404);
  const done = await org.make(`in-kind-contributions/${k.id}/cancellations`, { reason: "counted twice" });
  assert.deepEqual([done.status, await lines(done.reversal_entry_id)], ["cancelled", "864 -120.00 875 120.00"]);
  assert.equal((await org.post(`in-kind-contributions/${k.id}/cancellations`, { reason: "x" })).status, 409);
  assert.deepEqual((await org.get(`in-kind-contributions?member_id=${person.id}&kind=volunteer_time&status=cancelled`)).body.items.map((i) => i.id), [k.id]);
});

test("another currency's digits, English labels", async () => {
  const xpf = api.organisation("tahiti", { currency: "XPF", digits: 0 });
  xpf.sql("UPDATE fund.organisation SET language = 'en'");
  const donor = { name: "Anne", legal_form: "person" };
  assert.deepEqual(faults(await xpf.post("contributions", { donor, amount: "10.00", received_on: today, means: "cash", nature: "dues" })), ["/amount money.precision"]);
  const c = await xpf.make("contributions", { donor, amount: "1000", received_on: today, means: "cash", nature: "dues" });
  assert.equal(c.amount, "1000");
  assert.equal((await xpf.get(`entries/${c.entry_id}`)).body.label, "Dues");
});
