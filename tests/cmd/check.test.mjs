// The checker that trusts nobody: books made over the API, one thing damaged behind the triggers' back, the finding named.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { build, cluster, psql } from "../lib/cluster.mjs";
import { grenier } from "./grenier.mjs";

const year = new Date().getUTCFullYear() - 1;
const on = (monthDay) => `${year}-${monthDay}`;
const IBAN = "FR7642559100000801234567812";

/** Runs a program to its end: {status, stdout, stderr}. */
const run = (program, args) => new Promise((resolve) =>
  execFile(program, args, (error, stdout, stderr) => resolve({ status: error === null ? 0 : error.code, stdout, stderr })));

async function check(conninfo, ...args) {
  const done = await run(path.join(build, "bin/grenier-check"), ["--lang", "en", "--database", conninfo, ...args]);
  const lines = done.stdout.trimEnd().split("\n");
  return { status: done.status, end: lines.pop(), findings: lines, stderr: done.stderr };
}

async function sql(database, text) {
  const done = await run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", cluster(), "-U", "postgres", "-d", database, "-c", text]);
  assert.equal(done.status, 0, done.stderr);
}

const minor = (text) => BigInt(text.replace(".", ""));

/** A camt.053 of one account from nil: entries [day, amount, text]. */
function camt(entries) {
  const amount = (n) => `<Amt Ccy="EUR">${String(n < 0n ? -n : n).padStart(3, "0").replace(/(..)$/, ".$1")}</Amt><CdtDbtInd>${n < 0n ? "DBIT" : "CRDT"}</CdtDbtInd>`;
  const balance = (code, n, day) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(n)}<Dt><Dt>${day}</Dt></Dt></Bal>`;
  const closing = entries.reduce((sum, e) => sum + minor(e[1]), 0n);
  return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>${on("03-31")}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>S</Id><CreDtTm>${on("03-31")}T20:00:00</CreDtTm>
<FrToDt><FrDtTm>${on("02-01")}T00:00:00</FrDtTm><ToDtTm>${on("03-31")}T23:59:59</ToDtTm></FrToDt><Acct><Id><IBAN>${IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>
${balance("OPBD", 0n, on("02-01"))}${balance("CLBD", closing, on("03-31"))}
${entries.map(([day, sum, text], i) => `<Ntry>${amount(minor(sum))}<Sts>BOOK</Sts><BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt><AcctSvcrRef>R${i}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`).join("\n")}</Stmt></BkToCstmrStmt></Document>`;
}

let api, org, ids;

/** Every kind of act that writes in the books, and what takes each back. */
async function makeBooks() {
  api = new Api();
  org = api.organisation("essai", { starts: on("01-01") });
  const empty = api.organisation("vide");
  await empty.make("members", { name: "Seule", legal_form: "association", joined_on: "2019-01-01" });
  await org.make("fiscal-years", { starts_on: `${year + 1}-01-01`, ends_on: `${year + 1}-12-31` });
  const asso = await org.make("members", { name: "Les \"Tisserands\" \\ é\u2028", legal_form: "association", joined_on: "2019-01-01" });
  await org.make("members", { name: "La Scierie", legal_form: "scop", joined_on: "2019-01-01" });
  const funds = (await org.get("funds")).body.items;
  const third = await org.make("funds", { name: "Toit", kind: "designated", floor: "10.00" });
  await org.patch(`funds/${third.id}`, { floor: "20.00" });
  const project = await org.make("projects", { name: "Toiture", code: "T1" });
  const gift = (more) => org.make("contributions", { member_id: asso.id, amount: "100.00", received_on: on("02-10"), means: "cheque", nature: "dues", ...more });
  const cheque = await gift();
  const cancelled = await gift({ amount: "11.00" });
  await org.make(`contributions/${cancelled.id}/cancellations`, { reason: "typed twice" });
  const wrong = await gift({ amount: "1520.00", means: "transfer", project_id: project.id, nature: "financial_contribution" });
  const corrected = await org.make(`contributions/${wrong.id}/corrections`, { reason: "inverted digits", amount: "1250.00" });
  const awaited = await org.make("contributions", { member_id: asso.id, amount: "2000.00", nature: "financial_contribution", agreement_signed_on: on("03-01") });
  const received = await org.make("contributions", { member_id: asso.id, amount: "300.00", nature: "financial_contribution", agreement_signed_on: on("03-02") });
  await org.make(`contributions/${received.id}/receipts`, { received_on: on("03-20"), means: "transfer" });
  const inKind = await org.make("in-kind-contributions", { member_id: asso.id, kind: "volunteer_time", value: "150.00", hours: "10", given_on: on("04-01") });
  const draft = await org.make("entries", { journal: "OD", date: on("05-05"), label: "Achat \"à\" 10 €\u2028\t/ \\", lines: [
    { account: "6064", debit: "33.33", label: "Papier" }, { account: "401", credit: "33.33", fund_id: third.id }] });
  const manual = await org.make(`entries/${draft.id}/validations`, {});
  const back = await org.make("entries", { journal: "OD", date: on("05-06"), label: "À contre-passer", lines: [
    { account: "6064", debit: "20.00" }, { account: "626", debit: "5.00" }, { account: "401", credit: "25.00" }] });
  await org.make(`entries/${back.id}/validations`, {});
  const reversal = await org.make(`entries/${back.id}/reversals`, { date: on("05-07"), reason: "error" });
  const kept = await org.make("entries", { journal: "OD", date: on("05-08"), label: "Brouillon", lines: [{ account: "6064", debit: "1.00" }] });

  await org.make("bank-accounts", { name: "Courant", iban: IBAN });
  const statement = await org.upload("bank-statements", "releve.xml", camt([
    [on("02-15"), "100.00", "REMISE CHEQUE"], [on("02-16"), "-12.00", "FRAIS"], [on("02-17"), "45.00", "INCONNU"],
    [on("02-18"), "60.00", "COTISATION"], [on("02-19"), "-60.00", "REJET"], [on("03-15"), "8.00", "A DEFAIRE"], [on("03-16"), "9.00", "SEULE"]]));
  assert.equal(statement.status, 201, statement.text);
  const lines = (await org.get("bank-transactions?limit=100")).body.items;
  const line = (amount) => lines.find((l) => l.amount === amount);
  const match = (l, body) => org.make(`bank-transactions/${l.id}/matches`, body);
  const settled = await match(line("100.00"), { contribution_ids: [cheque.id] });
  await match(line("-12.00"), { create: [{ kind: "expense", amount: "-12.00", category: "bank_fees" }] });
  const unknown = await match(line("45.00"), { create: [{ kind: "unknown", amount: "45.00" }] });
  await org.make(`bank-transactions/${line("45.00").id}/matches/${unknown.id}/clearings`, { create: [{ kind: "third_party", amount: "45.00" }] });
  const dues = await match(line("60.00"), { create: [{ kind: "contribution", amount: "60.00", nature: "dues", member_id: asso.id }] });
  const paid = dues.parts[0].contribution_id;
  await match(line("-60.00"), { create: [{ kind: "returned", amount: "-60.00", contribution_id: paid }] });
  const undone = await match(line("8.00"), { create: [{ kind: "interest", amount: "8.00" }] });
  await org.make(`bank-transactions/${line("8.00").id}/matches/${undone.id}/cancellations`, { reason: "wrong" });

  const [first] = (await org.get("fiscal-years?sort=starts_on")).body.items.filter((y) => y.starts_on === on("01-01"));
  await org.make(`fiscal-years/${first.id}/locks`, { through: on("01-31"), reason: "monthly closing" });
  await org.make(`fiscal-years/${first.id}/locks`, { through: on("02-28"), reason: "monthly closing" });
  await org.make(`fiscal-years/${first.id}/unlocks`, { through: on("01-31"), reason: "forgotten" });
  const late = await gift({ received_on: on("02-20"), amount: "7.00" });
  await org.make(`fiscal-years/${first.id}/locks`, { through: on("02-28"), reason: "again" });
  // Corrected after its period was locked: reversed and booked again today.
  const today = await org.make(`contributions/${late.id}/corrections`, { reason: "amount", amount: "8.00" });
  const replay = { headers: { "Idempotency-Key": "k1" } };
  await org.post("contributions", { member_id: asso.id, amount: "5.00", received_on: on("06-01"), means: "cash", nature: "dues" }, replay);
  await org.post("contributions", { member_id: asso.id, amount: "5.00", received_on: on("06-01"), means: "cash", nature: "dues" }, replay);
  ids = { asso: asso.id, general: funds.find((f) => f.kind === "general").id, third: third.id, cheque: cheque.id, cancelled: cancelled.id,
    wrong: wrong.id, corrected: corrected.id, awaited: awaited.id, received: received.id, inKind: inKind.id, manual: manual.id, draft: kept.id,
    reversal: reversal.id, back: back.id, settled: settled.id, undone: undone.id, unknown: unknown.id, paid, line: line("9.00").id,
    matched: line("100.00").id, year: first.id, today: today.id};
}

before(makeBooks);
after(() => api.close());

const entryOf = (contribution) => `(SELECT entry_id FROM fund.contribution WHERE id = '${contribution}')`;

/** What is done to the books, and what must be found: code and object. Without the triggers, as a superuser can. */
const damages = [
  ["an amount changed", () => `UPDATE fund.line SET amount = amount + 1 WHERE entry_id = '${ids.manual}' AND amount > 0`,
    () => ["entry_sum", ids.manual, "expected 0.00, found 0.01"], ["entry_total", "entry_hash", "balance_kept"]],
  ["both sides changed alike", () => `UPDATE fund.line SET amount = amount * 2 WHERE entry_id = '${ids.manual}'; UPDATE fund.entry SET total = total * 2 WHERE id = '${ids.manual}'`,
    () => ["entry_hash", ids.manual], ["balance_kept"]],
  ["an account changed", () => `UPDATE fund.line SET account_id = (SELECT l.account_id FROM fund.line l JOIN fund.account a ON a.id = l.account_id WHERE a.number = '626' LIMIT 1) WHERE entry_id = '${ids.manual}' AND amount > 0`,
    () => ["balance_kept", "account 626"], ["entry_hash"]],
  ["a line removed", () => `DELETE FROM fund.line WHERE entry_id = '${ids.manual}' AND amount < 0`,
    () => ["entry_lines", ids.manual, "expected 2, found 1"], ["entry_sum", "entry_hash", "balance_kept"]],
  ["an entry removed, its lines left", () => `DELETE FROM fund.entry WHERE id = '${ids.manual}'`,
    () => ["line_orphan", ids.manual], ["number", "reference", "balance_kept", "history_row"]],
  ["an entry removed without a trace in the books", () => `DELETE FROM fund.line WHERE entry_id = '${ids.manual}'; DELETE FROM fund.entry WHERE id = '${ids.manual}'`,
    () => ["number", "journal OD"], ["history_row", "balance_kept"]],
  ["the last entry of a journal and its number removed", () => `DELETE FROM fund.line WHERE entry_id = '${ids.reversal}'; DELETE FROM fund.entry WHERE id = '${ids.reversal}';
      UPDATE fund.counter c SET last = (SELECT max(number) FROM fund.entry e WHERE e.journal_code = 'OD' AND e.fiscal_year_id = c.fiscal_year_id) WHERE journal_code = 'OD'`,
    () => ["history_row", `entry ${ids.reversal}`], ["balance_kept"]],
  ["a label changed", () => `UPDATE fund.entry SET label = 'Achat' WHERE id = '${ids.manual}'`, () => ["entry_hash", ids.manual], []],
  ["a label changed and the hash with it", () => `UPDATE fund.entry SET label = 'Achat' WHERE id = '${ids.manual}'; UPDATE fund.entry e SET hash = sha256(convert_to(fund.entry_text(e) ||
      (SELECT string_agg(fund.line_text(position, account_id, amount, fund_id, project_id, member_id, l.label), '' ORDER BY position) FROM fund.line l WHERE l.entry_id = e.id), 'UTF8')) WHERE id = '${ids.manual}'`,
    () => ["history_value", `entry ${ids.manual}, hash`], []],
  ["a number skipped", () => "UPDATE fund.entry SET number = number + 1 WHERE journal_code = 'BQ' AND number = (SELECT max(number) FROM fund.entry WHERE journal_code = 'BQ')",
    () => ["number", "journal BQ"], ["counter", "entry_hash", "history_value"]],
  ["a counter moved", () => "UPDATE fund.counter SET last = last + 3 WHERE journal_code = 'OD'", () => ["counter", "journal OD"], []],
  ["a kept balance changed", () => "UPDATE fund.balance SET debit = debit + 100 WHERE (account_id, month) = (SELECT account_id, month FROM fund.balance ORDER BY 1, 2 LIMIT 1)",
    () => ["balance_kept", "account"], []],
  ["a kept balance removed", () => "DELETE FROM fund.balance WHERE account_id IN (SELECT id FROM fund.account WHERE number = '6064')",
    () => ["balance_kept", "account 6064", "found nothing"], []],
  ["a kept balance of nothing", () => `INSERT INTO fund.balance SELECT organisation_id, fiscal_year_id, account_id, '${ids.third}', month, 5, 0, 1 FROM fund.balance WHERE fund_id <> '${ids.third}' LIMIT 1`,
    () => ["balance_kept", ids.third, "expected 0.00 / 0.00 / 0, found 0.05 / 0.00 / 1"], []],
  ["a date outside its year", () => `UPDATE fund.entry SET date = '${year + 1}-02-01' WHERE id = '${ids.manual}'`,
    () => ["entry_year", ids.manual], ["entry_hash", "balance_kept", "line_date", "reference"]],
  ["posted into a locked period", () => `UPDATE fund.entry SET date = '${on("01-15")}', fiscal_year_id = '${ids.year}', number = 99 WHERE id = ${entryOf(ids.today)}`,
    () => ["entry_locked"], ["entry_hash", "balance_kept", "number", "counter", "number_order", "history_value", "contribution_date", "line_date", "reference"]],
  ["a line's date", () => `ALTER TABLE fund.line DROP CONSTRAINT line_entry; UPDATE fund.line SET date = date + 1 WHERE entry_id = '${ids.manual}' AND position = 1`,
    () => ["line_date", ids.manual], ["entry_position", "entry_hash"]],
  ["a kept balance of a year", () => "UPDATE fund.year_balance SET credit = credit + 1 WHERE account_id IN (SELECT id FROM fund.account WHERE number = '6064')",
    () => ["balance_kept", "account 6064", `year ${ids.year}`], []],
  ["a kept number of lines", () => "UPDATE fund.balance SET lines = lines + 1 WHERE account_id IN (SELECT id FROM fund.account WHERE number = '6064')",
    () => ["balance_kept", "account 6064"], []],
  ["the lock taken away in silence", () => `UPDATE fund.fiscal_year SET locked_through = NULL WHERE id = '${ids.year}'`,
    () => ["history_value", `fiscal_year ${ids.year}, locked_through`], []],
  ["an instant of the future", () => `UPDATE fund.entry SET recorded_at = recorded_at + interval '10 years' WHERE id = '${ids.manual}'`,
    () => ["entry_recorded", ids.manual], ["entry_hash", "number_order"]],
  ["a reversal that is no opposite", () => `UPDATE fund.line SET fund_id = '${ids.third}' WHERE entry_id = '${ids.reversal}'`,
    () => ["reversal_lines", ids.reversal], ["entry_hash", "balance_kept"]],
  ["a reversal of another entry", () => `UPDATE fund.entry SET reverses_entry_id = '${ids.manual}' WHERE id = '${ids.reversal}'`,
    () => ["reversal_lines", ids.reversal], ["entry_hash"]],
  ["an entry out of balance within a fund", () => `UPDATE fund.line SET fund_id = '${ids.third}' WHERE entry_id = ${entryOf(ids.awaited)} AND amount > 0`,
    () => ["entry_fund"], ["contribution_axes", "entry_hash", "balance_kept"]],
  ["a contribution's amount", () => `UPDATE fund.contribution SET amount = amount + 100 WHERE id = '${ids.received}'`,
    () => ["contribution_amount", ids.received], ["contribution_money", "history_value"]],
  ["a contribution's status", () => `UPDATE fund.contribution SET status = 'recorded', reason = NULL WHERE id = '${ids.cancelled}'`,
    () => ["contribution_status", ids.cancelled], ["contribution_money", "history_value"]],
  ["a contribution's nature", () => `UPDATE fund.contribution SET nature = 'donation' WHERE id = '${ids.cheque}'`,
    () => ["contribution_account", ids.cheque], ["history_value"]],
  ["a contribution's day", () => `UPDATE fund.contribution SET received_on = received_on - 1 WHERE id = '${ids.cheque}'`,
    () => ["contribution_date", ids.cheque], ["history_value"]],
  ["a contribution of another one's entry", () => `UPDATE fund.contribution SET receipt_entry_id = '${ids.manual}' WHERE id = '${ids.received}'`,
    () => ["contribution_entry", ids.received], ["contribution_account", "history_value"]],
  ["a correction that leads nowhere", () => `UPDATE fund.contribution SET corrects_id = NULL WHERE id = '${ids.corrected}'`,
    () => ["contribution_correction", ids.wrong], ["history_value"]],
  ["a contribution removed", () => `DELETE FROM fund.contribution WHERE id = '${ids.cancelled}'`,
    () => ["entry_source", ids.cancelled], ["history_row"]],
  ["a value given in kind", () => `UPDATE fund.in_kind_contribution SET value = value + 1 WHERE id = '${ids.inKind}'`,
    () => ["in_kind", ids.inKind], ["history_value"]],
  ["a match's amount", () => `UPDATE fund.match SET amount = amount + 1 WHERE id = '${ids.settled}'`,
    () => ["match_transactions", ids.settled, "expected 100.01, found 100.00"], ["match_lines", "match_parts", "history_value"]],
  ["a part of a match", () => `UPDATE fund.match_part SET amount = amount - 1 WHERE match_id = '${ids.settled}'`,
    () => ["match_parts", ids.settled], ["match_part", "match_entry"]],
  ["a line taken out of its match", () => `DELETE FROM fund.line_match WHERE match_id = '${ids.settled}' AND line_id = (SELECT min(line_id) FROM fund.line_match WHERE match_id = '${ids.settled}')`,
    () => ["match_waiting", ids.settled], ["match_lines", "match_part"]],
  ["a match half cancelled", () => `UPDATE fund.line_match SET cancelled_at = NULL WHERE match_id = '${ids.undone}'`,
    () => ["match_cancelled", ids.undone], []],
  ["a line in two matches", () => `DROP INDEX fund.line_match_once; INSERT INTO fund.line_match SELECT organisation_id, line_id, '${ids.unknown}', matched_at, matched_by FROM fund.line_match WHERE match_id = '${ids.settled}' AND cancelled_at IS NULL`,
    () => ["line_twice", "line"], ["match_lines", "match_waiting"]],
  ["a bank line in two matches", () => `DROP INDEX fund.match_transaction_once; INSERT INTO fund.match_transaction SELECT organisation_id, '${ids.unknown}', bank_transaction_id FROM fund.match_transaction WHERE match_id = '${ids.settled}'`,
    () => ["transaction_twice", ids.matched], ["match_transactions"]],
  ["a bank line's amount", () => `UPDATE fund.bank_transaction SET amount = amount + 1 WHERE id = '${ids.line}'`,
    () => ["statement_sums", "statement"], ["statement_balanced"]],
  ["a bank line removed", () => `DELETE FROM fund.bank_statement_transaction WHERE bank_transaction_id = '${ids.line}'; DELETE FROM fund.bank_transaction WHERE id = '${ids.line}'`,
    () => ["statement_count", "statement", "expected 7, found 6"], ["statement_sums", "statement_new", "statement_balanced"]],
  ["a bank line that no statement says", () => `INSERT INTO fund.bank_transaction (organisation_id, id, bank_account_id, fingerprint, amount, currency, booked_on, value_on, remittance, is_reversal, searched, recorded_at)
      SELECT organisation_id, gen_random_uuid(), bank_account_id, sha256('x'), 1, currency, booked_on, value_on, 'x', false, 'x', recorded_at FROM fund.bank_transaction LIMIT 1`,
    () => ["transaction_unsaid", "bank line"], ["statement_new"]],
  ["a statement's balance", () => "UPDATE fund.bank_statement SET balanced = false", () => ["statement_balanced", "statement"], ["history_value"]],
  ["a member's account", () => `UPDATE fund.member SET iban = 'FR7630006000011234567890189' WHERE id = '${ids.asso}'`,
    () => ["history_value", `member ${ids.asso}, iban`, "expected nothing, found FR7630006000011234567890189"], []],
  ["a member removed", () => `DELETE FROM fund.member WHERE id = '${ids.asso}'`, () => ["member_number"], ["reference", "history_row"]],
  ["a fund's floor", () => `UPDATE fund.fund SET floor = 0 WHERE id = '${ids.third}'`, () => ["fund_setting", ids.third], ["history_value"]],
  ["a draft changed", () => `UPDATE fund.draft SET label = 'x' WHERE id = '${ids.draft}'`, () => ["history_value", `draft ${ids.draft}, label`], []],
  ["a value of the history", () => "UPDATE audit.detail SET after = '99.00' WHERE (event_id, column_name) = (SELECT event_id, column_name FROM audit.detail WHERE column_name = 'floor' ORDER BY event_id LIMIT 1)",
    () => ["history_commitment", "floor"], ["history_value"]],
  ["a whole row of the history", () => `UPDATE audit.detail SET after = 'none of this' WHERE column_name = '*' AND event_id = (SELECT id FROM audit.event WHERE subject_id = '${ids.cheque}' AND action = 'insert')`,
    () => ["history_commitment", "*"], []],
  ["a row that was deleted is back", () => `INSERT INTO fund.draft SELECT organisation_id, '${ids.manual}', journal_code, date, label, lines, created_by, created_at, 1 FROM fund.draft`,
    () => ["history_row", `draft ${ids.manual}`], []],
  ["a value of the history removed", () => "DELETE FROM audit.detail WHERE (event_id, column_name) = (SELECT event_id, column_name FROM audit.detail WHERE column_name = '*' ORDER BY event_id LIMIT 1)",
    () => ["history_detail", "*"], []],
  ["an event of the history removed", () => `DELETE FROM audit.detail d USING audit.event e WHERE e.id = d.event_id AND e.subject_id = '${ids.manual}' AND e.subject_kind = 'entry'; DELETE FROM audit.event WHERE subject_id = '${ids.manual}' AND subject_kind = 'entry'`,
    () => ["history_missing", `entry ${ids.manual}`], []],
];

test("clean books: nothing differs, in either language, for one organisation or all", async () => {
  const all = await check(api.db.conninfo);
  assert.deepEqual([all.status, all.findings, all.stderr], [0, [], ""]);
  const [organisations, entries, lines] = ["fund.organisation", "fund.entry", "fund.line"].map((table) => api.db.sql(`SELECT count(*) FROM ${table}`));
  assert.equal(all.end, `${organisations} organisations, ${entries} entries, ${lines} lines checked: nothing differs`);
  assert.match((await check(api.db.conninfo, "--organisation", "vide", "--lang", "fr")).end, /^1 organisations, 0 écritures, 0 lignes contrôlées\u00A0: rien ne diffère$/);
});

test("what cannot be checked is said, and is no clean bill", async () => {
  for (const args of [[api.db.conninfo, "--organisation", "personne"], ["host=/nowhere dbname=x"], ["x", "--what"], ["x", "--lang", "de"]])
    assert.equal((await check(...args)).status, 2, args.join(" "));
  assert.match((await check("host=/nowhere dbname=x")).stderr, /^grenier-check: .*nowhere/);
  const as = `host=${cluster()} user=grenier_server dbname=${api.db.name}`;
  assert.match((await check(as)).stderr, /permission denied to set role/);
});

test("seeded damage is found and named", { concurrency: 2 }, async (t) => {
  // The copy of a database needs nobody else in it: the driver's connections end with it.
  api.checkBooks();
  api.process.stdin.end();
  assert.equal(await api.ended, 0);
  let copying = Promise.resolve();
  await Promise.all(damages.map(([name, damage, wanted, besides], i) => t.test(name, async () => {
    const copy = `${api.db.name}_${i}`;
    copying = copying.then(() => sql("postgres", `CREATE DATABASE ${copy} TEMPLATE ${api.db.name}`));
    await copying;
    try {
      await sql(copy, `SET session_replication_role = replica; ${damage()}`);
      const found = await check(`host=${cluster()} user=postgres dbname=${copy}`);
      const [code, ...parts] = wanted();
      const said = found.findings.join("\n");
      assert.equal(found.status, 1, `${said}\n${found.stderr}`);
      assert.equal(found.end.split(": ").at(-1), `${found.findings.length} differences`);
      assert.ok(found.findings.some((line) => line.startsWith(`essai: ${code}: `) && parts.every((part) => line.includes(part))), `${code} ${parts.join(" ")} in\n${said}`);
      // Nothing is said that the damage does not explain.
      const codes = [...new Set(found.findings.map((line) => line.split(": ")[1]))];
      assert.deepEqual(codes.filter((c) => c !== code && !besides.includes(c)), [], said);
    } finally {
      await sql("postgres", `DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`);
    }
  })));
});

test("grenier check --books runs it, with the codes of the other commands", () => {
  const right = grenier(["check", "--books", "--lang", "fr", "--database", api.db.conninfo]);
  assert.equal(right.status, 0, right.stderr);
  assert.match(right.stdout, /^2 organisations, \d+ écritures, \d+ lignes contrôlées\u00A0: rien ne diffère\n$/);
  psql(cluster(), api.db.name, "SET session_replication_role = replica; UPDATE fund.counter SET last = last + 1");
  const wrong = grenier(["check", "--books", "--lang", "fr", "--database", `host=${cluster()} user=grenier_migrate dbname=${api.db.name}`]);
  assert.equal(wrong.status, 3, wrong.stderr);
  assert.match(wrong.stdout, /^essai\u00A0: counter\u00A0: journal \w+ \d{4}-01-01\u00A0: dernier numéro donné\u00A0: attendu \d+, trouvé \d+$/m);
  assert.equal(grenier(["check", "--books", "--organisation", "personne", "--database", api.db.conninfo]).status, 1);
  psql(cluster(), api.db.name, "SET session_replication_role = replica; UPDATE fund.counter SET last = last - 1");
});
