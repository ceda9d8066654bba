// Our trial balance against hledger and ledger, which we did not write: random books, exported and summed again by both.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after, before } from "node:test";
import { Api } from "../lib/api.mjs";
import { amount as minor, hledgerBalances, ledgerBalances, missingTools, runTool } from "../lib/oracle.mjs";

const seed = Number(process.env.SEED ?? Date.now() % 1e9);
let state = seed;
/** A number from 0 to n - 1; the same seed gives the same books (mulberry32). */
function random(n) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

const skip = missingTools("hledger", "ledger");
const ACCOUNTS = ["512", "530", "5112", "517", "7561", "7551", "741", "626", "627", "6132", "6571", "468", "467", "1024", "2742", "864"];
const LABELS = ["Cotisation 2026", "Frais ; de tenue | de compte", "= + - @ * !", "[2026-01-01] Loyer: mars", "  deux   espaces ",
  "(BQ-99) fausse référence", "café – crème “à emporter”, 3 €", "; entry: faux", "100.00 EUR"];

let api, dir;
before(() => {
  console.log(`# SEED=${seed}`);
  api = new Api();
  dir = mkdtempSync(path.join(tmpdir(), "goracle."));
});
after(async () => {
  rmSync(dir, { recursive: true, force: true });
  await api.close();
});

const hledger = (file, query, digits) => hledgerBalances(dir, file, query, digits), ledger = (file, query, digits) => ledgerBalances(dir, file, query, digits);
const run = (tool, args) => runTool(dir, tool, args);

/** The same from the trial balance, by debit, credit or balance. */
const ours = (report, column, digits) => new Map(report.items.map((i) => [`${i.account} ${i.title}`, minor(i[column], digits)]));
const nonzero = (map) => [...map].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
const same = (got, want, what) => assert.deepEqual(nonzero(got), nonzero(want), `${what} (SEED=${seed})`);

async function randomBooks(org, digits, count) {
  await org.make("fiscal-years", { starts_on: "2025-01-01", ends_on: "2025-12-31" });
  await org.make("fiscal-years", { starts_on: "2026-01-01", ends_on: "2026-12-31" });
  const funds = [...(await org.get("funds")).body.items];
  funds.push(await org.make("funds", { name: "Toits ; et, [murs] : 2026", kind: "designated" }));
  const project = await org.make("projects", { name: "Chantier: nord, sud" });
  const member = await org.make("members", { name: "Les Jardins", legal_form: "association", joined_on: "2020-01-01" });
  const money = (value) => digits === 0 ? String(value) : `${value / 10n ** BigInt(digits)}.${String(value % 10n ** BigInt(digits)).padStart(digits, "0")}`;
  for (let i = 0; i < count; i++) {
    const year = pick(["2024", "2025", "2026"]);
    const accounts = year === "2024" ? ACCOUNTS.filter((a) => a !== "741").concat("740", "757") : ACCOUNTS.concat("757");
    const fund = pick(funds).id;
    const lines = [];
    let sum = 0n;
    for (let k = 0; k <= random(4); k++) {
      const amount = BigInt(1 + random(random(2) ? 1e9 : 5000)) * (random(2) ? 1n : -1n);
      sum += amount;
      lines.push({ account: pick(accounts), [amount > 0n ? "debit" : "credit"]: money(amount > 0n ? amount : -amount), fund_id: random(9) ? fund : pick(funds).id,
        ...(random(4) ? {} : { project_id: project.id }), ...(random(4) ? {} : { member_id: member.id, label: pick(LABELS) }) });
    }
    if (sum === 0n) continue;
    lines.push({ account: "512", [sum < 0n ? "debit" : "credit"]: money(sum < 0n ? -sum : sum), fund_id: fund });
    const date = `${year}-${String(1 + random(12)).padStart(2, "0")}-${String(1 + random(28)).padStart(2, "0")}`;
    const draft = await org.make("entries", { journal: pick(["OD", "BQ", "CA"]), date, label: pick(LABELS), lines });
    if (random(10) === 0) continue; // drafts never count
    await org.make(`entries/${draft.id}/validations`, {});
    if (random(12) === 0) await org.make(`entries/${draft.id}/reversals`, { date: "2026-12-31", reason: "Saisie ; deux | fois: [x]" });
  }
  return funds;
}

for (const { currency, digits, count } of [{ currency: "EUR", digits: 2, count: 160 }, { currency: "JPY", digits: 0, count: 30 }])
  test(`random books in ${currency}`, { skip }, async (t) => {
    const org = api.organisation("oracle-" + currency.toLowerCase(), { starts: "2024-01-01", currency, digits });
    const funds = await randomBooks(org, digits, count);
    const known = (await org.get("reports/trial-balance")).body.known_at;
    const draft = await org.make("entries", { journal: "OD", date: "2025-05-05", label: "Later",
      lines: [{ account: "627", debit: digits ? "9.99" : "9" }, { account: "512", credit: digits ? "9.99" : "9" }] });
    await org.make(`entries/${draft.id}/validations`, {});
    let compared = 0;
    for (const query of ["as_of=2026-12-31", "as_of=2024-12-31", "as_of=2025-06-17", `as_of=2026-03-31&known_at=${known}`,
      `as_of=2026-11-13&known_at=${known}`, "as_of=2023-01-01"]) {
      const report = (await org.get(`reports/trial-balance?${query}`)).body;
      const exported = await org.get(`exports/ledger-journal?${query}`);
      assert.equal(exported.status, 200, exported.text);
      assert.match(exported.headers["content-type"], /^text\/plain/);
      const file = path.join(dir, `${currency}-${compared}.journal`);
      writeFileSync(file, exported.text);
      run("hledger", ["-f", file, "check", "-s"]);
      run("ledger", ["--pedantic", "-f", file, "balance"]);
      const balance = ours(report, "balance", digits);
      same(hledger(file, [], digits), balance, `hledger, ${query}`);
      same(ledger(file, [], digits), balance, `ledger, ${query}`);
      same(hledger(file, ["amt:>0"], digits), ours(report, "debit", digits), `hledger's debits, ${query}`);
      assert.equal(minor(report.total_debit, digits), minor(report.total_credit, digits));
      compared += report.items.length;
    }
    const last = path.join(dir, `${currency}-all.journal`);
    const all = (await org.get("exports/ledger-journal")).text;
    writeFileSync(last, all);
    for (const fund of funds) {
      const name = fund.name.replace(/[;,]/g, " ").replaceAll(":", "-").replaceAll("[", "(").replaceAll("]", ")").replace(/ +/g, " ");
      const report = (await org.get(`reports/trial-balance?as_of=2026-12-31&fund_id=${fund.id}`)).body;
      assert.ok(report.items.length > 0);
      same(hledger(last, [`tag:fund=^${name.replace(/[()]/g, "\\$&")}$`], digits), ours(report, "balance", digits), `fund ${fund.name}`);
    }
    const entries = Number(api.db.sql(`SELECT count(*) FROM fund.entry WHERE organisation_id = '${org.id}'`));
    assert.equal(run("hledger", ["-f", last, "print", "-O", "csv"]).split("\n").filter((l) => l !== "").map((l) => l.match(/^"(\d+)"/)?.[1]).reduce((max, n) => Math.max(max, Number(n ?? 0)), 0), entries);
    t.diagnostic(`${entries} entries, ${compared} balances compared with each program`);
  });
