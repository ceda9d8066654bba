// Members: found, added, changed; two people at the same record.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertSound, open, picture, settled, Site, YEAR } from "./lib/site.mjs";

let site;
before(async () => {
  site = await Site.start();
  await site.importMembers();
});
after(() => site?.stop());

test("the address holds the search, the filter and the sort; going back brings them back", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/members");
  assert.equal(await page.locator("tbody tr").count(), 25);
  await assertSound(page, "members");
  await picture(page, "members");
  await page.getByLabel("Chercher", { exact: true }).fill("epicerie");
  await page.waitForURL("**/members?q=epicerie");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.getByRole("link", { name: /Épicerie solidaire/ }).click();
  await page.getByRole("heading", { level: 1, name: /Épicerie solidaire/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
  assert.match(await page.title(), /^Épicerie solidaire du Gué · Réseau de la coopération · Grenier$/);
  await assertSound(page, "a member");
  await picture(page, "member");
  await page.goBack();
  await page.waitForURL("**/members?q=epicerie");
  assert.equal(await page.getByLabel("Chercher", { exact: true }).inputValue(), "epicerie");
  await page.getByRole("button", { name: "Tout afficher" }).click();
  await page.getByLabel("Forme juridique").selectOption({ label: "SCOP" });
  await page.waitForURL("**/members?legal_form=scop");
  await settled(page);
  const forms = await page.locator("tbody td:nth-child(3)").allInnerTexts();
  assert.ok(forms.length > 0 && forms.every((text) => text === "SCOP"), forms.join());
  await page.getByRole("button", { name: "Depuis le" }).click();
  await page.waitForURL(/sort=-joined_on/);
  assert.equal(await page.locator("th[aria-sort=descending]").innerText(), "Depuis le");
  await page.getByLabel("Chercher", { exact: true }).fill("personne de ce nom");
  await page.getByText("Rien ne correspond à ces filtres.").waitFor();
  await assertSound(page, "nothing found");
  await page.context().close();
});

test("the header's search leads to the list; the list can be exported as it is filtered", async () => {
  const page = await site.page();
  await open(page, "/o/reseau");
  await page.getByRole("searchbox", { name: "Chercher un adhérent" }).fill("radio");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/members?q=radio");
  await settled(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
  const text = readFileSync(await download.path(), "utf8");
  assert.match(text, /^\ufeff/, "a French spreadsheet opens it by double click");
  assert.match(text, /Radio Cailloux/);
  assert.equal(text.trim().split("\n").length, 2, "only what is shown");
  await page.context().close();
});

test("a member is added, a wrong SIRET is said beside its field", async () => {
  const page = await site.page({ width: 390 });
  await open(page, "/o/reseau/members/new");
  await page.getByRole("button", { name: "Ajouter cet adhérent" }).click();
  assert.match(await page.locator(".errors").innerText(), /2 réponses à corriger/);
  await page.getByLabel("Nom", { exact: true }).fill("Le Rucher des Aulnes");
  await page.getByLabel("Forme juridique").selectOption({ label: "Association" });
  await page.locator("#f-joined_on").fill(`3 février ${YEAR}`);
  await page.getByLabel("SIRET").fill("812 345 678 00011");
  await page.getByRole("button", { name: "Ajouter cet adhérent" }).click();
  await page.locator("#f-siret-error").waitFor();
  assert.equal(await page.getByLabel("Nom", { exact: true }).inputValue(), "Le Rucher des Aulnes");
  await assertSound(page, "a member, refused");
  await picture(page, "member-new-refused");
  await page.getByLabel("SIRET").fill("");
  await page.getByRole("button", { name: "Ajouter cet adhérent" }).click();
  await page.getByRole("heading", { level: 1, name: "Le Rucher des Aulnes" }).waitFor();
  await settled(page);
  await assertSound(page, "a new member");
  await picture(page, "member-new");
  await page.context().close();
});

test("two people change the same record: the second is told, and loses nothing", async () => {
  const [member] = (await site.api("GET", "members?q=radio")).items;
  const page = await site.page();
  await open(page, `/o/reseau/members/${member.id}/edit`);
  await page.getByLabel("Téléphone").fill("05 55 99 88 77");
  const version = (await site.fetch("GET", `/organisations/reseau/members/${member.id}`, undefined, site.treasurer)).headers.get("etag");
  const reply = await fetch(`${site.url}/api/v1/organisations/reseau/members/${member.id}`, {
    method: "PATCH", body: JSON.stringify({ city: "Ailleurs" }),
    headers: { "X-Grenier": "1", Origin: site.url, Cookie: "__Host-grenier=" + site.treasurer.cookie, "Content-Type": "application/json", "If-Match": version },
  });
  assert.equal(reply.status, 200);
  await page.getByRole("button", { name: "Enregistrer les changements" }).click();
  await page.getByRole("button", { name: "Recharger la fiche" }).waitFor();
  await assertSound(page, "an overtaken change");
  await picture(page, "member-edit-overtaken");
  assert.equal(await page.getByLabel("Téléphone").inputValue(), "05 55 99 88 77");
  await page.getByRole("button", { name: "Recharger la fiche" }).click();
  await page.waitForFunction(() => document.querySelector("#f-city")?.value === "Ailleurs");
  assert.equal(await page.getByLabel("Téléphone").inputValue(), "05 55 99 88 77", "what was typed is still there");
  await page.getByRole("button", { name: "Enregistrer les changements" }).click();
  await page.getByText("05 55 99 88 77").waitFor();
  const after = await site.api("GET", "members/" + member.id);
  assert.deepEqual([after.city, after.phone], ["Ailleurs", "05 55 99 88 77"]);
  await page.context().close();
});

test("volunteer time is noted apart and cancelled", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/in-kind/new");
  await page.locator("#f-member_id").fill("radio");
  await page.keyboard.press("Tab");
  await page.getByLabel("Heures").fill("7,5");
  await page.getByLabel("Valeur estimée").fill("90");
  await page.getByText(/a donné 90,00.€ en temps bénévole/).waitFor();
  await assertSound(page, "in kind");
  await picture(page, "in-kind-new");
  await page.getByRole("button", { name: "Noter" }).click();
  await page.waitForURL("**/in-kind");
  await settled(page);
  assert.match(await page.locator("tbody").innerText(), /Radio Cailloux[\s\S]*Temps bénévole[\s\S]*7[.,]50?[\s\S]*90,00/);
  await assertSound(page, "gifts in kind");
  await picture(page, "in-kind");
  await page.getByRole("button", { name: "Annuler" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Raison").fill("noté deux fois");
  await dialog.getByRole("button", { name: /^Annuler 90/ }).click();
  await page.locator("tbody").getByText("annulé").waitFor();
  await page.context().close();
});
