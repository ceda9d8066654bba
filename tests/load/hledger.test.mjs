// Random books, exported and summed again by hledger, which we did not write: the same balances, account by account, of
// everything, up to a day, and of a fund.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { amount, hledgerBalances, missingTools } from "../lib/oracle.mjs";
import { start } from "./start.mjs";

const books = Number(process.env.BOOKS ?? (process.env.GRENIER_LONG === "1" ? 200 : 20)), OPERATIONS = 60;
const seed = process.env.SEED ?? String(Date.now() % 1e9);
console.log(`# SEED=${seed}`);
const dir = mkdtempSync(path.join(tmpdir(), "ghledger."));
let api;
after(() => {
  rmSync(dir, { recursive: true, force: true });
  api?.process.kill();
});

const nonzero = (entries) => [...entries].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));

test(`hledger agrees on ${books} random books`, { skip: missingTools("hledger") }, async (t) => {
  api = new Api();
  let balances = 0, entries = 0;
  for (let i = 0, loads = []; i < books; i++) {
    if (loads.length === 0) loads = await start(api, [`book-${i}`, `book-${i + 1}`], seed);
    const load = loads.shift(), slug = load.slug;
    while (load.operations < OPERATIONS + 20) await load.step();
    const day = load.date(), fund = load.random.pick(load.funds.slice(0, 2)), file = path.join(dir, `${slug}.journal`);
    for (const [asOf, more] of [["2099-12-31", ""], [day, ""], ["2099-12-31", fund.id]].slice(0, i % 4 === 0 ? 3 : 2)) {
      const exported = await load.send({ method: "GET", path: `/api/v1/organisations/${slug}/exports/ledger-journal?as_of=${asOf}`,
        headers: { Authorization: `Bearer ${load.tokens.auditor}` } });
      assert.equal(exported.status, 200, exported.body);
      writeFileSync(file, exported.body);
      const report = await load.read(`reports/trial-balance?as_of=${asOf}${more && `&fund_id=${more}`}`);
      const theirs = hledgerBalances(dir, file, more ? [`tag:fund=^${fund.kind === "general" ? "Fonctionnement" : "Fonds de solidarité"}$`] : ["-s"], 2);
      assert.deepEqual(nonzero(theirs), nonzero(report.items.map((item) => [`${item.account} ${item.title}`, amount(item.balance, 2)])),
        `${slug} as of ${asOf} ${more} (SEED=${seed})`);
      balances += report.items.length;
    }
    entries += load.books.entries;
  }
  t.diagnostic(`${entries} entries, ${balances} balances compared`);
  await api.close();
});
