// Importing members from a file: what each line would do, all lines or none, files as spreadsheets leave them.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { Api, multipart } from "../lib/api.mjs";
import { root } from "../lib/cluster.mjs";

const fixture = (name) => readFileSync(path.join(root, "tests/fixtures", name));
let api, org;
before(() => { api = new Api(); });
beforeEach(() => { org = api.organisation(); });
after(() => api.close());

const load = (content, options = {}) => org.upload(`member-imports${options.dry ? "?dry_run=true" : ""}`, options.file ?? "adherents.csv", content, options);
const members = async () => (await org.get("members?limit=500&sort=number")).body.items;
const actions = (reply) => reply.body.items.map((i) => i.action);
const errors = (reply) => reply.body.items.flatMap((i) => i.errors.map((e) => `${i.line} ${e.field} ${e.code}`));
const HEAD = "Nom;Forme juridique;SIRET;RNA;Courriel;Commune;Date d’adhésion\n";

test("the file of a network: a preview that writes nothing, then all of it, then nothing new", async () => {
  const file = fixture("members.csv");
  const truth = JSON.parse(fixture("members.json"));
  const preview = await load(file, { dry: true });
  assert.equal(preview.status, 200, preview.text);
  assert.deepEqual([preview.body.dry_run, preview.body.written, preview.body.encoding, preview.body.delimiter], [true, false, "UTF-8", ";"]);
  assert.deepEqual([preview.body.lines, preview.body.created, preview.body.refused], [truth.length, truth.length, 0]);
  assert.ok(preview.body.columns.every((c) => c.field !== null), "every heading is understood");
  assert.deepEqual(await members(), []);

  const done = await load(file);
  assert.equal(done.status, 200, done.text);
  assert.deepEqual([done.body.written, done.body.created], [true, truth.length]);
  const made = await members();
  assert.deepEqual(made.map((m) => Object.fromEntries(Object.keys(truth[0]).map((k) => [k, m[k]]))), truth);
  assert.deepEqual(done.body.items.map((i) => [i.member_id, i.number]), made.map((m) => [m.id, m.number]));

  const again = await load(file);
  assert.deepEqual([again.status, again.body.unchanged, again.body.created, again.body.updated], [200, truth.length, 0, 0]);
  assert.ok(again.body.items.every((i) => i.identified_by !== null && i.changes.length === 0));
  assert.deepEqual((await members()).map((m) => m.version), truth.map(() => 1));
});

test("Windows-1252 is recognised, read, and said", async () => {
  const reply = await load(fixture("members-windows-1252.csv"));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.encoding, "Windows-1252");
  assert.deepEqual((await members()).map((m) => m.name), JSON.parse(fixture("members.json")).map((m) => m.name));
});

test("faulty lines: each with its field and its reason; with one of them nothing is written", async () => {
  const truth = JSON.parse(fixture("members-faulty.json"));
  const preview = await load(fixture("members-faulty.csv"), { dry: true });
  assert.equal(preview.status, 200);
  assert.deepEqual(preview.body.items.map((i) => ({ line: i.line, action: i.action, field: i.errors[0]?.field ?? null })), truth);
  const reply = await load(fixture("members-faulty.csv"), { headers: { "Accept-Language": "fr" } });
  assert.equal(reply.status, 422);
  assert.match(reply.headers["content-type"], /^application\/problem\+json/);
  assert.deepEqual([reply.body.type, reply.body.status, reply.body.written, reply.body.refused], ["urn:grenier:problem:member_import.refused", 422, false, truth.filter((t) => t.action === "refused").length]);
  assert.match(reply.body.detail, /Rien n’a été importé/);
  assert.ok(reply.body.request_id);
  assert.deepEqual(actions(reply), actions(preview));
  assert.match(reply.body.items.at(-1).errors[0].detail, /ligne 2/);
  assert.deepEqual(await members(), []);
});

test("a known member is found again by SIRET, RNA, IBAN, e-mail or name, and what changes is shown", async () => {
  await load(HEAD + "Les Tisserands;Association;73282932000074;W751234567;a@example.org;Uzès;15/01/2020\n" +
    "La Scierie;SCOP;;;b@example.org;Alès;\nÉlise Blanc;élu·e;;;;;\n");
  const reply = await load("name,email,siret,city\nTisserands,,732 829 320 00074,Nîmes\nLa scierie du Gué,B@example.org,,\nelise BLANC,,,Uzès\n", { dry: true });
  assert.deepEqual(reply.body.items.map((i) => [i.action, i.identified_by, i.changes.map((c) => `${c.field}: ${c.before} > ${c.after}`)]), [
    ["update", "siret", ["name: Les Tisserands > Tisserands", "city: Uzès > Nîmes"]],
    ["update", "email", ["name: La Scierie > La scierie du Gué", "email: b@example.org > B@example.org"]],
    ["update", "name", ["name: Élise Blanc > elise BLANC", "city: null > Uzès"]]]);
  const all = await members();
  assert.deepEqual(all.map((m) => [m.legal_form, m.joined_on]), [["association", "2020-01-15"], ["scop", null], ["elected_official", null]]);
});

test("an empty cell and a missing column change nothing", async () => {
  await load(HEAD + "Les Tisserands;Association;73282932000074;;a@example.org;Uzès;15/01/2020\n");
  const reply = await load("Nom;SIRET;Commune;Courriel\nLes Tisserands;73282932000074;;\n");
  assert.deepEqual(actions(reply), ["unchanged"]);
  assert.deepEqual((await members()).map((m) => [m.city, m.email]), [["Uzès", "a@example.org"]]);
});

test("an identifier of another member is refused and named", async () => {
  await load(HEAD + "Les Tisserands;Association;73282932000074;W751234567;;;\n");
  const reply = await load(HEAD + "Autres;Association;55210055400013;W751234567;;;\n", { headers: { "Accept-Language": "fr" } });
  assert.deepEqual([reply.status, ...errors(reply)], [422, "2 rna member.rna_taken"]);
  assert.match(reply.body.items[0].errors[0].detail, /Les Tisserands/);
});

test("what spreadsheets do: rounded numbers, lost zeros, dates with a time, inert formulas, extra cells, blank lines", async () => {
  const reply = await load("Nom;Forme juridique;SIRET;CP;Date d'adhésion;Pays\nA;SCOP;7,32829E+13;;;\nB;SCOP;;1000;31/12/2024 00:00;\n;;;;;\nC;SCOP;;1000;;Belgique\n'=D;SCOP;;;;\nE;SCOP;;;;;de trop\n", { dry: true });
  assert.deepEqual(errors(reply), ["2 siret member_import.rounded", "7 null member_import.cells"]);
  const changed = (line, field) => reply.body.items.find((i) => i.line === line).changes.find((c) => c.field === field)?.after;
  assert.deepEqual([changed(3, "postal_code"), changed(3, "joined_on"), changed(5, "postal_code"), changed(5, "country"), reply.body.items.find((i) => i.line === 6).name],
    ["01000", "2024-12-31", "1000", "BE", "=D"]);
});

test("our own export comes back unchanged, French or not", async () => {
  await load(fixture("members.csv"));
  await org.make("members", { name: "=1+1", legal_form: "person", joined_on: "2022-02-03", notes: "Deux\nlignes; \"et\" plus" });
  for (const locale of ["", "&locale=fr"]) {
    const csv = await org.get(`members?format=csv${locale}`);
    const reply = await load(csv.text, { dry: true });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual([...new Set(actions(reply))], ["unchanged"], locale);
  }
});

test("files that cannot be: no name, two columns of a kind, no line, a workbook, nothing, an open quote, too many lines", async () => {
  const problem = async (content, options) => {
    const reply = await load(content, options);
    return `${reply.status} ${reply.body.type.replace("urn:grenier:problem:", "")} ${(reply.body.errors ?? []).map((e) => e.code).join()}`.trim();
  };
  assert.equal(await problem("Couleur;Taille\nbleu;3\n"), "422 member_import.heading");
  assert.equal(await problem("Nom;Structure\nA;B\n"), "422 member_import.column_twice");
  assert.equal(await problem("Nom;Forme juridique\n"), "422 member_import.empty");
  assert.equal(await problem(Buffer.from("PK\x03\x04rest")), "422 member_import.spreadsheet");
  assert.equal(await problem(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1])), "422 member_import.spreadsheet");
  assert.match(await problem(""), /^422 .*file\.(empty|missing)/);
  assert.match(await problem('Nom\n"A'), /^422 csv\./);
  assert.equal(await problem("Nom;Forme\n" + "A;SCOP\n".repeat(2001)), "413 member_import.lines");
  assert.equal((await org.call("POST", "member-imports", { form: multipart([{ name: "fichier", file: "x.csv", content: "x" }]) })).status, 422);
  assert.equal((await org.post("member-imports", {})).status, 415);
  assert.equal((await load("Nom\nA\n", { as: "board" })).status, 403);
  assert.deepEqual(await members(), []);
});

test("two thousand lines in one go", async () => {
  const lines = Array.from({ length: 2000 }, (_, i) => `Structure ${i};Association;;;s${i}@example.org;Uzès;01/01/2020\n`).join("");
  const started = Date.now();
  const reply = await load(HEAD + lines);
  assert.equal(reply.status, 200, String(reply.text).slice(0, 300));
  assert.deepEqual([reply.body.created, reply.body.refused], [2000, 0]);
  assert.ok(Date.now() - started < 30_000);
});

test("idempotent: a retry answers the first answer and makes nobody twice", async () => {
  const headers = { "Idempotency-Key": randomUUID() };
  const first = await load(HEAD + "Une fois;SCOP;;;;;\n", { headers });
  const second = await load(HEAD + "Une fois;SCOP;;;;;\n", { headers });
  assert.deepEqual(second.body, first.body);
  assert.equal((await members()).length, 1);
  assert.equal((await load(HEAD + "Deux fois;SCOP;;;;;\n", { headers })).status, 422);
  const refused = { "Idempotency-Key": randomUUID() };
  assert.equal((await load(HEAD + ";SCOP;;;;;\n", { headers: refused })).status, 422);
  assert.equal((await load(HEAD + "Corrigée;SCOP;;;;;\n", { headers: refused })).status, 200, "a refusal does not use the key up");
});
