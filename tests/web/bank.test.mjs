// The bank in a real browser: import a file, match every line of it, split, several into one, set aside and explain, undo.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, day, open, picture, settled, Site } from "./lib/site.mjs";

let site, jardins, quays;
const home = "/o/reseau/bank";

// ---- a statement of our own making ----

const compact = (iso) => iso.replaceAll("-", "");

/** An OFX file as French banks give it; the closing balance is the sum, so the account began at nil. */
function ofx(lines, { account = "00012345678", before: opening = 0 } = {}) {
  const sum = lines.reduce((total, [, amount]) => total + Math.round(Number(amount) * 100), Math.round(opening * 100));
  const dates = lines.map(([date]) => date).sort();
  const entries = lines
    .map(
      ([date, amount, name, memo], index) => `<STMTTRN>
<TRNTYPE>${amount.startsWith("-") ? "DEBIT" : "CREDIT"}
<DTPOSTED>${compact(date)}
<TRNAMT>${amount.replace(".", ",")}
<FITID>${account}-${date}-${index}
<NAME>${name}
<MEMO>${memo}
</STMTTRN>`,
    )
    .join("\n");
  return Buffer.from(
    `OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>${compact(dates.at(-1))}<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>99951<BRANCHID>00042<ACCTID>${account}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>${compact(dates[0])}<DTEND>${compact(dates.at(-1))}
${entries}
</BANKTRANLIST><LEDGERBAL><BALAMT>${(sum / 100).toFixed(2).replace(".", ",")}<DTASOF>${compact(dates.at(-1))}</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
`,
    "latin1",
  );
}

const on = day(4);
/** Of one day, shown from the last of the file to the first. */
const LINES = [
  [on, "-410.00", "PRLV SEPA SCI LES TANNEURS", "LOYER LOCAL RUE DES TANNEURS"],
  [on, "50.00", "VIR SEPA LES JARDINS DE MONTBRELLE", "COTISATION ANNUELLE"],
  [on, "350.00", "VIR SEPA MENUISERIE DU TILLEUL", "COTIS ET FONDS"],
  [on, "60.00", "REMISE CHEQUES BORDEREAU 17", "2 CHEQUES"],
  [on, "17.00", "VIREMENT A PRUVOST", "PREMIERE MOITIE"],
  [on, "13.00", "VIREMENT A PRUVOST", "SECONDE MOITIE"],
  [on, "-12.00", "PRLV XZ4471", "REF 88213"],
];

const line = (page, text) => page.locator(".tx", { hasText: text });
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();
const accounts = async () => (await site.api("GET", "bank-accounts")).items;
const unmatched = async () => (await site.api("GET", "bank-transactions?status=unmatched&limit=100")).items;

before(async () => {
  site = await Site.start();
  await site.importMembers();
  const members = (await site.api("GET", "members?limit=100")).items;
  jardins = members.find((member) => member.name.startsWith("Les Jardins"));
  quays = members.find((member) => member.name.startsWith("Compagnie"));
  for (const [member, amount] of [
    [jardins, "25.00"],
    [quays, "35.00"],
  ]) {
    await site.api("POST", "contributions", {
      member_id: member.id,
      amount,
      received_on: day(8),
      means: "cheque",
      nature: "dues",
    });
  }
});
after(() => site?.stop());

// ---- importing ----

test("a file that is none is refused with its reason, and changes nothing", async () => {
  const page = await site.page();
  await open(page, home + "/import");
  await page.setInputFiles("#statement-file", {
    name: "releve.xml",
    mimeType: "text/xml",
    buffer: Buffer.from("<?xml version='1.0'?><!DOCTYPE d [<!ENTITY x 'y'>]><Document/>"),
  });
  await page.getByText("releve.xml n’a pas pu être importé").waitFor();
  await page.getByText("Rien n’a été changé.").waitFor();
  await page.setInputFiles("#statement-file", {
    name: "coupe.ofx",
    mimeType: "text/plain",
    buffer: ofx(LINES).subarray(0, 700),
  });
  await page.getByText("coupe.ofx n’a pas pu être importé").waitFor();
  await assertSound(page, "refused files");
  assert.deepEqual(await accounts(), []);
  await page.context().close();
});

test("a statement is imported, its account confirmed, and what was found is said", async () => {
  const page = await site.page();
  await open(page, home);
  await page.getByText("Aucun compte bancaire pour l’instant").waitFor();
  await assertSound(page, "no bank yet");
  await page.getByRole("link", { name: "Importer un relevé" }).first().click();
  await page.setInputFiles("#statement-file", {
    name: "releve.ofx",
    mimeType: "application/x-ofx",
    buffer: ofx(LINES),
  });
  await page.getByText("7, toutes nouvelles").waitFor();
  await assertSound(page, "an imported statement");
  await picture(page, "bank-import");
  await page.getByRole("button", { name: "Confirmer ce compte" }).click();
  await page.getByLabel("Nom", { exact: true }).fill("Compte courant");
  await page.getByRole("button", { name: "Oui, c’est un compte de l’association" }).click();
  await page.getByRole("link", { name: "Rapprocher 7 nouvelles lignes" }).waitFor();
  const [account] = await accounts();
  assert.equal(account.name, "Compte courant");
  assert.equal(account.status, "confirmed");
  // The same file again adds nothing and says so.
  await page.setInputFiles("#statement-file", {
    name: "encore.ofx",
    mimeType: "application/x-ofx",
    buffer: ofx(LINES),
  });
  await page.getByText("Ce fichier n’apporte aucune ligne nouvelle.").waitFor();
  assert.equal((await unmatched()).length, 7);
  await page.context().close();
});

test("a lost connection during the import: sent again, it counts once", async () => {
  const page = await site.page();
  await open(page, home + "/import");
  let lost = true;
  await page.route("**/bank-statements", async (route) => {
    if (route.request().method() !== "POST" || !lost) return route.continue();
    lost = false;
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.setInputFiles("#statement-file", {
    name: "livret.ofx",
    mimeType: "application/x-ofx",
    buffer: ofx([[on, "12.47", "INTERETS", "INTERETS CREDITEURS"]], { account: "00098765432" }),
  });
  await page.getByText("livret.ofx n’a pas pu être importé").waitFor();
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("Relevés trouvés dans livret.ofx").waitFor();
  assert.equal((await site.api("GET", "bank-statements")).items.length, 2);
  const savings = (await accounts()).find((account) => account.status === "unconfirmed");
  await site.api("POST", `bank-accounts/${savings.id}/confirmations`, { name: "Livret" });
  await page.context().close();
});

// ---- matching ----

test("by keyboard: arrows between the lines, Enter accepts the first suggestion", async () => {
  const page = await site.page();
  await open(page, home + "/match");
  assert.match(await page.locator("#match-list").innerText(), /8 lignes à rapprocher/);
  await assertSound(page, "matching");
  await picture(page, "bank-match");
  await line(page, "LES JARDINS").click();
  await page.keyboard.press("ArrowDown");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /TANNEURS/);
  await page.keyboard.press("ArrowUp");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /LES JARDINS/);
  assert.match(await page.locator(".proposal--first").innerText(), /Cotisation de Les Jardins de Montbrelle/);
  await page.keyboard.press("Enter");
  await toast(page, "50,00 € : rapproché");
  await page.getByText("7 lignes à rapprocher").waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains("tx")), "the next line has the focus");
  const given = (await site.api("GET", `contributions?member_id=${jardins.id}&means=transfer`)).items;
  assert.deepEqual(
    given.map(({ amount, nature, matched }) => ({ amount, nature, matched })),
    [{ amount: "50.00", nature: "dues", matched: true }],
  );
  await page.context().close();
});

test("an expense is accepted with “C’est bien ça” after a lost connection, and booked once", async () => {
  const page = await site.page();
  await open(page, home + "/match");
  await line(page, "SCI LES TANNEURS").click();
  await page.locator(".proposal--first", { hasText: "Dépense : Loyer" }).waitFor();
  let tries = 0;
  await page.route("**/matches", async (route) => {
    tries += 1;
    if (tries > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  const accept = page.getByRole("button", { name: /^C’est bien ça, 410,00/ });
  await accept.click();
  await page.getByText("La connexion a été perdue : on ne sait pas si c’est enregistré").waitFor();
  await accept.click();
  await toast(page, "410,00 € : rapproché");
  assert.equal(tries, 2);
  const rent = await site.api("GET", "reports/entry-line-totals?account=6132");
  assert.equal(rent.balance, "410.00");
  await page.context().close();
});

test("a split: the button opens only when everything is explained, and says the amount", async () => {
  const page = await site.page();
  await open(page, home + "/match");
  await line(page, "MENUISERIE").click();
  if (await page.getByRole("button", { name: "C’est autre chose" }).count())
    await page.getByRole("button", { name: "C’est autre chose" }).click();
  const go = page.getByRole("button", { name: "Rapprocher 350,00 €", exact: true });
  const closed = async () => (await go.getAttribute("aria-disabled")) === "true";
  assert.ok(await closed());
  await page.getByRole("button", { name: "Un versement reçu", exact: true }).click();
  const part = (index) => page.locator(".part").nth(index);
  const giver = async (index) => {
    await part(index).getByLabel("De qui ?").fill("menuis till");
    await page.keyboard.press("Enter");
  };
  await part(0).getByLabel("Montant").fill("100");
  await giver(0);
  await part(0).getByLabel("Pour quoi ?").selectOption("dues");
  assert.match(await page.locator(".balance").innerText(), /Reste à expliquer\s+250,00/);
  assert.ok(await closed());
  // Natures are those a worker co-operative may give.
  assert.deepEqual(
    await part(0)
      .getByLabel("Pour quoi ?")
      .locator("option")
      .evaluateAll((all) => all.map((one) => one.value).includes("financial_contribution")),
    false,
  );
  await page.getByRole("button", { name: "Un versement reçu", exact: true }).click();
  assert.match(await part(1).getByLabel("Montant").inputValue(), /250,00/);
  await giver(1);
  await part(1).getByLabel("Pour quoi ?").selectOption("donation");
  assert.match(await page.locator(".balance").innerText(), /tout est expliqué/);
  await assertSound(page, "a composition");
  await picture(page, "bank-compose");
  // What was typed survives a reload.
  await page.waitForTimeout(600);
  await page.reload();
  await settled(page);
  if (await page.getByRole("button", { name: "C’est autre chose" }).count())
    await page.getByRole("button", { name: "C’est autre chose" }).click();
  await page.locator(".part").nth(1).waitFor();
  assert.match(await part(1).getByLabel("Montant").inputValue(), /250,00/);
  await go.click();
  await toast(page, "350,00 € : rapproché");
  const [given] = (await site.api("GET", "bank-transactions?q=menuiserie")).items;
  const [match] = (await site.api("GET", `bank-transactions/${given.id}/matches`)).items;
  assert.deepEqual(
    match.parts.map(({ kind, nature, amount }) => [kind, nature, amount]),
    [
      ["contribution", "dues", "100.00"],
      ["contribution", "donation", "250.00"],
    ],
  );
  await page.context().close();
});

test("two recorded cheques are ticked for one deposit slip", async () => {
  const page = await site.page();
  await open(page, home + "/match");
  await line(page, "REMISE CHEQUES").click();
  if (await page.getByRole("button", { name: "C’est autre chose" }).count())
    await page.getByRole("button", { name: "C’est autre chose" }).click();
  await page.locator(".sug", { hasText: "25,00" }).getByRole("checkbox").check();
  assert.match(await page.locator(".balance").innerText(), /Reste à expliquer\s+35,00/);
  await page.locator(".sug", { hasText: "35,00" }).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Rapprocher 60,00 €", exact: true }).click();
  await toast(page, "60,00 € : rapproché");
  assert.equal((await site.api("GET", "reports/entry-line-totals?account=5112")).balance, "0.00");
  await page.context().close();
});

test("two lines of the bank are one gift", async () => {
  const page = await site.page();
  await open(page, home + "/match");
  await line(page, "PREMIERE MOITIE").click();
  if (await page.getByRole("button", { name: "C’est autre chose" }).count())
    await page.getByRole("button", { name: "C’est autre chose" }).click();
  await page.getByText("Avec d’autres lignes du relevé").click();
  await page.locator(".with-others label", { hasText: "13,00" }).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Un versement reçu", exact: true }).click();
  const part = page.locator(".part").first();
  assert.match(await part.getByLabel("Montant").inputValue(), /30,00/);
  await part.getByLabel("De qui ?").fill("Agathe Pruvost");
  await page.keyboard.press("Tab");
  await part.getByLabel("Qui est-ce ?").selectOption("person");
  await part.getByLabel("Pour quoi ?").selectOption("donation");
  await page.getByRole("button", { name: "Rapprocher 30,00 €", exact: true }).click();
  await page.locator(".toast", { hasText: "rapproché" }).waitFor();
  const [gift] = (await site.api("GET", "contributions?nature=donation&q=pruvost")).items;
  assert.equal(gift.amount, "30.00");
  assert.equal((await unmatched()).length, 2);
  await page.context().close();
});

test("nothing is known of a line: it is set aside, then explained", async () => {
  const page = await site.page();
  await open(page, home + "/match");
  await line(page, "XZ4471").click();
  // No suggestion: the composition is there at once.
  await page.getByRole("button", { name: "Je ne sais pas encore", exact: true }).click();
  const go = page.getByRole("button", { name: "Rapprocher 12,00 €", exact: true });
  if (await go.count()) await go.click();
  await toast(page, "12,00 € : rapproché");
  await open(page, home + "/lines?unknown=true");
  await page.getByRole("link", { name: "PRLV XZ4471" }).click();
  await page.getByText("12,00 € sont mis de côté").waitFor();
  await assertSound(page, "a line set aside");
  await page.getByRole("link", { name: "Dire ce que c’était" }).click();
  await page.getByRole("button", { name: "Une dépense", exact: true }).click();
  await page.getByLabel("Quelle dépense ?").selectOption("other");
  await assertSound(page, "explaining");
  await page.getByRole("button", { name: "Rapprocher 12,00 €", exact: true }).click();
  await page.waitForURL("**/bank/lines/*");
  await settled(page);
  assert.match(await page.locator("#line-match").locator("xpath=ancestor::section").innerText(), /expliqué depuis/);
  assert.equal((await site.api("GET", "reports/entry-line-totals?account=471")).balance, "0.00");
  await page.context().close();
});

test("on a phone the list and the line take turns, down to “Tout est rapproché”", async () => {
  const page = await site.page({ width: 390 });
  await open(page, home + "/match");
  await assertSound(page, "the list on a phone");
  assert.equal(await page.locator(".match__panel").isVisible(), false);
  await line(page, "INTERETS").click();
  await page.locator(".match__panel").waitFor();
  assert.equal(await page.locator(".match__list").isVisible(), false);
  await assertSound(page, "a line on a phone");
  await picture(page, "bank-match-line");
  await page.getByRole("button", { name: "Retour à la liste" }).click();
  await line(page, "INTERETS").click();
  await page.getByRole("button", { name: /^C’est bien ça, 12,47/ }).click();
  await page.getByRole("heading", { name: /^Tout est rapproché au / }).waitFor();
  await page.getByText("La banque et les comptes sont d’accord, au centime.").waitFor();
  await assertSound(page, "everything matched");
  await picture(page, "bank-done");
  for (const account of await accounts()) assert.equal(account.agrees, true, account.name);
  await page.context().close();
});

test("a match is undone: what it booked is reversed, the line waits again", async () => {
  const page = await site.page();
  await open(page, home + "/lines?q=tanneurs");
  await page.getByRole("link", { name: /SCI LES TANNEURS/ }).click();
  await page.getByRole("button", { name: "Défaire ce rapprochement" }).click();
  const dialog = page.getByRole("dialog");
  assert.match(await dialog.innerText(), /410,00.€, sera annulé par des écritures inverses/);
  await assertSound(page, "undoing");
  await dialog.getByLabel("Raison").fill("Ce n’était pas le loyer");
  await dialog.getByRole("button", { name: "Défaire 410,00 €" }).click();
  await toast(page, "Rapprochement de 410,00 € défait");
  await page.getByRole("link", { name: "La rapprocher" }).waitFor();
  await page.getByText("Rapprochements défaits").click();
  await page.getByText("Ce n’était pas le loyer").waitFor();
  assert.equal((await site.api("GET", "reports/entry-line-totals?account=6132")).balance, "0.00");
  assert.equal((await unmatched()).length, 1);
  await page.context().close();
});

test("an opening balance is explained by the entries that say it", async () => {
  const form = new FormData();
  form.append(
    "file",
    new Blob([ofx([[on, "5.00", "INTERETS", "INTERETS CREDITEURS"]], { account: "00055555555", before: 800 })]),
    "ancien.ofx",
  );
  const [statement] = (await site.api("POST", "bank-statements", form)).items;
  const account = await site.api("POST", `bank-accounts/${statement.bank_account_id}/confirmations`, {
    name: "Ancien compte",
  });
  const [fund] = (await site.api("GET", "funds")).items;
  const draft = await site.api("POST", "entries", {
    journal: "AN",
    date: day(200),
    label: "Situation de départ",
    lines: [
      { account: account.account, debit: "800.00", fund_id: fund.id },
      { account: "1021", credit: "800.00", fund_id: fund.id },
    ],
  });
  await site.api("POST", `entries/${draft.id}/validations`, {});
  const page = await site.page();
  await open(page, home);
  await page.getByText(/Le solde de départ, 800,00.€, n’est pas encore expliqué/).waitFor();
  await page.getByRole("link", { name: "Expliquer le solde de départ" }).click();
  await page.locator(".sug", { hasText: "Situation de départ" }).getByRole("checkbox").check();
  await assertSound(page, "an opening balance");
  await page.getByRole("button", { name: "Expliquer 800,00 €" }).click();
  await page.waitForURL("**/bank");
  await settled(page);
  assert.equal(await page.getByText("n’est pas encore expliqué").count(), 0);
  await page.context().close();
});

test("who may only read sees the lines and can change nothing", async () => {
  const board = await site.person("Hugo Ferrandeau", "board");
  const page = await site.page({ who: board });
  await open(page, home + "/match");
  assert.equal(await page.getByRole("button", { name: /C’est bien ça/ }).count(), 0);
  await assertSound(page, "matching, reading only");
  await open(page, home);
  assert.equal(await page.getByRole("link", { name: "Importer un relevé" }).count(), 0);
  await page.context().close();
});

test("every page of the bank, wide, narrow, dark, in English: axe finds nothing", async () => {
  const [one] = (await site.api("GET", "bank-transactions?status=matched&limit=1")).items;
  for (const options of [
    { width: 1280 },
    { width: 390 },
    { width: 320 },
    { width: 1600, colorScheme: "dark" },
    { width: 640, language: "en-GB" },
  ]) {
    const page = await site.page(options);
    for (const where of ["", "/import", "/statements", "/lines", "/lines/" + one.id, "/match"]) {
      await open(page, home + where);
      await assertSound(page, `bank${where} at ${options.width}`);
      if (options.width === 1280 || options.width === 390)
        await picture(page, "bank" + where.replace(one.id, "one").replaceAll("/", "-"));
    }
    await page.context().close();
  }
});
