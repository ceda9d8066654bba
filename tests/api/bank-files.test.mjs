// Real files of banks elsewhere, with figures computed by an independent reader (../shared/data; skipped visibly without
// it): every camt.053 and OFX statement comes through the API with its account, balances and number of lines; sixty
// consecutive files of two accounts import in any order, twice, without a gap. Nothing of these files is in the repository.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { Api } from "../lib/api.mjs";
import { root } from "../lib/cluster.mjs";

const data = process.env.GRENIER_SHARED_DATA ?? path.join(root, "../shared/data");
const skip = existsSync(path.join(data, "expected.json")) ? false : `no real files in ${data}`;
const expected = skip ? {} : JSON.parse(readFileSync(path.join(data, "expected.json"), "utf8"));

/** "18.150" and "18.15" are one amount; the digits beyond the second are zeros. */
const amount = (text) => text === null ? null : ((m) => `${m[1]}${m[2]}.${(m[3] ?? "").padEnd(2, "0").slice(0, 2)}`)(/^(-?)(\d+)(?:[.,](\d*?)0*)?$/.exec(text));
const minor = (text) => BigInt(amount(text).replace(".", ""));

test("every camt.053 statement has its figures", { skip }, async (t) => {
  const api = new Api();
  t.after(() => api.close());
  let files = 0, statements = 0;
  for (const [name, wanted] of Object.entries(expected).filter(([n, w]) => n.startsWith("camt/") && /^camt\.053/.test(w.version ?? ""))) {
    const org = api.organisation(undefined, { starts: "2014-01-01" });
    const reply = await org.upload("bank-statements", path.basename(name), readFileSync(path.join(data, name)));
    assert.equal(reply.status, 201, `${name}: ${reply.text}`);
    assert.equal(reply.body.items.length, wanted.statements.length, name);
    for (const [i, s] of wanted.statements.entries()) {
      const item = reply.body.items[i];
      assert.deepEqual([item.account, item.opening_balance, item.closing_balance, item.transactions, minor(item.sum_in) + minor(item.sum_out), item.balanced],
        [s.account, amount(s.opening), amount(s.closing), s.entries - s.not_booked, minor(s.net), s.opening_plus_net_equals_closing], `${name} ${i}`);
      statements++;
    }
    files++;
  }
  t.diagnostic(`${files} files, ${statements} statements`);
  assert.ok(files >= 7);
});

test("052 and 054 are named and refused", { skip }, async (t) => {
  const api = new Api();
  t.after(() => api.close());
  const org = api.organisation();
  let files = 0;
  for (const [name, wanted] of Object.entries(expected).filter(([n, w]) => n.startsWith("camt/") && /^camt\.05[24]/.test(w.version ?? ""))) {
    const reply = await org.upload("bank-statements", path.basename(name), readFileSync(path.join(data, name)));
    assert.deepEqual([reply.status, reply.body.type], [422, `urn:grenier:problem:bank_file.camt_${wanted.version.slice(5, 8)}`], `${name}: ${reply.text}`);
    assert.ok(reply.body.detail.includes(wanted.version), reply.body.detail);
    files++;
  }
  t.diagnostic(`${files} files`);
  assert.deepEqual((await org.get("bank-accounts")).body.items, []);
});

test("every OFX statement has its figures", { skip }, async (t) => {
  const api = new Api();
  t.after(() => api.close());
  let files = 0, statements = 0;
  for (const [name, wanted] of Object.entries(expected).filter(([n]) => n.startsWith("ofx/"))) {
    const org = api.organisation(undefined, { starts: "2005-01-01" });
    const reply = await org.upload("bank-statements", path.basename(name), readFileSync(path.join(data, name)));
    files++;
    if (wanted.accounts.length === 0) {
      assert.equal(reply.status, 422, `${name}: ${reply.text}`);
      continue;
    }
    assert.equal(reply.status, 201, `${name}: ${reply.text}`);
    assert.equal(reply.body.items.length, wanted.accounts.length, name);
    for (const [i, a] of wanted.accounts.entries()) {
      const item = reply.body.items[i];
      assert.deepEqual([item.account, item.currency, item.transactions, item.new_transactions, minor(item.sum_in) + minor(item.sum_out), item.closing_balance],
        [a.acct, a.currency, a.transactions, a.transactions, minor(a.sum), a.ledger_balance === null ? null : amount(a.ledger_balance.replace(",", "."))], `${name} ${i}`);
      statements++;
    }
  }
  t.diagnostic(`${files} files, ${statements} statements`);
});

/** A shuffle that a seed repeats. */
function shuffled(list, seed) {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const j = seed % (i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

test("sixty files of two accounts, in any order, twice, without a gap", { skip }, async (t) => {
  const api = new Api();
  t.after(() => api.close());
  const folder = path.join(data, "camt-chain"), names = readdirSync(folder).sort();
  const seed = Number(process.env.SEED ?? Date.now() % 100000);
  const entries = names.reduce((sum, n) => sum + expected[`camt-chain/${n}`].statements.reduce((s, x) => s + x.entries, 0), 0);
  for (const [what, order] of [["as they came", names], ["backwards", [...names].reverse()], [`shuffled, SEED=${seed}`, shuffled(names, seed)]]) {
    const org = api.organisation(undefined, { starts: "2024-01-01" });
    let added = 0;
    for (const name of order) {
      const reply = await org.upload("bank-statements", name, readFileSync(path.join(folder, name)));
      assert.equal(reply.status, 201, `${name}: ${reply.text}`);
      for (const [i, s] of expected[`camt-chain/${name}`].statements.entries()) {
        const item = reply.body.items[i];
        assert.deepEqual([item.account, item.opening_balance, item.closing_balance, item.transactions, item.balanced],
          [s.account, amount(s.opening), amount(s.closing), s.entries, true], `${name} ${i}`);
        added += item.new_transactions;
      }
    }
    assert.equal(added, entries, what);
    for (const name of shuffled(order, seed + 1)) {
      const again = await org.upload("bank-statements", name, readFileSync(path.join(folder, name)));
      assert.deepEqual(again.body.items.map((i) => i.new_transactions), again.body.items.map(() => 0), `${name} again`);
    }
    const accounts = (await org.get("bank-accounts")).body.items;
    assert.deepEqual(accounts.map((a) => [a.gaps, a.statements]), [[[], 60], [[], 60]], what);
    const last = expected[`camt-chain/${names.at(-1)}`].statements;
    for (const s of last) assert.equal(accounts.find((a) => a.iban === s.account).bank_balance, amount(s.closing), what);
    t.diagnostic(`${what}: ${names.length} files, ${entries} lines`);
  }
});
