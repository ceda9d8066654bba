// The bank over the API: accounts, files, what a line is, undoing and explaining, what is refused, two at once.
import assert from "node:assert/strict";
import test from "node:test";
import { Api, faults } from "../lib/api.mjs";
import * as files from "../load/files.mjs";

const IBAN = "FR7642559100000801234567812", OTHER = "FR1420041010050500013M02606";
const year = new Date().getUTCFullYear() - 1;
const day = (monthDay) => `${year}-${monthDay}`;

const minor = (text) => BigInt(text.replace(".", ""));
const decimal = (n) => `${n < 0n ? "-" : ""}${(n < 0n ? -n : n) / 100n}.${String((n < 0n ? -n : n) % 100n).padStart(2, "0")}`;

/** A camt.053 of one account: entries {on, amount, text, name?, iban?}. */
function camt({ iban = IBAN, from, to, opening, entries, currency = "EUR", id = `${from}-${to}` }) {
  const amount = (n) => `<Amt Ccy="${currency}">${decimal(n < 0n ? -n : n)}</Amt><CdtDbtInd>${n < 0n ? "DBIT" : "CRDT"}</CdtDbtInd>`;
  const balance = (code, n, on) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(n)}<Dt><Dt>${on}</Dt></Dt></Bal>`;
  const closing = entries.reduce((sum, e) => sum + minor(e.amount), minor(opening));
  const party = (e) => e.name === undefined ? "" : minor(e.amount) < 0n
    ? `<RltdPties><Cdtr><Nm>${e.name}</Nm></Cdtr>${e.iban ? `<CdtrAcct><Id><IBAN>${e.iban}</IBAN></Id></CdtrAcct>` : ""}</RltdPties>`
    : `<RltdPties><Dbtr><Nm>${e.name}</Nm></Dbtr>${e.iban ? `<DbtrAcct><Id><IBAN>${e.iban}</IBAN></Id></DbtrAcct>` : ""}</RltdPties>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>${to}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>${id}</Id><CreDtTm>${to}T20:00:00</CreDtTm>
<FrToDt><FrDtTm>${from}T00:00:00</FrDtTm><ToDtTm>${to}T23:59:59</ToDtTm></FrToDt><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>${currency}</Ccy></Acct>
${balance("OPBD", minor(opening), from)}${balance("CLBD", closing, to)}
${entries.map((e, i) => `<Ntry>${amount(minor(e.amount))}<Sts>BOOK</Sts><BookgDt><Dt>${e.on}</Dt></BookgDt><ValDt><Dt>${e.on}</Dt></ValDt>
<AcctSvcrRef>${e.ref ?? `${id}-${i}`}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls>${party(e)}<RmtInf><Ustrd>${e.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`).join("\n")}</Stmt></BkToCstmrStmt></Document>`;
}

async function start(t, entries, options = {}) {
  const api = new Api();
  t.after(() => api.close());
  const org = api.organisation(undefined, { starts: day("01-01"), ...options });
  await org.make("fiscal-years", { starts_on: `${year + 1}-01-01`, ends_on: `${year + 1}-12-31` });
  const account = await org.make("bank-accounts", { name: "Courant", iban: IBAN });
  const jardins = await org.make("members", { name: "Les Jardins du Lac", legal_form: "association", joined_on: "2019-01-01", iban: "FR7630006000011234567890189" });
  const scop = await org.make("members", { name: "Menuiserie Passelame", legal_form: "scop", joined_on: "2019-01-01" });
  const reply = await org.upload("bank-statements", "releve.xml", camt({ from: day("01-01"), to: day("03-31"), opening: "0.00", entries }));
  assert.equal(reply.status, 201, reply.text);
  const lines = (await org.get("bank-transactions?sort=booked_on&limit=500")).body.items;
  const line = (text) => lines.find((l) => l.remittance === text);
  const match = (text, body, options) => org.post(`bank-transactions/${line(text).id}/matches`, body, options);
  const balance = async (account) => (await org.get(`reports/trial-balance?as_of=${year + 1}-12-31`)).body.items
    .filter((i) => i.account.startsWith(account)).reduce((sum, i) => sum + minor(i.balance), 0n);
  return { api, org, account, jardins, scop, line, match, balance };
}

test("lines of one day stand in the order of the file, from page to page", async (t) => {
  const texts = Array.from({ length: 40 }, (_, i) => `LIGNE ${i}`);
  const { org } = await start(t, texts.map((text, i) => ({ on: day(i < 20 ? "02-01" : "02-02"), amount: "1.00", text })));
  for (const [sort, order] of [["booked_on", texts], ["-booked_on", [...texts].reverse()]]) {
    const seen = [];
    for (let next = `bank-transactions?sort=${sort}&limit=7`; next; ) {
      const page = await org.get(next);
      assert.equal(page.status, 200, page.text);
      seen.push(...page.body.items.map((line) => line.remittance));
      next = page.body.next && `bank-transactions?sort=${sort}&limit=7&after=${page.body.next}`;
    }
    assert.deepEqual(seen, order);
  }
});

test("one payment of 350 is 100 of dues and 250 for the fund; undone, it is none", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "350.00", text: "COTIS 100 + FONDS SOLIDARITE 250", name: "LES JARDINS DU LAC", iban: "FR7630006000011234567890189" }]);
  const [before] = (await b.org.get("bank-transactions?status=unmatched")).body.items;
  assert.equal(before.suggestions[0].kind, "contribution");
  assert.deepEqual(before.suggestions[0].match.create.map((p) => [p.amount, p.nature]), [["100.00", "dues"], ["250.00", "financial_contribution"]]);
  assert.match(before.suggestions[0].reason, /The IBAN is Les Jardins du Lac’s\..*both amounts/);
  const made = await b.match("COTIS 100 + FONDS SOLIDARITE 250", before.suggestions[0].match);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.location, `/api/v1/organisations/${b.org.slug}/bank-transactions/${before.id}/matches/${made.body.id}`);
  assert.deepEqual(made.body.parts.map((p) => [p.kind, p.amount, p.nature, p.member_name]),
    [["contribution", "100.00", "dues", "Les Jardins du Lac"], ["contribution", "250.00", "financial_contribution", "Les Jardins du Lac"]]);
  assert.equal(await b.balance("512"), 35000n);
  assert.equal(await b.balance("7551"), -25000n);
  assert.deepEqual((await b.org.get("bank-transactions?status=unmatched")).body.items, []);
  assert.deepEqual((await b.org.get(`bank-transactions/${before.id}`)).body.suggestions, []);
  const events = (await b.org.get(`audit-events?subject_kind=match&subject_id=${made.body.id}`)).body.items;
  assert.equal(events.length, 1, "the act is in the log");
  const undone = await b.org.post(`bank-transactions/${before.id}/matches/${made.body.id}/cancellations`, { reason: "Mauvaise part" });
  assert.equal(undone.status, 200, undone.text);
  assert.deepEqual([undone.body.status, undone.body.cancel_reason], ["cancelled", "Mauvaise part"]);
  assert.equal(await b.balance("512"), 0n);
  const said = (await b.org.get(`bank-transactions/${before.id}/matches`)).body.items;
  assert.equal(said.length, 1, "the match is kept");
  const again = await b.org.post(`bank-transactions/${before.id}/matches/${made.body.id}/cancellations`, {});
  assert.equal(again.status, 409);
});

test("a slip of five cheques, one returned, the fee beside it", async (t) => {
  const b = await start(t, [{ on: day("01-15"), amount: "510.00", text: "REMISE CHEQUES 5 CHQ" },
    { on: day("01-25"), amount: "-60.00", text: "CHEQUE IMPAYE MENUISERIE PASSELAME" }, { on: day("01-25"), amount: "-12.00", text: "FRAIS CHEQUE IMPAYE" }]);
  const cheques = [];
  for (const [member, amount] of [[b.scop, "60.00"], [b.jardins, "150.00"], [b.jardins, "100.00"], [b.scop, "100.00"], [b.jardins, "100.00"]])
    cheques.push(await b.org.make("contributions", { member_id: member.id, amount, received_on: day("01-12"), means: "cheque", nature: "dues" }));
  const slip = (await b.org.get("bank-transactions?status=unmatched&q=remise")).body.items[0];
  assert.equal(slip.suggestions[0].match.contribution_ids.length, 5, "all cheques that wait");
  assert.equal((await b.match("REMISE CHEQUES 5 CHQ", slip.suggestions[0].match)).status, 201);
  assert.equal(await b.balance("512"), 51000n);
  assert.equal(await b.balance("5112"), 0n);
  const bounced = (await b.org.get(`bank-transactions/${b.line("CHEQUE IMPAYE MENUISERIE PASSELAME").id}`)).body.suggestions[0];
  assert.deepEqual([bounced.kind, bounced.match.create[0].contribution_id], ["returned", cheques[0].id], "the one of that member");
  assert.equal((await b.match("CHEQUE IMPAYE MENUISERIE PASSELAME", bounced.match)).status, 201);
  assert.equal(await b.balance("512"), 45000n, "450.00 before the fee");
  assert.equal((await b.org.get(`contributions/${cheques[0].id}`)).body.status, "returned", "that member owes again");
  const fee = (await b.org.get(`bank-transactions/${b.line("FRAIS CHEQUE IMPAYE").id}`)).body.suggestions[0];
  assert.deepEqual(fee.match, { create: [{ kind: "expense", amount: "-12.00", category: "bank_fees" }] });
  assert.equal((await b.match("FRAIS CHEQUE IMPAYE", fee.match)).status, 201);
  assert.equal(await b.balance("627"), 1200n);
});

test("a platform keeps its fee; unknown money is explained after the month is locked", async (t) => {
  const b = await start(t, [{ on: day("01-15"), amount: "165.00", text: "VIR HELLOASSO VERSEMENT" }, { on: day("01-20"), amount: "80.00", text: "VIR X Y" }]);
  for (const amount of ["50.00", "100.00", "20.00"])
    await b.org.make("contributions", { donor: { name: "Une donatrice", legal_form: "person" }, amount, received_on: day("01-05"), means: "platform", nature: "donation" });
  const payout = (await b.org.get(`bank-transactions/${b.line("VIR HELLOASSO VERSEMENT").id}`)).body.suggestions[0];
  assert.equal(payout.match.contribution_ids.length, 3);
  assert.deepEqual(payout.match.create, [{ kind: "expense", amount: "-5.00", category: "bank_fees" }]);
  assert.equal((await b.match("VIR HELLOASSO VERSEMENT", payout.match)).status, 201);
  assert.equal(await b.balance("517"), 0n);
  const unknown = await b.match("VIR X Y", { create: [{ kind: "unknown", amount: "80.00" }] });
  assert.equal(await b.balance("471"), -8000n);
  const first = (await b.org.get("fiscal-years")).body.items.find((y) => y.starts_on === day("01-01"));
  assert.equal((await b.org.post(`fiscal-years/${first.id}/locks`, { through: day("01-31"), reason: "mois clos" })).status, 200);
  const path = `bank-transactions/${b.line("VIR X Y").id}/matches/${unknown.body.id}`;
  const locked = await b.org.post(`${path}/cancellations`, {});
  assert.deepEqual([locked.status, locked.body.type], [422, "urn:grenier:problem:period.locked"]);
  const short = await b.org.post(`${path}/clearings`, { create: [{ kind: "third_party", amount: "70.00" }] });
  assert.deepEqual(faults(short), ["/create match.sum"]);
  const cleared = await b.org.post(`${path}/clearings`, { create: [{ kind: "contribution", amount: "80.00", member_id: b.jardins.id, nature: "financial_contribution" }] });
  assert.equal(cleared.status, 200, cleared.text);
  assert.equal(await b.balance("471"), 0n);
  const made = (await b.org.get("contributions?nature=financial_contribution")).body.items[0];
  assert.equal(made.received_on, day("01-20"), "received when the bank says, booked in an open month");
});

test("between own accounts: one act matches both lines", async (t) => {
  const b = await start(t, [{ on: day("02-03"), amount: "-1000.00", text: "VIREMENT INTERNE LIVRET", name: "ASSOCIATION", iban: OTHER }]);
  const savings = await b.org.make("bank-accounts", { name: "Livret", iban: OTHER });
  assert.equal(savings.account, "51202");
  const file = camt({ iban: OTHER, from: day("02-01"), to: day("02-28"), opening: "0.00", entries: [{ on: day("02-04"), amount: "1000.00", text: "VIREMENT RECU" }] });
  assert.equal((await b.org.upload("bank-statements", "livret.xml", file)).status, 201);
  const [suggestion] = (await b.org.get(`bank-transactions/${b.line("VIREMENT INTERNE LIVRET").id}`)).body.suggestions;
  assert.deepEqual([suggestion.kind, suggestion.score > 90], ["internal_transfer", true]);
  const made = await b.match("VIREMENT INTERNE LIVRET", suggestion.match);
  assert.equal(made.status, 201, made.text);
  assert.ok(made.body.pair_id);
  assert.equal((await b.org.get("bank-transactions?status=unmatched")).body.items.length, 0);
  assert.deepEqual([await b.balance("58"), await b.balance("51202")], [0n, 100000n]);
});

test("parts that do not sum, the same line twice, and every other bad answer", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }, { on: day("01-11"), amount: "-45.00", text: "B" }]);
  const sum = await b.match("A", { create: [{ kind: "unknown", amount: "60.00" }, { kind: "third_party", amount: "30.00" }] });
  assert.deepEqual(faults(sum), ["/create match.sum"]);
  assert.match(sum.body.errors[0].detail, /90\.00 and the bank says 100\.00: 10\.00 is missing/);
  assert.match((await b.match("A", { create: [{ kind: "unknown", amount: "60.00" }] }, { headers: { "Accept-Language": "fr" } })).body.errors[0].detail,
    /Les parts font 60,00 et la banque dit 100,00\s: il manque 40,00/);
  for (const [text, body, wanted] of [
    ["A", {}, ["/create match.empty"]],
    ["A", { create: [] }, ["/create list.short"]],
    ["A", { create: [{ kind: "unknown", amount: 100 }] }, ["/create/0/amount money.type"]],
    ["A", { create: [{ kind: "unknown", amount: "100.000" }] }, ["/create/0/amount money.precision"]],
    ["A", { create: [{ kind: "gift", amount: "100.00" }] }, ["/create/0/kind enum.value"]],
    ["A", { create: [{ kind: "unknown", amount: "100.00", colour: "red" }] }, ["/create/0/colour field.unknown"]],
    ["A", { create: [{ kind: "contribution", amount: "100.00", member_id: b.scop.id }] }, ["/create/0/nature field.required"]],
    ["A", { create: [{ kind: "contribution", amount: "100.00", member_id: b.scop.id, nature: "financial_contribution" }] }, ["/create/0/nature nature.financial_contribution"]],
    ["A", { create: [{ kind: "expense", amount: "100.00", category: "rent" }] }, ["/create/0/amount match.part_out"]],
    ["B", { create: [{ kind: "expense", amount: "-45.00" }] }, ["/create/0/category field.required"]],
    ["B", { create: [{ kind: "expense", amount: "-45.00", category: "rent", nature: "dues" }] }, ["/create/0/nature match.field_of_other_kind"]],
    ["A", { contribution_ids: ["not-a-uuid"] }, ["/contribution_ids/0 uuid.format"]]]) {
    const reply = await b.match(text, body);
    assert.deepEqual([reply.status, faults(reply)], [422, wanted], JSON.stringify(body));
  }
  const nobody = await b.match("A", { contribution_ids: ["01a20af9-9440-79b6-bcaf-7a6f79957712"] });
  assert.equal(nobody.status, 404);
  assert.equal((await b.match("A", { create: [{ kind: "unknown", amount: "100.00" }] })).status, 201);
  const twice = await b.match("A", { create: [{ kind: "unknown", amount: "100.00" }] });
  assert.deepEqual([twice.status, twice.body.type], [409, "urn:grenier:problem:bank_transaction.matched"]);
  assert.equal(await b.balance("512"), 10000n, "booked once");
});

test("two people match the same line at the same moment: one booking", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }]);
  const second = new Api({ db: b.api.db });
  const path = `/api/v1/organisations/${b.org.slug}/bank-transactions/${b.line("A").id}/matches`;
  const body = { create: [{ kind: "unknown", amount: "100.00" }] };
  const replies = await Promise.all([b.api, second].map((api) => api.call(b.org.tokens.treasurer, "POST", path, { body })));
  assert.deepEqual(replies.map((r) => r.status).sort(), [201, 409]);
  assert.equal(await b.balance("471"), -10000n);
  second.process.stdin.end();
  await second.ended;
});

test("a retry with its key books once", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }]);
  const headers = { "Idempotency-Key": "one-and-the-same" };
  const body = { create: [{ kind: "contribution", amount: "100.00", member_id: b.scop.id, nature: "donation" }] };
  const first = await b.match("A", body, { headers }), again = await b.match("A", body, { headers });
  assert.deepEqual([first.status, again.status, again.body], [201, 201, first.body]);
  const file = camt({ from: day("04-01"), to: day("04-30"), opening: "100.00", entries: [{ on: day("04-02"), amount: "5.00", text: "Z" }] });
  const key = { headers: { "Idempotency-Key": "file" } };
  const import1 = await b.org.upload("bank-statements", "avril.xml", file, key), import2 = await b.org.upload("bank-statements", "avril.xml", file, key);
  assert.deepEqual(import2.body, import1.body, "the import too");
  assert.equal(import1.body.items[0].new_transactions, 1);
});

test("the same, an overlapping and a missing statement", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A", ref: "1" }]);
  const same = await b.org.upload("bank-statements", "releve.xml", camt({ from: day("01-01"), to: day("03-31"), opening: "0.00", entries: [{ on: day("01-10"), amount: "100.00", text: "A", ref: "1" }] }));
  assert.deepEqual([same.status, same.body.items[0].new_transactions, same.body.items[0].notes.map((n) => n.code)], [201, 0, ["bank_note.same_file"]]);
  const overlap = await b.org.upload("bank-statements", "long.xml", camt({ from: day("01-01"), to: day("04-30"), opening: "0.00",
    entries: [{ on: day("01-10"), amount: "100.00", text: "A", ref: "1" }, { on: day("04-02"), amount: "50.00", text: "B", ref: "2" }] }));
  assert.equal(overlap.body.items[0].new_transactions, 1);
  const late = await b.org.upload("bank-statements", "juin.xml", camt({ from: day("06-01"), to: day("06-30"), opening: "175.00", entries: [] }), { headers: { "Accept-Language": "fr" } });
  const [note] = late.body.items[0].notes;
  assert.equal(note.code, "bank_note.gap");
  assert.match(note.detail, new RegExp(`se termine le 30 avril ${year} à 150,00, celui-ci commence le 1er juin ${year} à 175,00\\s: il manque`));
  const [account] = (await b.org.get("bank-accounts")).body.items;
  assert.deepEqual(account.gaps.map((g) => [g.from_on, g.to_on, g.missing]), [[day("04-30"), day("06-01"), "25.00"]]);
  assert.equal((await b.org.get("reports/to-do")).body.items.find((i) => i.kind === "statement_gaps").count, 1);
  await b.org.upload("bank-statements", "mai.xml", camt({ from: day("05-01"), to: day("05-31"), opening: "150.00", entries: [{ on: day("05-04"), amount: "25.00", text: "C" }] }));
  assert.deepEqual((await b.org.get("bank-accounts")).body.items[0].gaps, [], "the missing one fills it");
  assert.deepEqual((await b.org.get("bank-statements")).body.items.map((s) => s.gap), [false, false, false, false]);
});

test("bank − books, at a date", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }, { on: day("02-10"), amount: "30.00", text: "B" }]);
  await b.match("A", { create: [{ kind: "third_party", amount: "100.00" }] });
  await b.org.make("contributions", { member_id: b.scop.id, amount: "12.00", received_on: day("02-20"), means: "transfer", nature: "donation" });
  const at = async (query) => (await b.org.get(`bank-accounts${query}`)).body.items[0];
  const pick = (a) => [a.bank_balance, a.balance_on, a.ledger_balance, a.difference, a.agrees, a.unmatched_count, a.ledger_unmatched_count];
  assert.deepEqual(pick(await at(`?as_of=${day("01-31")}`)), ["100.00", day("01-31"), "100.00", "0.00", true, 0, 0]);
  assert.deepEqual(pick(await at("")), ["130.00", day("03-31"), "112.00", "18.00", false, 1, 1]);
  const csv = await b.org.get("bank-accounts?format=csv&locale=fr");
  assert.match(csv.text, /Courant;FR7642559100000801234567812;.*;130,00;/);
  const lines = await b.org.get("bank-transactions?format=csv&locale=fr&sort=booked_on");
  assert.match(lines.text, /;30,00;EUR;/);
});

test("another currency is kept, readable, never bookable", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }]);
  const file = camt({ iban: "CH9300762011623852957", currency: "CHF", from: day("01-01"), to: day("01-31"), opening: "0.00", entries: [{ on: day("01-10"), amount: "77.00", text: "FRANCS" }] });
  const [item] = (await b.org.upload("bank-statements", "chf.xml", file)).body.items;
  assert.deepEqual([item.currency, item.account_status, item.closing_balance], ["CHF", "other_currency", "77.00"]);
  const refused = await b.org.post(`bank-accounts/${item.bank_account_id}/confirmations`, {});
  assert.deepEqual([refused.status, refused.body.type], [422, "urn:grenier:problem:bank_account.currency"]);
  const [line] = (await b.org.get("bank-transactions?status=not_bookable")).body.items;
  assert.deepEqual([line.amount, line.suggestions], ["77.00", []]);
  assert.equal((await b.org.post(`bank-transactions/${line.id}/matches`, { create: [{ kind: "unknown", amount: "77.00" }] })).status, 422);
});

test("an unknown account is read, and booked from only once a person confirmed it", async (t) => {
  const b = await start(t, []);
  const file = camt({ iban: OTHER, from: day("01-01"), to: day("01-31"), opening: "0.00", entries: [{ on: day("01-10"), amount: "7.00", text: "X" }] });
  const [item] = (await b.org.upload("bank-statements", "autre.xml", file)).body.items;
  assert.equal(item.account_status, "unconfirmed");
  const [line] = (await b.org.get("bank-transactions?status=unmatched")).body.items;
  const early = await b.org.post(`bank-transactions/${line.id}/matches`, { create: [{ kind: "unknown", amount: "7.00" }] });
  assert.deepEqual([early.status, early.body.type], [409, "urn:grenier:problem:bank_account.unconfirmed"]);
  const confirmed = await b.org.post(`bank-accounts/${item.bank_account_id}/confirmations`, { name: "Second compte" });
  assert.deepEqual([confirmed.status, confirmed.body.status, confirmed.body.account, confirmed.body.name], [200, "confirmed", "51202", "Second compte"]);
  assert.equal((await b.org.post(`bank-transactions/${line.id}/matches`, { create: [{ kind: "unknown", amount: "7.00" }] })).status, 201);
});

test("another organisation's lines, matches, contributions and accounts are not there", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }]);
  const other = b.api.organisation();
  const stranger = await other.make("members", { name: "Ailleurs", legal_form: "scop", joined_on: "2019-01-01" });
  const theirs = await other.make("contributions", { member_id: stranger.id, amount: "100.00", received_on: `${year + 1}-01-02`, means: "transfer", nature: "donation" });
  const made = (await b.match("A", { create: [{ kind: "unknown", amount: "100.00" }] })).body;
  const line = b.line("A").id;
  for (const [method, path, body] of [["GET", `bank-transactions/${line}`], ["GET", `bank-accounts/${b.account.id}`], ["GET", `bank-transactions/${line}/matches`],
    ["POST", `bank-transactions/${line}/matches`, { create: [{ kind: "unknown", amount: "100.00" }] }],
    ["POST", `bank-transactions/${line}/matches/${made.id}/cancellations`, {}], ["POST", `bank-accounts/${b.account.id}/confirmations`, {}]])
    assert.equal((await other.call(method, path, { body })).status, 404, `${method} ${path}`);
  await b.org.post(`bank-transactions/${line}/matches/${made.id}/cancellations`, {});
  for (const body of [{ contribution_ids: [theirs.id] }, { create: [{ kind: "contribution", amount: "100.00", member_id: stranger.id, nature: "donation" }] },
    { create: [{ kind: "third_party", amount: "100.00", member_id: stranger.id }] }])
    assert.equal((await b.match("A", body)).status, 404, JSON.stringify(body));
  assert.equal(await b.balance("512"), 0n, "and nothing was booked");
});

test("what was there before the books began counts as seen at the bank", async (t) => {
  const b = await start(t, []);
  const [first] = (await b.org.get("bank-accounts")).body.items;
  const file = camt({ iban: OTHER, from: day("01-01"), to: day("01-31"), opening: "1200.00", entries: [] });
  const [item] = (await b.org.upload("bank-statements", "ouverture.xml", file)).body.items;
  await b.org.post(`bank-accounts/${item.bank_account_id}/confirmations`, {});
  const funds = (await b.org.get("funds")).body.items, solidarity = funds.find((f) => f.kind === "solidarity").id, general = funds.find((f) => f.kind === "general").id;
  const entry = await b.org.make("entries", { journal: "AN", date: day("01-01"), label: "Situation de départ", lines: [
    { account: "51202", debit: "900.00", fund_id: solidarity }, { account: "1021", credit: "900.00", fund_id: solidarity },
    { account: "51202", debit: "300.00", fund_id: general }, { account: "1021", credit: "300.00", fund_id: general }] });
  await b.org.make(`entries/${entry.id}/validations`, {});
  const lines = (await b.org.get(`entry-lines?account=51202&entry_id=${entry.id}`)).body.items.map((l) => l.id);
  const position = async () => (await b.org.get(`reports/fund-position?as_of=${day("12-31")}`)).body.items.find((i) => i.fund_id === solidarity).held;
  assert.equal(await position(), "0.00");
  const short = await b.org.post(`bank-statements/${item.id}/opening-matches`, { entry_line_ids: [lines[0]] });
  assert.deepEqual(faults(short), ["/entry_line_ids match.sum"]);
  const made = await b.org.post(`bank-statements/${item.id}/opening-matches`, { entry_line_ids: lines });
  assert.equal(made.status, 201, made.text);
  assert.equal(await position(), "900.00");
  assert.equal((await b.org.post(`bank-statements/${item.id}/opening-matches/${made.body.id}/cancellations`, {})).status, 200);
  assert.equal(await position(), "0.00");
  assert.ok(first);
});

test("only a treasurer books; the board and the auditor read; a member sees nothing of the bank", async (t) => {
  const b = await start(t, [{ on: day("01-10"), amount: "100.00", text: "A" }]);
  const token = b.api.token(b.org.slug, "member", b.scop.id);
  for (const as of ["board", "auditor"]) {
    assert.equal((await b.org.get("bank-transactions", { as })).status, 200);
    assert.equal((await b.match("A", { create: [{ kind: "unknown", amount: "100.00" }] }, { as })).status, 403);
  }
  assert.equal((await b.org.get("bank-transactions", { as: "administrator" })).status, 403);
  assert.equal((await b.org.get("bank-accounts", { token })).status, 403);
});

test("a file that is none, or another format, says so and changes nothing", async (t) => {
  const b = await start(t, []);
  for (const [name, content, code] of [["vide.ofx", "", "file.empty"], ["notes.txt", "bonjour", "bank_file.unknown"],
    ["xxe.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>', "bank_file.dtd"]]) {
    const reply = await b.org.upload("bank-statements", name, content);
    assert.equal(reply.status, 422, reply.text);
    assert.ok(reply.text.includes(code), `${name}: ${reply.text}`);
  }
  assert.equal((await b.org.get("bank-statements")).body.items.length, 1);
});

test("returned by the bank and paid again: the first payment's match can no longer be undone", async (t) => {
  const b = await start(t, [{ on: day("01-15"), amount: "300.00", text: "VIR CONVENTION" }, { on: day("01-20"), amount: "-300.00", text: "REJET VIR CONVENTION" }]);
  const agreed = await b.org.make("contributions", { member_id: b.jardins.id, amount: "300.00", nature: "financial_contribution", agreement_signed_on: day("01-02") });
  const first = await b.match("VIR CONVENTION", { contribution_ids: [agreed.id] });
  assert.equal(first.status, 201, first.text);
  assert.equal((await b.match("REJET VIR CONVENTION", { create: [{ kind: "returned", amount: "-300.00", contribution_id: agreed.id }] })).status, 201);
  assert.equal((await b.org.post(`contributions/${agreed.id}/receipts`, { received_on: day("02-01"), means: "cheque" })).status, 200);
  // Undoing it would take back the cheque, which is another payment.
  const undone = await b.org.post(`bank-transactions/${b.line("VIR CONVENTION").id}/matches/${first.body.id}/cancellations`, {});
  assert.deepEqual([undone.status, undone.body.type], [409, "urn:grenier:problem:match.returned_since"], undone.text);
  assert.deepEqual([await b.balance("512"), await b.balance("5112"), await b.balance("467")], [0n, 30000n, 0n]);
});

test("what was refunded of a payment stays refunded when the payment is corrected", async (t) => {
  const b = await start(t, [{ on: day("01-15"), amount: "100.00", text: "COTISATION" }, { on: day("01-20"), amount: "-60.00", text: "REMBOURSEMENT 1" },
    { on: day("01-21"), amount: "-60.00", text: "REMBOURSEMENT 2" }, { on: day("01-22"), amount: "-100.00", text: "REJET" }]);
  const paid = await b.match("COTISATION", { create: [{ kind: "contribution", amount: "100.00", member_id: b.jardins.id, nature: "dues" }] });
  const refund = (id) => ({ create: [{ kind: "refund", amount: "-60.00", contribution_id: id }] });
  let id = paid.body.parts[0].contribution_id;
  assert.equal((await b.match("REMBOURSEMENT 1", refund(id))).status, 201);
  for (const label of ["Cotisation", "Cotisation annuelle"]) id = (await b.org.make(`contributions/${id}/corrections`, { reason: "libellé", label })).id;
  assert.deepEqual(faults(await b.match("REMBOURSEMENT 2", refund(id))), ["/create/0/amount match.refund_amount"]);
  assert.deepEqual(faults(await b.match("REJET", { create: [{ kind: "returned", amount: "-100.00", contribution_id: id }] })), ["/create/0/contribution_id match.refunded"]);
  const undone = await b.org.post(`bank-transactions/${b.line("COTISATION").id}/matches/${paid.body.id}/cancellations`, {});
  assert.equal(undone.body.type, "urn:grenier:problem:match.refunded_since", undone.text);
});

test("an announced payment, matched and then corrected to one that nothing announces, goes when its match is undone", async (t) => {
  const b = await start(t, [{ on: day("01-15"), amount: "300.00", text: "VIR MECENAT" }]);
  const agreed = await b.org.make("contributions", { member_id: b.scop.id, amount: "300.00", nature: "patronage", agreement_signed_on: day("01-02") });
  const made = await b.match("VIR MECENAT", { contribution_ids: [agreed.id] });
  const gift = await b.org.make(`contributions/${agreed.id}/corrections`, { reason: "c’était un don", nature: "donation" });
  const undone = await b.org.post(`bank-transactions/${b.line("VIR MECENAT").id}/matches/${made.body.id}/cancellations`, {});
  assert.equal(undone.status, 200, undone.text);
  assert.equal((await b.org.get(`contributions/${gift.id}`)).body.status, "cancelled");
  assert.deepEqual([await b.balance("512"), await b.balance("467"), await b.balance("75411")], [0n, 0n, 0n]);
});

test("a receipt corrected while its month was locked is taken back at its own day once the month is open", async (t) => {
  const b = await start(t, [{ on: day("01-15"), amount: "300.00", text: "VIR CONVENTION" }]);
  const agreed = await b.org.make("contributions", { member_id: b.jardins.id, amount: "300.00", nature: "financial_contribution", agreement_signed_on: day("01-02") });
  const made = await b.match("VIR CONVENTION", { contribution_ids: [agreed.id] });
  const first = (await b.org.get("fiscal-years")).body.items.find((y) => y.starts_on === day("01-01"));
  await b.org.make(`fiscal-years/${first.id}/locks`, { through: day("01-31"), reason: "mois clos" });
  const fixed = await b.org.make(`contributions/${agreed.id}/corrections`, { reason: "libellé", label: "Convention" });
  await b.org.make(`fiscal-years/${first.id}/unlocks`, { through: null, reason: "rouvert" });
  const undone = await b.org.post(`bank-transactions/${b.line("VIR CONVENTION").id}/matches/${made.body.id}/cancellations`, {});
  assert.equal(undone.status, 200, undone.text);
  assert.equal((await b.org.get(`contributions/${fixed.id}`)).body.status, "awaited");
  assert.deepEqual([await b.balance("512"), await b.balance("467")], [0n, 30000n]);
});

test("lines of the bank are added once, whatever formats and overlapping files bring them", async (t) => {
  const b = await start(t, []);
  const iban = files.iban(4711), line = (n) => ({ on: day(`04-${String(n).padStart(2, "0")}`), amount: BigInt(n) * 100n, name: "TIERS", text: `LIGNE${n}` });
  const lines = Array.from({ length: 20 }, (_, i) => line(i + 1)), sum = (list) => list.reduce((total, l) => total + l.amount, 0n);
  const send = async (format, first, last) => {
    const part = lines.slice(first - 1, last), opening = sum(lines.slice(0, first - 1));
    const file = { iban, from: part[0].on, to: part.at(-1).on, opening, closing: opening + sum(part), lines: part, id: `${format}-${first}-${last}` };
    const reply = await b.org.upload("bank-statements", "releve", format === "ofx" ? files.ofx(file) : files.camt(file));
    assert.equal(reply.status, 201, reply.text);
    return reply.body.items[0].new_transactions;
  };
  // camt.053 first, so that the account has its IBAN; then each file overlaps those before it.
  assert.deepEqual([await send("camt", 1, 5), await send("ofx", 1, 5), await send("ofx", 3, 10), await send("camt", 1, 10), await send("camt", 6, 15),
    await send("ofx", 8, 15), await send("ofx", 1, 20), await send("camt", 1, 20)], [5, 0, 5, 0, 5, 0, 5, 0]);
  assert.equal((await b.org.get("bank-transactions?limit=500")).body.items.length, 20);
});
