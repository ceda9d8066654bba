// Signing in and out, sessions, languages, colours, the menu of a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, open, PASSWORD, picture, settled, Site } from "./lib/site.mjs";

let site;
before(async () => { site = await Site.start(); });
after(() => site?.stop());

test("a link leads to the sign-in and back to what was wanted; a wrong password says nothing more", async () => {
  const page = await site.page({ who: null });
  await page.goto("/o/reseau/members?status=left");
  await page.waitForURL("**/sign-in?to=*");
  await settled(page);
  await assertSound(page, "sign in");
  await picture(page, "sign-in");
  await page.getByLabel("Adresse électronique").fill(site.treasurer.email);
  await page.locator("#f-password").fill("ce n’est pas le bon");
  await page.keyboard.press("Enter");
  await page.locator(".errors").waitFor();
  await assertSound(page, "sign in, refused");
  await page.locator("#f-password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/o/reseau/members?status=left");
  await settled(page);
  assert.equal(await page.locator("h1").innerText(), "Adhérents");
  await page.context().close();
});

test("the sign-in follows no address of another site", async () => {
  const page = await site.page();
  for (const to of ["https://ailleurs.example/", "//ailleurs.example/", "/\\ailleurs.example", "/api/v1/me"]) {
    await page.goto("/sign-in?to=" + encodeURIComponent(to));
    await page.waitForURL("**/o/reseau");
  }
  await page.context().close();
});

test("sessions are listed and closed; signing out leaves no draft behind", async () => {
  const who = await site.person("Bastien Courteil", "treasurer");
  const other = await site.fetch("POST", "/sessions", { email: who.email, password: PASSWORD });
  assert.ok(other.headers.get("set-cookie"));
  const page = await site.page({ who });
  await open(page, "/account");
  await page.locator("tbody tr").nth(1).waitFor();
  assert.equal(await page.locator(".badge").count(), 1);
  await assertSound(page, "account");
  await picture(page, "account");
  await page.getByRole("button", { name: "Fermer", exact: true }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Fermer" }).click();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await open(page, "/o/reseau/record");
  await page.getByLabel("Montant").fill("12");
  await page.getByText(/Brouillon gardé/).waitFor();
  await open(page, "/account");
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await page.waitForURL("**/sign-in*");
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("grenier:draft"))), []);
  await page.goto("/o/reseau");
  await page.waitForURL("**/sign-in?to=*");
  await page.context().close();
});

test("English is complete; the choice is kept on the device", async () => {
  const page = await site.page({ language: "en-GB" });
  await open(page, "/o/reseau/record");
  assert.equal(await page.locator("h1").innerText(), "Record money received");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  await page.getByLabel("Amount").fill("1,250");
  assert.match(await page.locator("#f-amount-echo").innerText(), /€1,250.00, one thousand two hundred and fifty euros/);
  await assertSound(page, "English");
  await picture(page, "record-english");
  await page.getByRole("button", { name: "Français" }).click();
  assert.equal(await page.locator("h1").innerText(), "Enregistrer un versement reçu");
  await page.reload();
  await settled(page);
  assert.equal(await page.locator("h1").innerText(), "Enregistrer un versement reçu");
  await page.context().close();
});

test("colours are the device's or the person's", async () => {
  const page = await site.page({ colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await open(page, "/account");
  const dark = await ground();
  await page.getByLabel("Claires").check();
  const light = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  await settled(page);
  assert.equal(await ground(), light);
  await page.getByLabel("Sombres").check();
  assert.equal(await ground(), dark);
  await page.context().close();
});

test("a phone has a menu that opens and closes by keyboard", async () => {
  const page = await site.page({ width: 390 });
  await open(page, "/o/reseau");
  await page.getByText("Menu", { exact: true }).focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("navigation", { name: "Menu" });
  await menu.getByRole("link", { name: "Adhérents" }).waitFor();
  await assertSound(page, "open menu");
  await picture(page, "menu");
  await page.keyboard.press("Escape");
  assert.equal(await menu.getByRole("link", { name: "Adhérents" }).isVisible(), false);
  await page.keyboard.press("Enter");
  await menu.getByRole("link", { name: "Adhérents" }).click();
  await page.waitForURL("**/members");
  assert.equal(await menu.getByRole("link", { name: "Accueil" }).isVisible(), false);
  await page.context().close();
});

test("a person of several associations chooses one, and switches", async () => {
  const who = await site.person("Inès Partout", "treasurer");
  site.db.sql(`SELECT app.organisation_create('entraide', 'Entraide du canton', '${new Date().getUTCFullYear()}-01-01', 'cli:test')`);
  site.operator("user", "create", "--organisation", "entraide", "--email", who.email, "--name", who.name, "--role", "board", "--public-url", site.url);
  const page = await site.page({ who });
  await open(page, "/");
  await page.getByRole("heading", { level: 1, name: "Choisir une association" }).waitFor();
  await assertSound(page, "chooser");
  await picture(page, "chooser");
  await page.getByRole("link", { name: /Entraide du canton/ }).click();
  await page.waitForURL("**/o/entraide");
  await settled(page);
  await assertSound(page, "with a switch");
  await page.getByRole("link", { name: "Changer" }).click();
  await page.getByRole("link", { name: /Réseau de la coopération/ }).click();
  await page.waitForURL("**/o/reseau");
  await page.context().close();
});

test("each role sees what is its own", async () => {
  await site.importMembers();
  const [member] = (await site.api("GET", "members?q=radio")).items;
  const member_id = member.id;
  await site.api("POST", "contributions", { member_id, amount: "40.00", received_on: `${new Date().getUTCFullYear()}-01-01`, means: "transfer", nature: "dues" });
  const board = await site.page({ who: await site.person("Odile Board", "board") });
  await open(board, "/o/reseau/contributions");
  assert.equal(await board.getByRole("link", { name: "Enregistrer un versement" }).count(), 0);
  await assertSound(board, "as the board");
  await board.context().close();

  const own = await site.page({ who: await site.person("Radio Représentante", "member", "--member", member_id) });
  await open(own, "/");
  await own.waitForURL("**/o/reseau");
  await settled(own);
  assert.equal(await own.getByRole("link", { name: "Adhérents" }).count(), 0);
  await assertSound(own, "as a member");
  await picture(own, "home-member");
  await own.getByRole("navigation").getByRole("link", { name: "Ma fiche" }).click();
  await own.getByRole("heading", { level: 1, name: "Radio Cailloux" }).waitFor();
  await settled(own);
  assert.equal(await own.getByRole("link", { name: "Modifier" }).count(), 0);
  await assertSound(own, "own record");
  await own.context().close();

  const admin = await site.page({ who: await site.person("Paul Admin", "administrator") });
  await open(admin, "/o/reseau");
  await admin.getByText("Votre rôle ne donne pas accès aux comptes.").waitFor();
  await assertSound(admin, "as an administrator");
  await admin.context().close();
});
