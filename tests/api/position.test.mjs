// The board's figure, computed by hand beside the report: what counts, what stands beside, and the same answer again for the
// same day and instant after everything changed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Api, faults } from "../lib/api.mjs";

let api, org, general, solidarity, member;
const year = new Date().getUTCFullYear();
const day = (month, date) => `${year}-${month}-${date}`;
before(async () => {
  api = new Api();
  org = api.organisation("fonds");
  [general, solidarity] = (await org.get("funds")).body.items;
  member = await org.make("members", { name: "Les Jardins", legal_form: "association", joined_on: "2020-01-01" });
});
after(() => api.close());

const give = (amount, means, nature = "financial_contribution", more = {}) =>
  org.make("contributions", { member_id: member.id, amount, received_on: day("01", "15"), means, nature, ...more });
const position = async (query = "") => {
  const reply = await org.get("reports/fund-position" + query);
  assert.equal(reply.status, 200, reply.text);
  return { ...reply.body, fund: reply.body.items.find((f) => f.fund_id === solidarity.id) };
};

// A bank statement of our own making: one account, these amounts on 20 January.
function camt(amounts, opening = "0.00") {
  const cents = (text) => BigInt(text.replace(".", ""));
  const text = (c) => `${c < 0n ? "-" : ""}${(c < 0n ? -c : c) / 100n}.${String((c < 0n ? -c : c) % 100n).padStart(2, "0")}`;
  const sum = amounts.reduce((s, a) => s + cents(a), cents(opening));
  const amount = (a) => `<Amt Ccy="EUR">${text(cents(a) < 0n ? -cents(a) : cents(a))}</Amt><CdtDbtInd>${cents(a) < 0n ? "DBIT" : "CRDT"}</CdtDbtInd>`;
  const balance = (code, a) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(a)}<Dt><Dt>${day("01", "20")}</Dt></Dt></Bal>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>${day("01", "20")}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id><CreDtTm>${day("01", "20")}T20:00:00</CreDtTm><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>${balance("OPBD", opening)}${balance("CLBD", text(sum))}${amounts
    .map((a, i) => `<Ntry>${amount(a)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day("01", "20")}</Dt></BookgDt><AcctSvcrRef>R${i}</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><RmtInf><Ustrd>LIGNE ${i}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`)
    .join("")}</Stmt></BkToCstmrStmt></Document>`;
}
const lineOf = async (amount) => (await org.get("bank-transactions?status=unmatched&limit=500")).body.items.find((t) => t.amount === amount);

test("an empty fund has nothing, and says what is not built yet", async () => {
  const { fund, months, not_yet } = await position();
  assert.deepEqual([fund.held, fund.held_for_others, fund.promised, fund.reserved, fund.floor, fund.available], Array(6).fill("0.00"));
  assert.equal(months.length, 12);
  assert.deepEqual(not_yet, ["promised", "reserved", "debts_due"]);
});

let transfer;
test("money counts when the bank has confirmed it; cheques, platforms and cash stand beside", async () => {
  transfer = await give("1000.00", "transfer");
  await give("60.00", "cheque");
  await give("170.00", "platform");
  await give("20.00", "cash");
  await give("500.00", "transfer", "dues"); // general fund
  let { fund } = await position();
  assert.deepEqual([fund.held, fund.unmatched, fund.cheques, fund.platforms, fund.cash, fund.available],
    ["0.00", "1000.00", "60.00", "170.00", "20.00", "0.00"]);
  const imported = await org.upload("bank-statements", "a.xml", camt(["1000.00", "500.00", "300.00", "75.00"]));
  assert.equal(imported.status, 201, imported.text);
  const account = (await org.get("bank-accounts")).body.items[0];
  await org.make(`bank-accounts/${account.id}/confirmations`, {});
  const matched = await org.post(`bank-transactions/${(await lineOf("1000.00")).id}/matches`, { contribution_ids: [transfer.id] });
  assert.equal(matched.status, 201, matched.text);
  ({ fund } = await position());
  assert.deepEqual([fund.held, fund.unmatched, fund.available], ["1000.00", "0.00", "1000.00"]);
});

test("held for others, unknown money and the floor are taken off; no netting between third parties", async () => {
  const kinds = [["300.00", { kind: "unknown", fund_id: solidarity.id }], ["75.00", { kind: "third_party", member_id: member.id, fund_id: solidarity.id, label: "Pour un partenaire" }]];
  for (const [amount, part] of kinds) {
    const reply = await org.post(`bank-transactions/${(await lineOf(amount)).id}/matches`, { create: [{ amount, ...part }] });
    assert.equal(reply.status, 201, reply.text);
  }
  await org.patch(`funds/${solidarity.id}`, { floor: "250.00" });
  const { fund } = await position();
  // 1 000 + 300 + 75 in the bank; 300 of nobody knows whom, 75 of a third party; 250 to keep
  assert.deepEqual([fund.held, fund.held_for_others, fund.floor, fund.available], ["1375.00", "375.00", "250.00", "750.00"]);
  // what another third party owes us does not pay what we hold for this one
  const draft = await org.make("entries", { journal: "OD", date: day("01", "21"), label: "Créance", lines: [
    { account: "467", debit: "90.00", fund_id: solidarity.id }, { account: "7588", credit: "90.00", fund_id: solidarity.id }] });
  assert.equal((await org.post(`entries/${draft.id}/validations`, {})).status, 201);
  assert.equal((await position()).fund.held_for_others, "375.00");
});

test("months: in and out at the bank, the figure at each end, every sum leading to its lines", async () => {
  const { months, items } = await position(`?as_of=${day("01", "31")}`);
  const january = months.at(-1);
  assert.deepEqual([january.month, january.ends_on, january.in, january.out, january.available],
    [`${year}-01`, day("01", "31"), "1375.00", "0.00", "750.00"]);
  const lines = (await org.get(`entry-lines?account=512&matched=true&fund_id=${solidarity.id}&as_of=${day("01", "31")}&limit=500`)).body.items;
  const cents = lines.reduce((s, l) => s + BigInt((l.debit ?? "0.00").replace(".", "")) - BigInt((l.credit ?? "0.00").replace(".", "")), 0n);
  assert.equal(cents, BigInt(items.find((f) => f.fund_id === solidarity.id).held.replace(".", "")));
  assert.equal((await position(`?as_of=${day("01", "14")}`)).fund.held, "0.00", "before the money came");
});

test("as known at an instant: identical whatever is corrected, renamed or undone later", async () => {
  const before = await org.get("reports/fund-position");
  const query = `reports/fund-position?as_of=${before.body.as_of}&known_at=${before.body.known_at}`;
  assert.deepEqual((await org.get(query)).body, before.body);
  // The lines behind a figure as known at that instant: the same whatever is undone later.
  const behind = async (matched) => (await org.get(`reports/entry-line-totals?account=512&fund_id=${solidarity.id}` +
    `&as_of=${before.body.as_of}&known_at=${before.body.known_at}&${matched}=${before.body.known_at}`)).body;
  const held = before.body.items.find((f) => f.fund_id === solidarity.id).held;
  const counted = await behind("matched_at"), apart = await behind("unmatched_at");
  assert.equal(counted.balance, held);
  const match = (await org.get("bank-matches")).body.items.find((m) => m.parts.some((p) => p.contribution_id === transfer.id));
  const line = match.transaction_ids[0];
  const undone = await org.post(`bank-transactions/${line}/matches/${match.id}/cancellations`, { reason: "mauvaise ligne" });
  assert.equal(undone.status, 200, undone.text);
  await org.make(`contributions/${transfer.id}/cancellations`, { reason: "erreur" });
  await org.patch(`funds/${solidarity.id}`, { floor: "9.00", name: "Entraide" });
  assert.notDeepEqual((await org.get("reports/fund-position")).body.items, before.body.items);
  assert.deepEqual((await org.get(query)).body, before.body);
  assert.deepEqual([await behind("matched_at"), await behind("unmatched_at")], [counted, apart]);
  const listed = (await org.get(`entry-lines?account=512&known_at=${before.body.known_at}&matched_at=${before.body.known_at}&fund_id=${solidarity.id}`)).body;
  assert.equal(listed.items.length, counted.count);
  const later = (await org.get("reports/fund-position?known_at=2999-01-01T00:00:00Z")).body;
  assert.ok(later.known_at < "2998", "an instant to come is brought back to the last recorded one");
  assert.deepEqual(later.items, (await org.get("reports/fund-position")).body.items);
});

test("CSV and PDF say the same", async () => {
  const { fund } = await position();
  const csv = (await org.get("reports/fund-position?format=csv&locale=fr")).text;
  assert.ok(csv.includes(`Entraide;solidarity;${fund.held.replace(".", ",")};`), csv);
  const raw = await api.send({ method: "GET", path: "/api/v1/organisations/fonds/reports/fund-position",
    headers: { Authorization: `Bearer ${org.tokens.board}`, Accept: "application/pdf", "Accept-Language": "fr" } });
  assert.equal(raw.status, 200);
  assert.equal(raw.headers["content-type"], "application/pdf");
  const pdf = Buffer.from(raw.body_base64, "base64");
  const text = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf, encoding: "utf8" }).stdout;
  assert.match(text, /Le fonds peut promettre|Il manque/);
  assert.match(text, /Entraide/);
  if (process.env.KEEP_PDF) writeFileSync(process.env.KEEP_PDF, pdf);
});

test("bad questions are refused, roles hold", async () => {
  assert.deepEqual(faults(await org.get("reports/fund-position?as_of=2026-02-30")), ["?as_of date.format"]);
  assert.equal((await org.get(`reports/fund-position?fund_id=${member.id}`)).status, 404);
  assert.equal((await org.get("reports/fund-position", { as: "administrator" })).status, 403);
  assert.equal((await org.get("reports/fund-position", { as: "board" })).status, 200);
});

test("what waits: kinds with their counts, amounts and ages; whether bank and books agree", async () => {
  const { items, bank } = (await org.get("reports/to-do")).body;
  const of = (kind) => items.find((i) => i.kind === kind);
  assert.deepEqual(of("undeposited_cheques"), { kind: "undeposited_cheques", count: 1, amount: "60.00", oldest_on: day("01", "15") });
  assert.equal(of("unmatched_transactions").count, 2, "the line undone and the dues");
  assert.equal(of("unknown").count, 1);
  assert.equal(of("drafts").count, 0);
  assert.equal(bank.on, day("01", "20"));
  assert.equal(bank.agrees, false);
  // bank 1 875.00; books 500 (dues) + 300 + 75
  assert.equal(bank.difference, "1000.00");
  assert.ok(general);
});

test("an awaited gift makes nothing smaller; a correction of what is matched moves the figure and no month", async () => {
  const before = await position(`?as_of=${day("01", "31")}`);
  await org.make("contributions", { donor: { name: "Coopérative des Sources", legal_form: "association" }, amount: "2000.00",
    agreement_signed_on: day("01", "10"), means: "transfer", nature: "financial_contribution" });
  assert.equal((await position(`?as_of=${day("01", "31")}`)).fund.held_for_others, before.fund.held_for_others);
  const line = await lineOf("500.00");
  const made = await org.make(`bank-transactions/${line.id}/matches`, { create: [{ kind: "contribution", amount: "500.00", member_id: member.id, nature: "dues" }] });
  const held = async () => (await position(`?as_of=${day("01", "31")}`)).items.map((f) => [f.kind, f.held]);
  const [first] = await held();
  await org.make(`contributions/${made.parts[0].contribution_id}/corrections`, { reason: "pour le fonds", nature: "financial_contribution" });
  const after = await position(`?as_of=${day("01", "31")}`);
  const cents = (text) => BigInt(text.replace(".", ""));
  assert.equal(cents((await held())[0][1]), cents(first[1]) + 50000n, "the money is in the fund it now belongs to");
  assert.equal(cents(after.months.at(-1).in), cents(before.months.at(-1).in) + 50000n);
  assert.equal(after.months.at(-1).out, before.months.at(-1).out, "taking back and writing again is no movement");
});
