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
