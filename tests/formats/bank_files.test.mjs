// Real bank files from elsewhere against figures computed by an independent reader (expected.json beside them).
// Needs the folder of real files: $GRENIER_SHARED_DATA, else ../shared/data; skips visibly without it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const build = resolve(root, process.env.GRENIER_BUILD_TEST ?? 'build-test');
const data = [process.env.GRENIER_SHARED_DATA, join(root, '../shared/data')].find((path) => path && existsSync(join(path, 'expected.json')));
const skip = data ? false : 'the folder of real files is absent';
const expected = data ? JSON.parse(readFileSync(join(data, 'expected.json'), 'utf8')) : {};

function dump(names) {
  const paths = names.map((name) => join(data, name));
  const text = execFileSync(join(build, 'tests/bank_dump'), paths, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text.trimEnd().split('\n').map((line, i) => ({ ...JSON.parse(line), name: names[i] }));
}

// Decimal text to an integer of 10^-13, so that any number of decimals compares exactly.
function exact(text) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:[.,](\d*))?$/.exec(text);
  return BigInt(sign + whole + fraction.padEnd(13, '0'));
}

const same = (got, want, what) => assert.equal(exact(got), exact(want), `${what}: ${got} is not ${want}`);

function compareCamt(file, want) {
  assert.equal(file.problem, undefined, `${file.name}: ${file.problem?.en}`);
  assert.equal(file.version, want.version, file.name);
  assert.equal(file.statements.length, want.statements.length, `${file.name}: statements`);
  want.statements.forEach((figures, i) => {
    const statement = file.statements[i];
    const what = `${file.name} statement ${i + 1}`;
    assert.equal(statement.account_number, figures.account, what);
    for (const [name, value] of [['opening_balance', figures.opening], ['closing_balance', figures.closing]]) {
      if (value === null) assert.equal(statement[name], null, `${what} ${name}`);
      else same(statement[name], value, `${what} ${name}`);
    }
    assert.equal(statement.entries.length + statement.not_booked, figures.entries, `${what} entries`);
    assert.equal(statement.not_booked, figures.not_booked, `${what} not booked`);
    assert.equal(statement.entries.reduce((n, entry) => n + entry.details.length, 0), figures.tx_details, `${what} details`);
    assert.equal(statement.entries.filter((entry) => entry.is_reversal).length, figures.reversals, `${what} reversals`);
    same(statement.sum_in, figures.credit, `${what} credit`);
    same(statement.sum_out.replace('-', ''), figures.debit, `${what} debit`);
    assert.equal(exact(statement.sum_in) + exact(statement.sum_out), exact(figures.net), `${what} net`);
    assert.equal(statement.balanced, figures.opening_plus_net_equals_closing, `${what} balanced`);
    for (const currency of figures.currencies) assert.equal(statement.currency, currency, what);
  });
}

function compareOfx(file, want) {
  if (want.accounts.length === 0) {
    assert.equal(file.problem?.code, 'bank_file.no_statement', `${file.name}: ${JSON.stringify(file).slice(0, 200)}`);
    return;
  }
  assert.equal(file.problem, undefined, `${file.name}: ${file.problem?.en}`);
  assert.equal(file.statements.length, want.accounts.length, `${file.name}: accounts`);
  want.accounts.forEach((figures, i) => {
    const statement = file.statements[i];
    const what = `${file.name} account ${i + 1}`;
    assert.equal(statement.bank_id, figures.bankid, what);
    assert.equal(statement.account_number, figures.acct, what);
    assert.equal(statement.type, (figures.type ?? 'credit_card').toLowerCase(), what);
    assert.equal(statement.currency, figures.currency, what);
    assert.equal(statement.entries.length, figures.transactions, `${what} transactions`);
    assert.equal(exact(statement.sum_in) + exact(statement.sum_out), exact(figures.sum), `${what} sum`);
    same(statement.closing_balance, figures.ledger_balance, `${what} ledger balance`);
    assert.equal(statement.balanced, null, `${what}: nothing proves an OFX statement complete`);
  });
}

const named = (folder) => readdirSync(join(data, folder)).sort().map((name) => `${folder}/${name}`);

test('every camt.053 has its expected statements, entries, sums and balances', { skip }, (t) => {
  const files = dump(Object.keys(expected).filter((name) => expected[name].version?.startsWith('camt.053')));
  for (const file of files) compareCamt(file, expected[file.name]);
  t.diagnostic(`${files.length} camt.053 files`);
  assert.ok(files.length >= 68);
});

test('every OFX has its expected accounts, transactions, sums and balances', { skip }, (t) => {
  const files = dump(named('ofx'));
  for (const file of files) compareOfx(file, expected[file.name]);
  t.diagnostic(`${files.length} OFX files`);
  assert.ok(files.length >= 20);
});

test('camt.052 and camt.054 are named and refused', { skip }, (t) => {
  const files = dump(Object.keys(expected).filter((name) => /^camt\.05[24]/.test(expected[name].version ?? '')));
  for (const file of files) {
    assert.match(file.problem?.code ?? '', /^bank_file\.camt_05[24]$/, file.name);
    assert.ok(file.problem.fr.includes(expected[file.name].version), file.problem.fr);
  }
  t.diagnostic(`${files.length} files`);
  assert.ok(files.length >= 20);
});

test('60 daily statements of two accounts chain without a gap, read in any order', { skip }, (t) => {
  const files = dump(named('camt-chain').reverse());
  const byAccount = Map.groupBy?.(files.flatMap((file) => file.statements), (statement) => statement.account)
    ?? files.flatMap((file) => file.statements).reduce((map, s) => map.set(s.account, [...(map.get(s.account) ?? []), s]), new Map());
  assert.equal(byAccount.size, 2);
  for (const [account, statements] of byAccount) {
    assert.equal(statements.length, 60, account);
    statements.sort((a, b) => a.closing_on.localeCompare(b.closing_on));
    statements.slice(1).forEach((statement, i) => assert.equal(statement.opening_balance, statements[i].closing_balance, `${account} ${statement.closing_on}`));
    assert.ok(statements.every((statement) => statement.balanced), `${account} balances`);
    for (const statement of statements) for (const entry of statement.entries) assert.equal(entry.booked_on, statement.closing_on);
  }
  const lines = files.flatMap((file) => file.statements.flatMap((statement) => statement.entries));
  assert.equal(new Set(lines.map((entry) => entry.fingerprint)).size, lines.length, 'fingerprints are unique');
  const again = dump(named('camt-chain')).flatMap((file) => file.statements.flatMap((statement) => statement.entries));
  assert.deepEqual(new Set(again.map((entry) => entry.fingerprint)), new Set(lines.map((entry) => entry.fingerprint)));
  t.diagnostic(`${files.length} files, ${lines.length} entries`);
});

test('the same day in camt.053.001.04 and .08 gives the same entries', { skip }, () => {
  const [older, newer] = dump(named('camt').filter((name) => name.includes('camt053_P_CH')));
  assert.equal(older.version, 'camt.053.001.04');
  assert.equal(newer.version, 'camt.053.001.08');
  assert.deepEqual(newer.statements[0].entries.map((entry) => entry.fingerprint), older.statements[0].entries.map((entry) => entry.fingerprint));
});

// Who is right where the figures are not a plain yes: each verdict was looked up in the file itself.
const verdicts = {
  'hostile/camt-hbci4java-test-camt-parse-5200108-invalid-saldo.xml': 'bank_file.camt_052',
  'hostile/camt-hbci4java-test-camt-parse-5200108-missing-date.xml': 'bank_file.camt_052',
  'hostile/camt-hbci4java-test-camt-parse-none.xml': 'bank_file.camt_052',
  'hostile/cfonb-end_of_statement_without_beginning.txt': 'bank_file.kind',
  'hostile/cfonb-invalid_date.txt': 'bank_file.kind',
  'hostile/cfonb-operation_already_defined.txt': 'bank_file.kind',
  'hostile/oca-test_ofx_wrong.ofx': 'bank_file.missing', // account, currency and a date are commented out
  'hostile/ofx-libofx-failing-ofx-file1.xml': 'bank_file.unknown',
  'hostile/ofx-libofx-failing-ofx-file2.xml': 'bank_file.broken',
  'hostile/ofx-libofx-heap-buffer-overflow-2.ofx': 'bank_file.unknown',
  'hostile/ofx-libofx-null-ptr-deref-1.ofx': 'bank_file.broken',
  'hostile/ofx-libofx-null-ptr-deref-2.ofx': 'bank_file.broken',
  'hostile/ofx-ofxparse-date_missing.ofx': 'bank_file.missing', // a transaction without a date is not dated by us
  'hostile/ofx-ofxparse-decimal_error.ofx': 'bank_file.amount', // "$120"
  'hostile/ofx-ofxparse-empty_balance.ofx': 'accepted', // the only transaction is whole; the empty balance is noted
  'hostile/xml-defusedxml-xmlbomb.xml': 'bank_file.dtd',
  'hostile/xml-patt-classic-xxe-passwd.xml': 'bank_file.dtd',
};

test('every hostile bank file gets its verdict, with a line where there is one', { skip }, (t) => {
  const names = named('hostile').filter((name) => !name.endsWith('/json'));
  for (const file of dump(names)) {
    assert.equal(file.problem?.code ?? 'accepted', verdicts[file.name], `${file.name} ${file.problem?.en ?? ''}`);
    if (/missing|amount|dtd|broken/.test(file.problem?.code ?? '')) assert.match(file.problem.en, /^Line \d+/);
    assert.ok(!JSON.stringify(file).includes('root:x:0:0'));
    if (file.name.includes('empty_balance')) {
      assert.equal(file.statements[0].entries.length, 1);
      assert.equal(file.statements[0].closing_balance, null);
      assert.deepEqual(file.statements[0].notes.map((note) => note.code), ['bank_note.balance_empty', 'bank_note.outside']);
    }
  }
  t.diagnostic(`${names.length} hostile files`);
  assert.equal(names.length, Object.keys(verdicts).length);
});

test('other formats that banks offer are named', { skip }, (t) => {
  const named_ = { 'cfonb': 'CFONB 120', 'csv-bank': /CSV|Excel/, 'mt940': 'MT940', 'qif': 'QIF' };
  let used = 0;
  for (const [folder, kind] of Object.entries(named_)) {
    for (const file of dump(named(folder))) {
      assert.equal(file.problem?.code, 'bank_file.kind', file.name);
      assert.match(file.problem.en, kind instanceof RegExp ? kind : new RegExp(kind), file.name);
      used++;
    }
  }
  const [zip] = dump(['camt/oca-test-camt053.zip']);
  assert.equal(zip.problem.code, 'bank_file.zip');
  t.diagnostic(`${used + 1} files`);
});
