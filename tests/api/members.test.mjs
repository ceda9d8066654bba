// Members over HTTP: the record, its faults, changes with If-Match, lists and their CSV, what a member sees.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api, faults } from "../lib/api.mjs";

let api, org, other;
before(() => {
  api = new Api();
  org = api.organisation("alpha");
  other = api.organisation("beta");
});
after(() => api.close());

const IBAN = "FR76 3000 6000 0112 3456 7890 189";

test("a member: 201, Location, ETag, identifiers compact, SIREN of the SIRET, figures at zero", async () => {
  const reply = await org.post("members", { name: " Les Tisserands ", legal_form: "association", joined_on: "2020-01-15",
    siret: "732 829 320 00074", rna: "w751234567", email: "contact@tisserands.example", iban: IBAN, notes: "Deux\nlignes" });
  assert.equal(reply.status, 201, reply.text);
  const m = reply.body;
  assert.equal(reply.headers.location, `/api/v1/organisations/alpha/members/${m.id}`);
  assert.equal(reply.headers.etag, '"v1"');
  assert.deepEqual([m.number, m.name, m.siret, m.siren, m.rna, m.iban, m.country, m.status, m.notes],
    [1, "Les Tisserands", "73282932000074", "732829320", "W751234567", "FR7630006000011234567890189", "FR", "current", "Deux\nlignes"]);
  assert.deepEqual([m.contributed_this_year, m.contributed_total, m.dues_paid_this_year, m.last_contribution_on], ["0.00", "0.00", "0.00", null]);
  const again = await org.get(`members/${m.id}`);
  assert.deepEqual(again.body, m);
});

test("every fault at once, in the reader's language, and nothing is made", async () => {
  const before = (await org.get("members?limit=500")).body.items.length;
  const body = { name: "", legal_form: "club", siret: "73282932000079", rna: "X1", email: "nobody", iban: "FR7630006000011234567890188",
    joined_on: "2026-02-30", left_on: 5, nickname: "x", phone: "" };
  const reply = await org.post("members", body, { headers: { "Accept-Language": "fr" } });
  assert.equal(reply.status, 422);
  assert.deepEqual(faults(reply), ["/email email.format", "/iban iban.check", "/joined_on date.format", "/left_on field.type",
    "/legal_form enum.value", "/name field.required", "/nickname field.unknown", "/phone field.required", "/rna rna.format", "/siret siret.check"]);
  assert.match(reply.body.errors.find((e) => e.pointer === "/siret").title, /SIRET/);
  assert.equal((await org.get("members?limit=500")).body.items.length, before);
});

test("what another current member has is refused and named", async () => {
  const body = { name: "Copie", legal_form: "scop", joined_on: "2024-01-01", siret: "73282932000074", rna: "W751234567", iban: IBAN };
  const reply = await org.post("members", body, { headers: { "Accept-Language": "fr" } });
  assert.equal(reply.status, 422);
  assert.deepEqual(faults(reply), ["/iban member.iban_taken", "/rna member.rna_taken", "/siret member.siret_taken"]);
  assert.match(reply.body.errors[0].detail, /Les Tisserands \(n° 1\)/);
  assert.equal((await other.post("members", body)).status, 201, "identifiers are each organisation's own");
});

test("other refusals: leaving before joining, SIREN of another SIRET, country", async () => {
  const base = { name: "X", legal_form: "scop", joined_on: "2024-01-02" };
  assert.deepEqual(faults(await org.post("members", { ...base, left_on: "2024-01-01" })), ["/left_on member.left_before_joined"]);
  assert.deepEqual(faults(await org.post("members", { ...base, siret: "55210055400013", siren: "732829320" })), ["/siren member.siren_of_siret"]);
  assert.deepEqual(faults(await org.post("members", { ...base, country: "F1" })), ["/country member.country"]);
  assert.deepEqual(faults(await org.post("members", { name: "X", legal_form: "scop" })), ["/joined_on field.required"]);
  assert.equal((await org.post("members", { ...base, name: "Suisse", country: "ch" })).body.country, "CH");
});

test("PATCH: 428, 412, merge, null clears, unchanged keeps the version, 422 with nothing changed", async () => {
  const m = await org.make("members", { name: "La Scierie", legal_form: "scop", joined_on: "2021-03-01", city: "Uzès" });
  const path = `members/${m.id}`;
  assert.equal((await org.call("PATCH", path, { body: { city: "Alès" } })).status, 428);
  assert.equal((await org.call("PATCH", path, { body: { city: "Alès" }, headers: { "If-Match": '"v9"' } })).status, 412);
  const done = await org.patch(path, { city: "Alès", phone: "04 66 00 00 00" });
  assert.deepEqual([done.status, done.body.city, done.body.phone, done.body.version, done.headers.etag], [200, "Alès", "04 66 00 00 00", 2, '"v2"']);
  assert.equal((await org.patch(path, { city: "Alès" })).body.version, 2);
  assert.deepEqual((await org.patch(path, { city: null })).body.city, null);
  assert.deepEqual(faults(await org.patch(path, { name: null, legal_form: null })), ["/legal_form field.null", "/name field.null"]);
  assert.deepEqual(faults(await org.patch(path, { iban: IBAN })), ["/iban member.iban_taken"]);
  assert.equal((await org.patch(`members/${randomUUID()}`, { city: "x" }, { etag: '"v1"' })).status, 404);
  assert.equal((await other.patch(path, { city: "x" }, { etag: '"v3"' })).status, 404);
  const events = (await org.get(`audit-events?subject_kind=member&subject_id=${m.id}`)).body.items;
  assert.deepEqual(events.map((e) => e.action), ["update", "update", "insert"]);
  assert.deepEqual(events[1].changes.map((c) => [c.column, c.before, c.after]), [["city", "Uzès", "Alès"], ["phone", null, "04 66 00 00 00"]]);
});

test("a member that leaves: status, its identifiers are free again", async () => {
  const m = await org.make("members", { name: "Partante", legal_form: "association", joined_on: "2021-03-01", rna: "W2A1234567" });
  const today = new Date().toISOString().slice(0, 10);
  assert.equal((await org.patch(`members/${m.id}`, { left_on: today })).body.status, "left");
  assert.equal((await org.post("members", { name: "Suivante", legal_form: "association", joined_on: "2021-03-01", rna: "W2A1234567" })).status, 201);
  assert.deepEqual(faults(await org.patch(`members/${m.id}`, { left_on: null })), ["/rna member.rna_taken"]);
});

test("lists: search without accents, filters, sorts, pages", async () => {
  const names = async (query) => (await org.get(`members?${query}`)).body.items.map((m) => m.name);
  await org.make("members", { name: "Épicerie d’Aspre", legal_form: "association", joined_on: "2019-01-01", city: "Saint-Étienne" });
  assert.deepEqual(await names("q=epicerie%20d"), ["Épicerie d’Aspre"]);
  assert.deepEqual(await names("q=saint%20etienne"), ["Épicerie d’Aspre"]);
  assert.deepEqual(await names("q=73282932000074"), ["Les Tisserands"]);
  assert.deepEqual(await names("q=%25"), await names("q="), "a sign searches for nothing");
  assert.deepEqual(await names("legal_form=scop"), ["La Scierie", "Suisse"]);
  assert.deepEqual(await names("status=left"), ["Partante"]);
  const all = await names("sort=name&limit=500");
  assert.deepEqual(all, ["Épicerie d’Aspre", "La Scierie", "Les Tisserands", "Partante", "Suisse", "Suivante"]);
  for (const sort of ["name", "number", "-joined_on", "-contributed_total"]) {
    const whole = await names(`sort=${sort}&limit=500`);
    const paged = [];
    for (let after = ""; after !== null;) {
      const page = (await org.get(`members?sort=${sort}&limit=2${after === "" ? "" : `&after=${after}`}`)).body;
      paged.push(...page.items.map((m) => m.name));
      after = page.next;
    }
    assert.deepEqual(paged, whole, sort);
  }
  assert.equal((await org.get("members?sort=iban")).status, 400);
  assert.equal((await org.get("members?legal_form=club")).status, 422);
});

test("CSV: plain and French, dangerous cells inert", async () => {
  await org.make("members", { name: "=1+1", legal_form: "person", joined_on: "2022-02-03" });
  const csv = await org.get("members?sort=name&format=csv");
  assert.equal(csv.status, 200);
  assert.match(csv.headers["content-type"], /^text\/csv/);
  assert.match(String(csv.text), /^id,number,name,legal_form,status,siret/);
  assert.match(String(csv.text), /,"'=1\+1",person,/);
  const french = String((await org.get("members?sort=name&format=csv&locale=fr")).text);
  assert.match(french, /;Nom;Forme juridique;État;SIRET;/);
  assert.match(french, /;03\/02\/2022;/);
  assert.match(french, /;0,00;/);
});

test("roles: only the treasurer writes; a member sees itself, without the treasurer's notes", async () => {
  const body = { name: "Refusée", legal_form: "scop", joined_on: "2024-01-01" };
  for (const as of ["board", "auditor", "administrator"]) assert.equal((await org.post("members", body, { as })).status, 403, as);
  assert.equal((await org.get("members", { as: "administrator" })).status, 403);
  for (const as of ["board", "auditor"]) assert.equal((await org.get("members", { as })).status, 200, as);
  const [mine, theirs] = (await org.get("members?sort=number&limit=2")).body.items;
  const token = api.token("alpha", "member", mine.id);
  const seen = await org.get("members", { token });
  assert.deepEqual(seen.body.items.map((m) => [m.id, m.notes]), [[mine.id, null]]);
  assert.equal((await org.get(`members/${theirs.id}`, { token })).status, 404);
  assert.equal((await org.patch(`members/${mine.id}`, { city: "x" }, { token, etag: '"v1"' })).status, 403);
});

test("idempotent: the same key answers again, with other content 422", async () => {
  const headers = { "Idempotency-Key": randomUUID() };
  const body = { name: "Une fois", legal_form: "person", joined_on: "2024-01-01" };
  const first = await org.post("members", body, { headers });
  const second = await org.post("members", body, { headers });
  assert.deepEqual(second.body, first.body);
  assert.equal((await org.get("members?q=une%20fois")).body.items.length, 1);
  assert.equal((await org.post("members", { ...body, name: "Deux fois" }, { headers })).status, 422);
});
