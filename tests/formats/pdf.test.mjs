// A document read back by poppler: text, pages, structure, properties.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { after } from 'node:test';

const root = resolve(new URL('.', import.meta.url).pathname, '../..');
const sample = join(resolve(root, process.env.GRENIER_BUILD_TEST ?? 'build-test'), 'tests/pdf_sample');
const folder = mkdtempSync(join(tmpdir(), 'grenier-pdf-'));
after(() => rmSync(folder, { recursive: true }));

const make = (...args) => execFileSync(sample, args, { maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] });
function file(name, ...args) {
  const path = join(folder, name);
  writeFileSync(path, make(...args));
  return path;
}
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });

test('a document has its text, pages, repeated headers and footers', () => {
  const path = file('a.pdf');
  const pages = run('pdftotext', '-layout', path, '-').split('\f').slice(0, -1);
  assert.equal(pages.length, 3);
  pages.forEach((page, i) => {
    assert.match(page, new RegExp(`Le Grenier d’Ovrance · Situation du fonds au 23 novembre 2026 +page ${i + 1} sur 3`));
    assert.match(page, /Date +Mouvement +Entrée +Sortie/);
  });
  const text = pages.join('\n');
  for (const wanted of ['Situation du fonds au 23 novembre 2026', 'Le fonds a 23 319,00 € en banque', 'Disponible +17 569,00 €', '−2 500,00 €', '20\\s000 €', 'Sous-total', 'Total +1 000,00 €'])
    assert.match(text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' '), new RegExp(wanted), wanted);
  assert.ok(!text.includes('**'));
  // 60 movements, each once, in order.
  const numbers = [...text.matchAll(/Versement n° (\d+)/g)].map((match) => Number(match[1]));
  assert.deepEqual(numbers, [...Array(60).keys()].filter((i) => i % 7 !== 3).map((i) => i + 1));
});

test('it is tagged, titled and dated, and the same input gives the same bytes', () => {
  const path = file('b.pdf');
  const info = run('pdfinfo', path);
  assert.match(info, /Title: +Situation du fonds au 23 novembre 2026/);
  assert.match(info, /Author: +Le Grenier d’Ovrance/);
  assert.match(info, /Subject: +Le fonds a 23/);
  assert.match(info, /Tagged: +yes/);
  assert.match(info, /A4/);
  assert.match(run('pdfinfo', '-isodates', path), /CreationDate: +2026-11-23T09:40:00/);
  const structure = run('pdfinfo', '-struct', path);
  for (const tag of ['Document', 'H1', 'H2', 'P', 'Figure', 'Table', 'TR', 'TH', 'TD']) assert.match(structure, new RegExp(`^ *${tag}\\b`, 'm'), tag);
  assert.ok(make().equals(make()));
});

test('every font is embedded', () => {
  const rows = run('pdffonts', file('c.pdf')).trim().split('\n').slice(2);
  assert.ok(rows.length >= 2);
  for (const row of rows) assert.match(row, / yes yes yes /, row);
});

test('a long table breaks where a page ends, a row longer than the limit is refused', () => {
  const info = run('pdfinfo', file('d.pdf', '1000'));
  const pages = Number(/Pages: +(\d+)/.exec(info)[1]);
  assert.ok(pages >= 25 && pages <= 40, `${pages} pages`);
  assert.throws(() => make('5000'));
});
