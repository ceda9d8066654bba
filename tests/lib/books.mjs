// The books of a small association with something of every kind, for tests that ask who sees what.
import assert from "node:assert/strict";

export const year = new Date().getUTCFullYear();
export const day = `${year}-01-02`;

const ofx = `OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\nCHARSET:NONE\nCOMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n
<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>30002<BRANCHID>00550
<ACCTID>00001234567<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>${year}0101<DTEND>${year}0131
${["a", "b", "c", "d", "e"].map((n, i) => `<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>${year}010${i + 3}<TRNAMT>+10.00<FITID>${n}<NAME>DONATEUR ${n}<MEMO>DON</STMTTRN>`).join("\n")}
</BANKTRANLIST><LEDGERBAL><BALAMT>50.00<DTASOF>${year}0131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`;

/** Makes the same books in any organisation; answers an id of every kind. */
export async function books(o) {
  const ids = {};
  const gift = (member, extra = {}) => o.make("contributions", { member_id: member, amount: "10.00", means: "transfer", nature: "dues", received_on: day, ...extra });
  const lines = (fund) => [{ account: "606", debit: "5.00", fund_id: fund }, { account: "512", credit: "5.00", fund_id: fund }];
  ids.member = (await o.make("members", { name: "Les Jardins", legal_form: "association", joined_on: day })).id;
  ids.neighbour = (await o.make("members", { name: "La Forge", legal_form: "scop", joined_on: day })).id;
  ids.fund = (await o.make("funds", { name: "Réserve", kind: "designated" })).id;
  ids.project = (await o.make("projects", { name: "Chantier" })).id;
  ids.year = (await o.get("fiscal-years")).body.items[0].id;
  ids.contribution = (await gift(ids.member)).id;
  const given = await gift(ids.neighbour);
  ids.given = given.id;
  ids.awaited = (await o.make("contributions", { member_id: ids.neighbour, amount: "20.00", nature: "patronage", agreement_signed_on: day })).id;
  ids.kind = (await o.make("in-kind-contributions", { member_id: ids.neighbour, kind: "goods", value: "3.00", given_on: day })).id;
  ids.draft = (await o.make("entries", { journal: "OD", date: day, label: "Achat", lines: lines(ids.fund) })).id;
  ids.spare = (await o.make("entries", { journal: "OD", date: day, label: "Achat", lines: lines(ids.fund) })).id;
  ids.entry = (await o.make("entries", { journal: "OD", date: day, label: "Achat", lines: lines(ids.fund) })).id;
  ids.line = (await o.make(`entries/${ids.entry}/validations`)).lines[1].id;
  ids.received = (await o.get(`entries/${given.entry_id}`)).body.lines.find((line) => line.account === "512").id;
  const statement = await o.upload("bank-statements", "x.ofx", ofx);
  assert.equal(statement.status, 201, statement.text);
  ids.statement = statement.body.items[0].id;
  ids.bank = (await o.get("bank-accounts")).body.items[0].id;
  const confirmed = await o.post(`bank-accounts/${ids.bank}/confirmations`, {});
  assert.ok(confirmed.status < 300, confirmed.text);
  const transactions = (await o.get("bank-transactions?sort=booked_on")).body.items;
  [ids.transaction, ids.second, ids.third, ids.fourth, ids.fifth] = transactions.map((t) => t.id);
  const matched = await o.post(`bank-transactions/${ids.transaction}/matches`, { create: [{ kind: "unknown", amount: "10.00" }] });
  assert.ok(matched.status < 300, matched.text);
  ids.match = (await o.get(`bank-transactions/${ids.transaction}/matches`)).body.items[0].id;
  return ids;
}

const version = { headers: { "If-Match": '"v1"' } };
/** One request of each kind that names something, in words of the table of ids: "{member}" is own.ids.member. */
export const requests = [
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

/** A text or body with the ids put in. */
export const fill = (value, ids) => value === undefined ? undefined : JSON.parse(JSON.stringify(value).replace(/\{(\w+)\}/g, (_, name) => { assert.ok(ids[name], name); return ids[name]; }));
