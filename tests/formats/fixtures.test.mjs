// The fixtures of our own making: up to date with what makes them, right in their check digits, valid by the published
// schema, and read by our parsers as the answers say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';

const root = resolve(new URL('.', import.meta.url).pathname, '../..');
const build = resolve(root, process.env.GRENIER_BUILD_TEST ?? 'build-test');
const fixtures = join(root, 'tests/fixtures');
const read = (name) => readFileSync(join(fixtures, name), 'utf8');
const truth = JSON.parse(read('bank-truth.json'));
const dump = (name) => JSON.parse(execFileSync(join(build, 'tests/bank_dump'), [join(fixtures, name)], { encoding: 'utf8' }));

test('what is committed is what make.mjs makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grenier-fixtures-'));
  try {
    execFileSync(process.execPath, [join(fixtures, 'make.mjs'), folder]);
    for (const name of readdirSync(folder)) assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(fixtures, name))), name);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('25 members with right check digits, the same in both character sets', () => {
  const members = JSON.parse(read('members.json'));
  assert.equal(members.length, 25);
  assert.deepEqual(new Set(members.map((m) => m.legal_form)), new Set(['association', 'scop', 'scic', 'company', 'sole_trader', 'elected_official', 'local_authority', 'person']));
  for (const { name, siret, iban } of members) {
    if (siret) assert.equal([...siret].reverse().reduce((n, c, i) => n + [...String(Number(c) * (i % 2 ? 2 : 1))].reduce((a, d) => a + Number(d), 0), 0) % 10, 0, name);
    if (iban) assert.equal(BigInt([...(iban.slice(4) + iban.slice(0, 4))].map((c) => parseInt(c, 36)).join('')) % 97n, 1n, name);
  }
  const recoded = execFileSync('iconv', ['-f', 'WINDOWS-1252', '-t', 'UTF-8', join(fixtures, 'members-windows-1252.csv')], { encoding: 'utf8' });
  assert.equal(recoded, read('members.csv'));
});

test('the bank files are read as the answers say', () => {
  const files = ['releve-septembre-octobre.ofx', 'releve-novembre.xml'].map((name) => ({ name, ...dump(name) }));
  assert.equal(files[0].encoding, 'Windows-1252');
  assert.equal(files[1].version, 'camt.053.001.08');
  for (const account of truth.accounts) {
    const statements = files.flatMap((file) => file.statements).filter((statement) => statement.iban === account.iban);
    assert.equal(statements.at(-1).closing_balance, account.closing);
    assert.equal(statements.at(-1).balanced, true);
    const got = files.flatMap((file) => file.statements.filter((s) => s.iban === account.iban).flatMap((s) => s.entries.map((entry) => [file.name, entry.booked_on, entry.amount])));
    assert.deepEqual(got, truth.lines.filter((line) => line.account === account.key).map((line) => [line.file, line.booked_on, line.amount]));
  }
  assert.equal(files[0].statements[0].closing_balance, files[1].statements[0].opening_balance);
  const prints = files.flatMap((file) => file.statements.flatMap((s) => s.entries.map((entry) => entry.fingerprint)));
  assert.equal(new Set(prints).size, truth.lines.length);
});

test('the camt.053 is valid by the published schema', (t) => {
  const data = [process.env.GRENIER_SHARED_DATA, join(root, '../shared/data')].find((path) => path && existsSync(join(path, 'xsd')));
  if (!data) return t.skip('the folder of schemas is absent');
  execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(data, 'xsd/camt.053.001.08.xsd'), join(fixtures, 'releve-novembre.xml')], { stdio: 'pipe' });
});
