// The accountant's pages in a real browser: an entry by hand, its life, and every figure down to its lines.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, day, open, picture, settled, Site, YEAR } from "./lib/site.mjs";

let site, members;
const base = "/o/reseau/";
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();
const entries = async (query = "") => (await site.api("GET", "entries?limit=200" + query)).items;

before(async () => {
  site = await Site.start();
  await site.importMembers();
  members = (await site.api("GET", "members?limit=100")).items;
  const natures = (await site.api("GET", "contribution-natures?limit=500")).items;
  for (const [index, member] of members.slice(0, 9).entries()) {
    const { nature } = natures.filter((one) => one.legal_form === member.legal_form && one.needs.length === 0)[
      index % 2
    ];
    await site.api("POST", "contributions", {
      member_id: member.id,
      amount: `${40 + index * 13}.25`,
      received_on: day(index * 4),
      means: ["transfer", "cheque", "cash"][index % 3],
      nature,
    });
  }
});
after(() => site?.stop());

test("an entry by hand, by keyboard, with a running difference", async () => {
  const page = await site.page();
  await open(page, base + "entries/new");
  await page.getByLabel("Libellé", { exact: true }).fill("Dotation de l’exercice");
  await page.locator("#f-lines-0-account").focus();
  await page.keyboard.type("68112");
  await page.locator("#f-lines-0-account-list [role=option]").first().waitFor();
  await page.keyboard.press("Enter");
  assert.match(await page.locator("#f-lines-0-account").inputValue(), /^68112 /);
  await page.locator("#f-lines-0-debit").fill("1250,5");
  await page.locator("#f-lines-1-account").focus();
  assert.match(await page.locator("#f-lines-0-debit").inputValue(), /^1.250,50$/, "written out in full");
  await page.keyboard.type("2818");
  await page.keyboard.press("Enter");
  await page.locator("#f-lines-1-credit").fill("1000");
  assert.match(await page.locator(".balance").innerText(), /manque au crédit.: 250,50/);
  assert.equal(
    await page.getByRole("button", { name: /Enregistrer et rendre définitive/ }).getAttribute("aria-disabled"),
    "true",
  );
  // Enter in the last line adds one with what is missing.
  await page.keyboard.press("Enter");
  await page.locator("#f-lines-2-account").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-lines-2-account");
  assert.equal(await page.locator("#f-lines-2-credit").inputValue(), "250,50");
  assert.match(await page.locator(".balance").innerText(), /équilibrée/);
  await assertSound(page, "a manual entry");
  await picture(page, "entry-new");
  await page.keyboard.type("2815");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/entries\/[0-9a-f-]{36}$/);
  await settled(page);
  assert.match(await page.locator("h1").innerText(), /^Brouillon du/);
  await assertSound(page, "a draft");
  const [draft] = await entries("&status=draft");
  assert.deepEqual([draft.label, draft.total, draft.lines.length], ["Dotation de l’exercice", "1250.50", 3]);
  await page.context().close();
});

test("faults stand beside their fields and in the summary; nothing typed is lost", async () => {
  const page = await site.page();
  await open(page, base + "entries/new");
  await page.getByRole("button", { name: "Enregistrer le brouillon" }).click();
  const summary = page.locator(".errors");
  await summary.waitFor();
  assert.ok(
    await page.evaluate(() => document.activeElement.classList.contains("errors")),
    "the summary takes the focus",
  );
  assert.match(await summary.innerText(), /Donnez un libellé/);
  await page.getByLabel("Libellé", { exact: true }).fill("Hors exercice");
  await page.getByLabel("Date", { exact: true }).fill(`12/03/${YEAR - 3}`);
  await page.locator("#f-lines-0-account").fill("512");
  await page.locator("#f-lines-0-debit").fill("12,345");
  await page.getByRole("button", { name: "Enregistrer le brouillon" }).click();
  await page.locator("#f-lines-0-debit-error").waitFor();
  await page.locator("#f-lines-0-debit").fill("12,34");
  await page.getByRole("button", { name: "Enregistrer le brouillon" }).click();
  await page.locator("#f-date-error").waitFor();
  assert.match(await page.locator("#f-date-error").innerText(), /dans aucun exercice/);
  await assertSound(page, "a refused entry");
  // A reload keeps it all.
  await page.waitForTimeout(600);
  await page.reload();
  await settled(page);
  assert.equal(await page.getByLabel("Libellé", { exact: true }).inputValue(), "Hors exercice");
  assert.equal(await page.locator("#f-lines-0-debit").inputValue(), "12,34");
  await page.getByRole("button", { name: "Effacer le brouillon" }).click();
  await page.context().close();
});

test("a draft changed by someone else: what they changed is said, what was typed stays", async () => {
  const [draft] = await entries("&status=draft");
  const page = await site.page();
  await open(page, `${base}entries/${draft.id}/edit`);
  await page.getByLabel("Libellé", { exact: true }).fill("Dotation, ma version");
  await fetch(`${site.url}/api/v1/organisations/reseau/entries/${draft.id}`, {
    method: "PATCH",
    headers: {
      "X-Grenier": "1",
      Origin: site.url,
      Cookie: "__Host-grenier=" + site.treasurer.cookie,
      "Content-Type": "application/json",
      "If-Match": `"v${draft.version}"`,
    },
    body: JSON.stringify({ label: "Dotation, l’autre version" }),
  }).then((reply) => assert.equal(reply.status, 200));
  await page.getByRole("button", { name: "Enregistrer le brouillon" }).click();
  const note = page.locator(".note", { hasText: "Ce qui a changé entre-temps" });
  await note.waitFor();
  assert.match(await note.innerText(), /Dotation de l’exercice\s+Dotation, l’autre version/);
  assert.equal(await page.getByLabel("Libellé", { exact: true }).inputValue(), "Dotation, ma version");
  await assertSound(page, "a conflict");
  await picture(page, "entry-conflict");
  await page.getByRole("button", { name: "Garder ma saisie" }).click();
  await page.getByRole("button", { name: "Enregistrer le brouillon" }).click();
  await toast(page, "Brouillon enregistré");
  assert.equal((await entries("&status=draft"))[0].label, "Dotation, ma version");
  await page.context().close();
});

test("a draft is made final after saying what that means, then reversed after saying what will be written", async () => {
  const [draft] = await entries("&status=draft");
  const page = await site.page();
  await open(page, base + "entries/" + draft.id);
  await page.getByRole("button", { name: "Rendre définitive (1 250,50 €)" }).click();
  const dialog = page.getByRole("dialog");
  assert.match(await dialog.innerText(), /prochain numéro du journal OD/);
  await assertSound(page, "the confirmation");
  await dialog.getByRole("button", { name: "Rendre définitive, 1 250,50 €" }).click();
  await toast(page, "OD-1 définitive");
  await page.getByRole("heading", { name: /^Écriture OD-1 du/ }).waitFor();
  assert.match(await page.locator(".facts").innerText(), /par Solène Arvieux/);
  await page.getByRole("button", { name: "Annuler cette écriture" }).click();
  assert.match(await dialog.innerText(), /Une écriture inverse de 1.250,50/);
  await dialog.getByRole("button", { name: "Annuler 1 250,50 €" }).click();
  await dialog.locator("#f-reason-error").waitFor();
  await assertSound(page, "a reversal refused");
  await dialog.getByLabel("Pourquoi ?").fill("Saisie deux fois");
  await dialog.getByRole("button", { name: "Annuler 1 250,50 €" }).click();
  await toast(page, "OD-1 annulée");
  await page.getByRole("heading", { name: /^Écriture OD-2 du/ }).waitFor();
  assert.match(await page.locator(".facts").innerText(), /Saisie deux fois/);
  await page
    .locator(".facts")
    .getByRole("link", { name: /Écriture OD-1/ })
    .click();
  await page.getByRole("heading", { name: /^Écriture OD-1 du/ }).waitFor();
  assert.match(await page.locator(".facts").innerText(), /Annulée par\s+Écriture OD-2/);
  assert.equal(await page.getByRole("button", { name: "Annuler cette écriture" }).count(), 0);
  await page.context().close();
});

test("saved and made final in one go; a draft is deleted after saying its amount", async () => {
  const page = await site.page();
  const fill = async (label) => {
    await open(page, base + "entries/new");
    await page.getByLabel("Libellé", { exact: true }).fill(label);
    for (const [index, account, side] of [
      [0, "6226", "debit"],
      [1, "401", "credit"],
    ]) {
      await page.locator(`#f-lines-${index}-account`).fill(account);
      await page.locator(`#f-lines-${index}-${side}`).fill("420");
    }
  };
  await fill("Honoraires");
  await page.getByRole("button", { name: "Enregistrer et rendre définitive, 420,00 €" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rendre définitive, 420,00 €" }).click();
  await toast(page, "définitive");
  await fill("À jeter");
  await page.getByRole("button", { name: "Enregistrer le brouillon" }).click();
  await page.getByRole("button", { name: "Supprimer" }).click();
  assert.match(await page.getByRole("dialog").innerText(), /Supprimer le brouillon «.À jeter.» de 420,00/);
  await page.getByRole("button", { name: "Supprimer le brouillon" }).click();
  await page.waitForURL("**/entries");
  assert.deepEqual(await entries("&status=draft"), []);
  await page.context().close();
});

test("from a figure of the trial balance to its lines, to the entry, to the payment", async () => {
  const page = await site.page();
  await open(page, base + "trial-balance");
  await assertSound(page, "the trial balance");
  await picture(page, "trial-balance");
  const figures = await page
    .locator("tbody td a")
    .evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href")]));
  assert.ok(figures.length > 10, `${figures.length} figures`);
  // Each figure is what its lines sum to: as debit, credit or balance.
  for (const [text, href] of figures) {
    const totals = await site.api("GET", "reports/entry-line-totals?" + href.split("?")[1]);
    const said = text
      .replace(/[^\d,−]/g, "")
      .replace("−", "-")
      .replace(",", ".");
    assert.ok(
      [totals.debit, totals.credit, totals.balance].includes(said),
      `${text} of ${href}: ${JSON.stringify(totals)}`,
    );
  }
  await page.locator("tr", { hasText: "5112" }).getByRole("link").last().click();
  await page.waitForURL("**/entry-lines?**");
  await settled(page);
  assert.match(await page.locator(".head").innerText(), /Compte 5112, Chèques à encaisser/);
  await assertSound(page, "the lines of a figure");
  await picture(page, "entry-lines");
  await page.locator("tbody a").first().click();
  await page.getByRole("heading", { name: /^Écriture / }).waitFor();
  await page.getByRole("link", { name: "Voir le versement" }).click();
  await page.getByRole("heading", { name: /^Versement de / }).waitFor();
  await page.goBack();
  await page.goBack();
  await settled(page);
  assert.match(page.url(), /entry-lines\?/, "the way back is the address");
  await page.context().close();
});

test("the trial balance of a date, of a fund, as it was known: the address says it all", async () => {
  const page = await site.page();
  await open(page, base + "trial-balance");
  const equal = async () =>
    /Débits et crédits sont égaux : ([\d\s\u202f,]+)/.exec(await page.locator("main").innerText())?.[1];
  const now = await equal();
  await page.getByLabel("Telle qu’on la connaissait le").fill(`01/01/${YEAR}`);
  await page.keyboard.press("Enter");
  await page.getByText("Aucun mouvement").waitFor();
  assert.match(page.url(), /known_on=/);
  await page.reload();
  await settled(page);
  await page.getByText("Aucun mouvement").waitFor();
  await page.getByLabel("Telle qu’on la connaissait le").fill("");
  await page.keyboard.press("Enter");
  await page.getByText("Débits et crédits sont égaux").waitFor();
  assert.equal(await equal(), now);
  await page.getByLabel("Exercice").selectOption("all");
  await page.waitForURL(/fiscal_year_id=all/);
  await settled(page);
  assert.equal(await page.locator("thead th").count(), 4);
  await page.context().close();
});

test("the list is filtered, sorted and exported; the address keeps it", async () => {
  const page = await site.page();
  await open(page, base + "entries");
  await page.getByLabel("Chercher", { exact: true }).fill("honoraires");
  await page.waitForURL(/q=honoraires/);
  await settled(page);
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.reload();
  await settled(page);
  assert.equal(await page.locator("tbody tr").count(), 1);
  const csv = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
  const text = await page.evaluate(async (where) => (await fetch(where)).text(), csv);
  assert.match(text, /Honoraires/);
  assert.equal(text.trim().split("\n").length, 2);
  await page.getByRole("button", { name: "Tout afficher" }).click();
  await page.getByLabel("Journal").selectOption("OD");
  await page.waitForURL(/journal=OD/);
  await settled(page);
  await page.getByRole("button", { name: "Date" }).click();
  await page.waitForURL(/sort=date/);
  await settled(page);
  const dates = await page.locator("tbody time").evaluateAll((all) => all.map((one) => one.dateTime));
  assert.deepEqual(dates, [...dates].sort());
  await page.context().close();
});

test("who may only read writes nothing", async () => {
  const auditor = await site.person("Claude Verdier", "auditor");
  const page = await site.page({ who: auditor });
  await open(page, base + "entries");
  assert.equal(await page.getByRole("link", { name: "Saisir une écriture" }).count(), 0);
  const [entry] = await entries("&source_kind=manual&status=validated");
  await open(page, base + "entries/" + entry.id);
  assert.equal(await page.getByRole("button", { name: "Annuler cette écriture" }).count(), 0);
  await page.context().close();
});

test("every page of the books, wide, narrow, dark, in English: axe finds nothing", async () => {
  const [entry] = await entries("&status=validated");
  const draft = await site.api("POST", "entries", {
    journal: "OD",
    date: day(1),
    label: "À relire",
    lines: [{ account: "6226", debit: "10.00" }],
  });
  for (const options of [
    { width: 1280 },
    { width: 390 },
    { width: 320 },
    { width: 1600, colorScheme: "dark" },
    { width: 640, language: "en-GB" },
  ]) {
    const page = await site.page(options);
    for (const where of [
      "entries",
      "entries/new",
      "entries/" + entry.id,
      "entries/" + draft.id,
      `entries/${draft.id}/edit`,
      "entry-lines",
      "trial-balance",
    ]) {
      await open(page, base + where);
      await assertSound(page, `${where} at ${options.width}`);
      if (options.width === 390)
        await picture(page, where.replace(entry.id, "one").replace(draft.id, "draft").replaceAll("/", "-"));
    }
    await page.context().close();
  }
});
