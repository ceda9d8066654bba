// Accounting programs that we did not write: what hledger and ledger make of an exported journal.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Why a test that needs these programs is skipped, or false. */
export function missingTools(...tools) {
  const missing = tools.filter((tool) => spawnSync(tool, ["--version"]).error);
  return missing.length > 0 ? `${missing.join(" and ")} not installed` : false;
}

/** Runs one, with `home` as its home; answers what it prints. */
export function runTool(home, tool, args) {
  const done = spawnSync(tool, args, { encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, LC_ALL: "C.UTF-8", HOME: home } });
  assert.equal(done.status, 0, `${tool} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** "1 234.50 EUR" or "0" in minor units. */
export function amount(text, digits) {
  const match = text.trim().match(/^(-?)(\d+)(?:\.(\d+))?(?: [A-Z]{3})?$/);
  assert.ok(match, `amount ${text}`);
  const value = BigInt(match[2] + (match[3] ?? "").padEnd(digits, "0"));
  return match[1] ? -value : value;
}

/** Account → balance, as hledger sums the journal; `query`: its arguments. */
export function hledgerBalances(home, file, query, digits) {
  const rows = runTool(home, "hledger", ["-f", file, "balance", "--flat", "-N", "-E", "-O", "csv", ...query]).trimEnd().split("\n").slice(1);
  return new Map(rows.map((row) => {
    const [, account, sum] = row.match(/^"(.*)","(.*)"$/);
    return [account.replaceAll('""', '"'), amount(sum, digits)];
  }));
}

/** The same by ledger. */
export function ledgerBalances(home, file, query, digits) {
  const rows = runTool(home, "ledger", ["-f", file, "balance", "--flat", "--empty", "--no-total", "--balance-format",
    "%(account)\t%(quantity(scrub(display_total)))\n", ...query]).trimEnd().split("\n").filter((row) => row !== "");
  return new Map(rows.map((row) => row.split("\t")).map(([account, sum]) => [account, amount(sum, digits)]));
}
