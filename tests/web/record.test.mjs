// Recording money received: by keyboard alone, with mistakes, a lost connection, an ended session.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, open, PASSWORD, picture, settled, Site, YEAR } from "./lib/site.mjs";

let site;
before(async () => {
  site = await Site.start();
  await site.importMembers();
});
after(() => site?.stop());

const count = async () => (await site.api("GET", "contributions?limit=500")).items.length;

test("from the home page, by keyboard alone, in under twenty seconds", async () => {
  const page = await site.page();
  await open(page, "/o/reseau");
  const start = Date.now();
  // A person's pace: 60 ms a key, and each thing that must be pressed.
  const type = (text) => page.keyboard.type(text, { delay: 60 });
  await page.getByLabel("Versement reçu de").focus();
  await type("caill");
  await page.keyboard.press("Tab");
  await type("1 250,5");
  await page.keyboard.press("Tab");
  await type("hier");
  await page.keyboard.press("Tab");
  await type("ch");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/record");
  await page.getByRole("button", { name: "Enregistrer 1 250,50 €", exact: true }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "record-submit");
  await page.locator("#record-preview").locator("..").getByText("1 250,50 €").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/contributions/*");
  const seconds = (Date.now() - start) / 1000;
  assert.ok(seconds < 20, `${seconds} s`);
  await settled(page);
  assert.match(await page.locator("h1").innerText(), /1.250,50.€ de Radio Cailloux/);
  assert.match(await page.locator("table tfoot").first().innerText(), /1.250,50\s+1.250,50/);
  assert.match(await page.locator(".facts").innerText(), /Chèque/);
  await assertSound(page, "a contribution");
  await picture(page, "contribution");
  await page.context().close();
});

test("the answers are echoed in full and the entry shown before it is written", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("rad cail");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#f-member_id").inputValue(), "Radio Cailloux");
  await page.getByLabel("Montant").fill("250");
  assert.match(await page.locator("#f-amount-echo").innerText(), /250,00.€, deux cent cinquante euros/);
  await page.locator("#f-received_on").fill("12/01");
  assert.match(await page.locator("#f-received_on-echo").innerText(), new RegExp(`12.janvier ${YEAR}|12.janvier ${YEAR - 1}`));
  await page.locator("#f-received_on").fill("aujourd'hui");
  await page.getByLabel("Chèque").check();
  const natures = await page.locator("#f-nature option").allInnerTexts();
  assert.ok(natures.includes("Cotisation") && !natures.includes("Mécénat"), natures.join());
  await page.getByLabel("Pour quoi").selectOption({ label: "Cotisation" });
  await page.getByText("L’écriture, en comptes").click();
  const entry = page.getByRole("table");
  await entry.getByText(/^5112 /).waitFor();
  await entry.getByText(/^7561 /).waitFor();
  assert.match(await page.locator("#record-preview").locator("..").innerText(), /un chèque de 250,00.€ de Radio Cailloux est arrivé/);
  await assertSound(page, "record, filled");
  await picture(page, "record");
  const before = await count();
  await page.getByRole("button", { name: "Enregistrer et en saisir un autre" }).click();
  await page.locator(".toasts a").waitFor();
  assert.equal(await count(), before + 1);
  assert.equal(await page.locator("#f-member_id").inputValue(), "");
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-member_id");
  assert.ok(await page.getByLabel("Chèque").isChecked(), "means and day stay for the next one");
  await page.context().close();
});

test("what is wrong is said beside the field and in a summary that takes the focus; nothing typed is lost", async () => {
  const page = await site.page({ width: 390 });
  await open(page, "/o/reseau/record");
  await page.getByLabel("Montant").fill("1.250");
  await page.locator("#f-received_on").fill("31/02");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  const summary = page.locator(".errors");
  await summary.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.className), "errors");
  const said = await summary.innerText();
  assert.match(said, /3 réponses à corriger/);
  assert.match(said, /Montant.: Mille ou décimales/);
  assert.match(said, /Reçu le.: Ce jour n’existe pas/);
  assert.equal(await page.getByLabel("Montant").getAttribute("aria-invalid"), "true");
  await summary.getByRole("link", { name: /Montant/ }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-amount");
  assert.equal(await page.locator("#f-amount").inputValue(), "1.250");
  await assertSound(page, "record, refused");
  await picture(page, "record-refused");
  await page.context().close();
});

test("a refusal of the server finds its field", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("radio");
  await page.keyboard.press("Tab");
  await page.getByLabel("Montant").fill("10");
  await page.locator("#f-received_on").fill(`31/10/${YEAR - 1}`);
  await page.getByText("Pas d’écriture possible ainsi").waitFor();
  await page.getByRole("button", { name: /^Enregistrer 10/ }).click();
  await page.locator(".errors").waitFor();
  assert.equal(await page.locator("#f-received_on").getAttribute("aria-invalid"), "true");
  assert.match(await page.locator("#f-received_on-error").innerText(), /exercice/);
  await assertSound(page, "record, refused by the server");
  await picture(page, "record-closed-year");
  await page.context().close();
});

test("a donor who is no member gives only what the law lets such a donor give", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("Marguerite Delorme");
  await page.getByRole("option", { name: /Autre donateur/ }).click();
  await page.getByLabel("Qui est-ce").selectOption({ label: "Particulier" });
  const natures = await page.locator("#f-nature option").allInnerTexts();
  assert.ok(natures.includes("Don") && !natures.includes("Versement de soutien"), natures.join());
  await page.getByLabel("Pour quoi").selectOption({ label: "Don" });
  await page.getByLabel("Montant").fill("40");
  await page.getByLabel("Espèces").check();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/contributions/*");
  await settled(page);
  assert.match(await page.locator("h1").innerText(), /Marguerite Delorme/);
  assert.match(await page.locator("table").first().innerText(), /530[\s\S]*75411/);
  await page.context().close();
});

test("a connection lost in the middle: the form keeps what was typed, a retry books once", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("radio");
  await page.keyboard.press("Tab");
  await page.getByLabel("Montant").fill("77,77");
  const before = await count();
  let lost = 0;
  await page.route("**/contributions", async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return route.continue();
    lost += 1;
    // The server does its work; the answer never arrives.
    await route.fetch();
    return route.abort("connectionreset");
  });
  await page.getByRole("button", { name: /^Enregistrer 77,77/ }).click();
  await page.getByText("on ne sait pas si c’est enregistré").waitFor();
  assert.equal(await page.locator("#f-amount").inputValue(), "77,77");
  assert.equal(await count(), before + 1);
  await picture(page, "record-connection-lost");
  // Even after a reload: the draft holds the answers and the key of the act.
  await page.reload();
  await settled(page);
  await page.getByText("Votre brouillon a été retrouvé").waitFor();
  assert.equal(await page.locator("#f-amount").inputValue(), "77,77");
  await page.getByRole("button", { name: /^Enregistrer 77,77/ }).click();
  await page.waitForURL("**/contributions/*");
  assert.equal(await count(), before + 1, "booked once");
  await page.context().close();
});

test("a lost answer, then other answers: the first is not booked over, and nothing is booked twice unawares", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("radio");
  await page.keyboard.press("Tab");
  await page.getByLabel("Montant").fill("88,88");
  const before = await count();
  let lost = 0;
  await page.route("**/contributions", async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort("connectionreset");
  });
  await page.getByRole("button", { name: /^Enregistrer 88,88/ }).click();
  await page.getByText("on ne sait pas si c’est enregistré").waitFor();
  await page.getByLabel("Montant").fill("99,99");
  await page.getByRole("button", { name: /^Enregistrer 99,99/ }).click();
  await page.getByText("a déjà été enregistré").waitFor();
  assert.equal(await count(), before + 1);
  await page.context().close();
});

test("a session that ended: sign in over the page, and the act goes on", async () => {
  const who = await site.person("Camille Verdier", "treasurer");
  const page = await site.page({ who });
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("radio");
  await page.keyboard.press("Tab");
  await page.getByLabel("Montant").fill("12,34");
  await page.getByText("L’écriture, en comptes").waitFor();
  const before = await count();
  await page.context().clearCookies();
  await page.getByRole("button", { name: /^Enregistrer 12,34/ }).click();
  const dialog = page.getByRole("dialog", { name: "Votre session est terminée" });
  await dialog.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-password");
  await assertSound(page, "sign in again");
  await picture(page, "sign-in-again");
  await dialog.locator("#f-password").fill("faux");
  await page.keyboard.press("Enter");
  await dialog.locator(".errors").waitFor();
  await dialog.locator("#f-password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/contributions/*");
  assert.equal(await count(), before + 1);
  await page.context().close();
});

test("a payment is corrected in one act and cancelled in figures", async () => {
  const [member] = (await site.api("GET", "members?q=tilleul")).items;
  const made = await site.api("POST", "contributions", { member_id: member.id, amount: "1520.00", received_on: `${YEAR}-01-12`, means: "transfer", nature: "donation" });
  const page = await site.page();
  await open(page, "/o/reseau/contributions/" + made.id);
  await page.getByRole("button", { name: "Corriger" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Montant").fill("1 250");
  await dialog.getByText(/1.520,00.€ seront annulés et 1.250,00.€ enregistrés/).waitFor();
  await assertSound(page, "correction");
  await picture(page, "contribution-correct");
  await dialog.getByRole("button", { name: /Corriger en/ }).click();
  await dialog.locator("#f-reason-error").waitFor();
  await dialog.getByLabel("Raison").fill("faute de frappe");
  await dialog.getByRole("button", { name: /Corriger en/ }).click();
  await page.waitForFunction((id) => !location.pathname.endsWith(id), made.id);
  await page.getByRole("heading", { level: 1, name: /1.250,00.€/ }).waitFor();
  await settled(page);
  assert.ok(await page.getByRole("link", { name: "Voir le versement d’origine" }).isVisible());
  await picture(page, "contribution-corrected");
  await page.getByRole("button", { name: "Annuler ce versement" }).click();
  await dialog.getByText(/passera de 1.250,00.€ à 0,00.€/).waitFor();
  await assertSound(page, "cancellation");
  await picture(page, "contribution-cancel");
  await dialog.getByLabel("Raison").fill("chèque rendu");
  await dialog.getByRole("button", { name: /^Annuler 1/ }).click();
  await page.getByText("Ce versement est annulé").waitFor();
  assert.equal(await page.getByRole("button", { name: "Corriger" }).count(), 0);
  const after = await site.api("GET", "members/" + member.id);
  assert.equal(after.contributed_total, "0.00");
  await page.context().close();
});

test("a signed agreement is awaited, then received", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/record");
  await page.locator("#f-member_id").fill("radio");
  await page.keyboard.press("Tab");
  await page.getByLabel("Montant").fill("2 000");
  await page.getByLabel("Pour quoi").selectOption({ label: "Versement de soutien" });
  await page.getByText("Projet, convention, libellé").click();
  await page.locator("#f-agreement_signed_on").fill(`15/01/${YEAR}`);
  await page.getByLabel("L’argent n’est pas encore arrivé").check();
  await page.getByText(/s’engage à verser/).waitFor();
  await assertSound(page, "agreement");
  await page.getByRole("button", { name: /^Enregistrer 2/ }).first().click();
  await page.waitForURL("**/contributions/*");
  await settled(page);
  await page.getByRole("button", { name: "L’argent est arrivé" }).click();
  const dialog = page.getByRole("dialog");
  await assertSound(page, "receipt");
  await dialog.getByRole("button", { name: /Encaisser/ }).click();
  await page.getByRole("heading", { name: "L’encaissement, en comptes" }).waitFor();
  await page.context().close();
});
