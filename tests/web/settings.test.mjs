// Settings: read by all, changed by those who may; wrong answers, two people at once, months locked and opened again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, open, picture, settled, Site, YEAR } from "./lib/site.mjs";

const home = "/o/reseau/settings";
let site, board, clerk;

before(async () => {
  site = await Site.start();
  board = await site.person("Malo Kerdraon", "board");
  clerk = await site.person("Inès Fabre", "administrator");
});
after(() => site?.stop());

const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();
const itself = async () => (await site.fetch("GET", "/organisations/reseau", undefined, site.treasurer)).json();
const funds = async () => (await site.api("GET", "funds")).items;

/** Someone else changes the same thing, by the API. */
async function meanwhile(where, change) {
  const version = (await site.fetch("GET", "/organisations/reseau" + where, undefined, site.treasurer)).headers.get("etag");
  const reply = await fetch(`${site.url}/api/v1/organisations/reseau${where}`, {
    method: "PATCH", body: JSON.stringify(change),
    headers: { "X-Grenier": "1", Origin: site.url, Cookie: "__Host-grenier=" + site.treasurer.cookie, "Content-Type": "application/json", "If-Match": version },
  });
  assert.equal(reply.status, 200, await reply.text());
}

test("identity: a wrong SIRET is said beside its field and in the summary, and nothing typed is lost", async () => {
  for (const width of [1280, 390]) {
    const page = await site.page({ width });
    await open(page, home);
    await assertSound(page, `settings at ${width}`);
    await picture(page, "settings");
    await page.getByRole("link", { name: "Modifier L’association" }).click();
    await page.getByRole("heading", { level: 1, name: "Identité de l’association" }).waitFor();
    await page.getByLabel("Nom de l’association").fill("");
    await page.getByRole("button", { name: "Enregistrer les changements" }).click();
    await page.locator("#f-name-error").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "alert", "the summary takes the focus");
    await page.getByLabel("Nom de l’association").fill("Réseau de la coopération");
    await page.getByLabel("SIRET").fill("812 345 678 00011");
    await page.getByLabel("Numéro RNA").fill("Z123");
    await page.getByLabel("Commune").fill("Aspre-sur-Vière");
    await page.getByRole("button", { name: "Enregistrer les changements" }).click();
    await page.locator("#f-siret-error").waitFor();
    assert.equal(await page.locator(".errors li").count(), 2, "both faults at once");
    assert.equal(await page.getByLabel("Commune").inputValue(), "Aspre-sur-Vière");
    await assertSound(page, `identity refused at ${width}`);
    await picture(page, "settings-identity-refused");
    await page.locator(".errors a").first().click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "f-siret");
    // The draft outlives the page; giving up takes it away.
    await page.reload();
    await settled(page);
    assert.equal(await page.getByLabel("Numéro RNA").inputValue(), "Z123");
    await page.getByRole("link", { name: "Abandonner" }).click();
    await page.waitForURL("**" + home);
    await open(page, home + "/identity");
    assert.equal(await page.getByLabel("Numéro RNA").inputValue(), "");
    await page.context().close();
  }
});

test("identity is saved, shown, and changes the name at the top", async () => {
  const page = await site.page();
  await open(page, home + "/identity");
  await page.getByLabel("Nom de l’association").fill("Réseau de la coopération d’Aspre");
  await page.getByLabel("SIRET").fill("732 829 320 00074");
  await page.getByLabel("Adresse", { exact: false }).nth(1).fill("4 rue du Four");
  await page.getByText("Aussi un service ou un avantage").click();
  await page.getByText(/compte comptable 7562/).waitFor();
  await page.getByRole("button", { name: "Enregistrer les changements" }).click();
  await page.waitForURL("**" + home);
  await toast(page, "Paramètres enregistrés.");
  await settled(page);
  assert.match(await page.locator("#settings-identity").locator("..").locator("..").innerText(), /732.829.320.00074[\s\S]*4 rue du Four[\s\S]*Aussi un service/);
  assert.match(await page.locator(".top__org").innerText(), /d’Aspre/);
  assert.equal((await itself()).dues_with_counterpart, true);
  await page.context().close();
});

test("two people change the identity: the second sees what changed, and keeps only what they touched", async () => {
  const page = await site.page({ width: 390 });
  await open(page, home + "/identity");
  await page.getByLabel("Commune").fill("Brénouvelle");
  await meanwhile("", { email: "bonjour@reseau.example", city: "Montbrelle" });
  await page.getByRole("button", { name: "Enregistrer les changements" }).click();
  const note = page.locator(".note", { hasText: "Ce qui a changé entre-temps" });
  await note.waitFor();
  assert.match(await note.innerText(), /Adresse électronique[\s\S]*aucun[\s\S]*bonjour@reseau\.example[\s\S]*Commune[\s\S]*Montbrelle/);
  await assertSound(page, "an overtaken identity");
  await picture(page, "settings-identity-overtaken");
  await page.getByRole("button", { name: "Garder ma saisie" }).click();
  assert.equal(await page.getByLabel("Commune").inputValue(), "Brénouvelle");
  assert.equal(await page.getByLabel("Adresse électronique").inputValue(), "bonjour@reseau.example", "what was not touched follows");
  await page.getByRole("button", { name: "Enregistrer les changements" }).click();
  await page.waitForURL("**" + home);
  const after = await itself();
  assert.deepEqual([after.city, after.email], ["Brénouvelle", "bonjour@reseau.example"]);
  await page.context().close();
});

test("a fund is added by keyboard alone; the same name twice is refused beside the field", async () => {
  const page = await site.page();
  await open(page, home);
  await page.getByRole("button", { name: "Ajouter une affectation" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("Fonds de solidarité");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.value), "designated");
  await page.keyboard.press("ArrowDown");
  await page.getByText("De l’argent qu’un financeur a donné pour un usage précis").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("1 200,5");
  await page.getByText("mille deux cents euros et cinquante centimes").waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#f-name-error").waitFor();
  assert.match(await page.locator("#f-name-error").innerText(), /porte déjà ce nom/);
  await assertSound(page, "a fund, refused");
  await picture(page, "settings-fund-refused");
  await page.getByRole("dialog").getByLabel("Nom").fill("Caisse d’urgence");
  await page.keyboard.press("Enter");
  await toast(page, "Affectation ajoutée : Caisse d’urgence.");
  await page.getByRole("row", { name: /Caisse d’urgence/ }).getByText("1 200,50").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Ajouter une affectation", "the focus comes back");
  await page.context().close();
});

test("what a dialog holds survives Escape, and a cancelled dialog keeps nothing", async () => {
  const page = await site.page();
  await open(page, home);
  const button = page.getByRole("button", { name: "Ajouter un projet" });
  await button.click();
  await page.getByRole("dialog").getByLabel("Nom").fill("Fête de la coop");
  await page.waitForTimeout(500);
  await page.keyboard.press("Escape");
  await button.click();
  assert.equal(await page.getByRole("dialog").getByLabel("Nom").inputValue(), "Fête de la coop");
  await page.getByRole("dialog").getByRole("button", { name: "Annuler" }).click();
  await button.click();
  assert.equal(await page.getByRole("dialog").getByLabel("Nom").inputValue(), "");
  await page.getByRole("dialog").getByLabel("Nom").fill("Achats groupés");
  await page.getByRole("dialog").getByLabel("Code").fill("ACHATS");
  await page.getByRole("button", { name: "Ajouter ce projet" }).click();
  await toast(page, "Projet ajouté : Achats groupés.");
  await page.getByRole("button", { name: "Modifier : Achats groupés" }).click();
  await page.getByRole("dialog").getByLabel("Code").fill("");
  await page.getByRole("dialog").getByRole("button", { name: "Enregistrer" }).click();
  await toast(page, "Projet modifié : Achats groupés.");
  assert.equal((await site.api("GET", "projects")).items[0].code, null);
  await page.context().close();
});

test("the minimum of the solidarity fund: said in figures before, and compared when someone else was faster", async () => {
  const page = await site.page({ width: 390 });
  const fund = (await funds()).find((one) => one.kind === "solidarity");
  await open(page, home);
  await page.getByRole("button", { name: "Modifier : Fonds de solidarité" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Minimum à garder").fill("2000");
  await dialog.getByText(/Il y aura 2.000,00.€ de moins à promettre/).waitFor();
  await meanwhile("/funds/" + fund.id, { floor: "500.00" });
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  const note = dialog.locator(".note", { hasText: "Ce qui a changé entre-temps" });
  await note.waitFor();
  assert.match(await note.innerText(), /Minimum à garder[\s\S]*0,00.€[\s\S]*500,00.€/);
  await assertSound(page, "an overtaken fund");
  await picture(page, "settings-fund-overtaken");
  await dialog.getByRole("button", { name: "Garder ma saisie" }).click();
  await dialog.getByText(/Le minimum passe de 500,00.€ à 2.000,00.€/).waitFor();
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await toast(page, "Affectation modifiée : Fonds de solidarité.");
  assert.equal((await funds()).find((one) => one.kind === "solidarity").floor, "2000.00");
  await page.context().close();
});

test("months are locked with a reason, what waits in them is said; they open again with another reason", async () => {
  await site.api("POST", "entries", { journal: "OD", date: `${YEAR}-01-15`, label: "À relire", lines: [{ account: "6064", debit: "12.00" }, { account: "530", credit: "12.00" }] });
  const page = await site.page();
  await open(page, home);
  await page.getByRole("button", { name: `Clore des mois de l’exercice ${YEAR}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Clore jusqu’à la fin de").selectOption({ label: `janvier ${YEAR}` });
  await dialog.getByText("1 brouillon d’écriture").waitFor();
  await dialog.getByText(`31 janvier ${YEAR}`).first().waitFor();
  await assertSound(page, "locking months");
  await picture(page, "settings-lock");
  await dialog.getByRole("button", { name: `Clore jusqu’au 31 janvier ${YEAR}` }).click();
  await page.locator("#f-reason-error").waitFor();
  await dialog.getByLabel("Pourquoi").fill("comptes de janvier remis");
  await dialog.getByRole("button", { name: `Clore jusqu’au 31 janvier ${YEAR}` }).click();
  await toast(page, `Tout est clos jusqu’au 31 janvier ${YEAR}.`);
  await page.getByText(`Clos jusqu’au 31 janvier ${YEAR}`).first().waitFor();
  const [year] = (await site.api("GET", "fiscal-years")).items;
  assert.equal(year.locked_through, `${YEAR}-01-31`);
  await assertSound(page, "settings with a locked month");

  await page.getByRole("button", { name: `Rouvrir des mois de l’exercice ${YEAR}` }).click();
  await dialog.getByText(`1er janvier ${YEAR}`).first().waitFor();
  await assertSound(page, "opening months again");
  await picture(page, "settings-unlock");
  await dialog.getByLabel("Pourquoi").fill("une facture manquait");
  await dialog.getByRole("button", { name: `Rouvrir à partir du 1er janvier ${YEAR}` }).click();
  await toast(page, `Ouvert à partir du 1er janvier ${YEAR}.`);
  await page.getByText("Rien n’est clos").waitFor();
  const events = (await site.api("GET", `audit-events?subject_kind=fiscal_year&subject_id=${year.id}&action=update`)).items;
  assert.deepEqual(events.map((event) => event.reason), ["une facture manquait", "comptes de janvier remis"]);
  await page.context().close();
});

test("the next fiscal year is proposed; a wrong length is refused beside its field", async () => {
  const page = await site.page({ width: 390 });
  await open(page, home);
  await page.getByRole("button", { name: "Ouvrir l’exercice suivant" }).click();
  const dialog = page.getByRole("dialog");
  assert.equal(await dialog.getByLabel("Premier jour", { exact: true }).inputValue(), `01/01/${YEAR + 1}`);
  assert.equal(await dialog.getByLabel("Dernier jour", { exact: true }).inputValue(), `31/12/${YEAR + 1}`);
  await dialog.getByText("12 mois", { exact: false }).last().waitFor();
  await dialog.getByLabel("Dernier jour", { exact: true }).fill(`31/12/${YEAR + 3}`);
  await dialog.getByRole("button", { name: /^Ouvrir l’exercice/ }).click();
  await page.locator("#f-ends_on-error").waitFor();
  await assertSound(page, "a year that is too long");
  await picture(page, "settings-year-refused");
  await dialog.getByLabel("Dernier jour", { exact: true }).fill(`31/08/${YEAR + 1}`);
  await dialog.getByText("8 mois").waitFor();
  await dialog.getByRole("button", { name: /^Ouvrir l’exercice/ }).click();
  await toast(page, "Exercice ouvert.");
  assert.equal((await site.api("GET", "fiscal-years")).items.length, 2);
  await page.context().close();
});

test("a sub-account says what it divides before it is opened", async () => {
  const page = await site.page();
  await open(page, home);
  await page.getByRole("button", { name: "Ouvrir un sous-compte" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Numéro").fill("6064");
  await dialog.getByText(/Ce numéro existe déjà/).waitFor();
  await dialog.getByLabel("Numéro").fill("60641");
  await dialog.getByText("subdivise 6064 Fournitures").waitFor();
  await assertSound(page, "a sub-account");
  await picture(page, "settings-account");
  await dialog.getByLabel("Intitulé").fill("Papeterie de l’atelier");
  await dialog.getByRole("button", { name: "Ouvrir le sous-compte 60641" }).click();
  await toast(page, "Sous-compte 60641 ouvert.");
  await page.getByRole("row", { name: /60641 Papeterie de l’atelier/ }).waitFor();
  await page.context().close();
});

test("the board reads and changes nothing; an administrator sees no books", async () => {
  let page = await site.page({ who: board });
  await open(page, home);
  assert.equal(await page.getByRole("button", { name: /Modifier|Ajouter|Clore|Ouvrir/ }).count(), 0);
  await page.getByText("Seule la trésorerie peut changer ce qui suit.").waitFor();
  await assertSound(page, "settings, read only");
  await open(page, home + "/identity");
  assert.equal(await page.getByLabel("Nom de l’association").count(), 0);
  await page.context().close();
  page = await site.page({ who: clerk });
  await open(page, home);
  await page.getByRole("link", { name: "Modifier L’association" }).waitFor();
  assert.equal(await page.getByText("Exercices et mois clos").count(), 0);
  await assertSound(page, "settings, administrator");
  await page.context().close();
});

test("an address can name a section", async () => {
  const page = await site.page({ height: 500 });
  await open(page, home + "#settings-years");
  await page.waitForFunction(() => document.activeElement.id === "settings-years");
  await page.waitForFunction(() => { const { top } = document.getElementById("settings-years").getBoundingClientRect(); return top > -5 && top < 400; });
  await page.context().close();
});
