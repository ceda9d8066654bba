// A new installation, as its first person meets it: the link, the association, the members' file.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, fixture, open, PASSWORD, picture, settled, Site } from "./lib/site.mjs";

let site;
before(async () => { site = await Site.start({ organisation: false }); });
after(() => site?.stop());

test("from the first link to twenty-five members", async () => {
  const page = await site.page({ who: null });
  const token = "premier-lien-" + "x".repeat(32);
  site.db.sql(`SELECT app.link_create('setup', NULL, sha256('${token}'), interval '1 day', 'cli:test')`);
  await open(page, "/links/" + token);
  assert.equal(await page.title(), "Créer votre association dans Grenier · Grenier");
  await assertSound(page, "setup");
  await picture(page, "setup");
  await page.getByRole("button", { name: "Créer l’association" }).click();
  assert.match(await page.locator(".errors").innerText(), /réponses à corriger/);
  await page.getByLabel("Nom de l’association").fill("Réseau de la coopération");
  assert.equal(await page.getByLabel("Nom court").inputValue(), "reseau-de-la-cooperation");
  await page.getByLabel("Votre nom").fill("Solène Arvieux");
  await page.getByLabel("Votre adresse électronique").fill("solene@reseau.example");
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Créer l’association" }).click();
  await page.waitForURL("**/o/reseau-de-la-cooperation");
  await settled(page);
  await page.getByRole("heading", { name: "Pour commencer" }).waitFor();
  await assertSound(page, "empty home");
  await picture(page, "home-empty");

  await page.getByRole("link", { name: "Importer les adhérents" }).click();
  await settled(page);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "the title takes the focus on arrival");
  await page.setInputFiles("input[type=file]", fixture("members.csv"));
  await page.getByRole("button", { name: "Créer 25 adhérents" }).waitFor();
  await assertSound(page, "import preview");
  await picture(page, "import");
  await page.getByRole("button", { name: "Créer 25 adhérents" }).click();
  await page.waitForURL("**/members");
  await settled(page);
  assert.equal(await page.locator("tbody tr").count(), 25);
  assert.match(await page.locator(".toasts").innerText(), /25 adhérents créés/);

  await open(page, "/o/reseau-de-la-cooperation/members/import");
  await page.setInputFiles("input[type=file]", fixture("members.csv"));
  await page.getByText("Ce fichier ne change rien").waitFor();
  await page.setInputFiles("input[type=file]", fixture("members-faulty.csv"));
  await page.getByText(/rien ne peut être importé/).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Créer/ }).count(), 0);
  await assertSound(page, "refused import");
  await picture(page, "import-refused");
  await page.context().close();
});

test("a used link says so", async () => {
  const page = await site.page({ who: null, width: 390 });
  await open(page, "/links/inconnu");
  assert.match(await page.locator("h1").innerText(), /Ce lien n’est pas valable/);
  await assertSound(page, "unknown link");
  await page.context().close();
});
