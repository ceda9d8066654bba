// The home page over a life: nothing yet, a statement imported, lines matched, all in agreement.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertSound, fixture, open, picture, settled, Site } from "./lib/site.mjs";

let site;
before(async () => { site = await Site.start(); });
after(() => site?.stop());

test("nothing yet: where to begin, and that nothing waits", async () => {
  const page = await site.page();
  await open(page, "/o/reseau");
  await page.getByText("Aucun relevé bancaire n’est encore importé.").waitFor();
  await page.getByRole("heading", { name: "Pour commencer" }).waitFor();
  await page.getByRole("heading", { name: "Rien n’attend" }).waitFor();
  await assertSound(page, "home, empty");
  await picture(page, "home-empty");
  await page.context().close();
});

test("a statement arrived: what waits, since when, how much; bank and books differ", async () => {
  await site.importMembers();
  const form = new FormData();
  form.append("file", new Blob([readFileSync(fixture("releve-septembre-octobre.ofx"))]), "releve.ofx");
  await site.api("POST", "bank-statements", form);
  for (const width of [1280, 390]) {
    const page = await site.page({ width });
    await open(page, "/o/reseau");
    await page.getByRole("link", { name: /^Confirmer 1 compte bancaire/ }).waitFor();
    await page.getByText("Un relevé est importé").waitFor();
    assert.match(await page.getByRole("link", { name: /^Rapprocher \d+ lignes du relevé/ }).innerText(), /\d\d lignes/);
    assert.equal(await page.getByRole("heading", { name: "Pour commencer" }).count(), 0);
    await assertSound(page, "home, a statement imported");
    await picture(page, "home-statement");
    await page.context().close();
  }
});

test("lines matched: the fund's figure is the report's, the sentence says what the bank and the books say", async () => {
  const [account] = (await site.api("GET", "bank-accounts")).items;
  if (!account.confirmed_at) await site.api("POST", `bank-accounts/${account.id}/confirmations`, {});
  const [member] = (await site.api("GET", "members?q=radio")).items;
  const { items } = await site.api("GET", "bank-transactions?status=unmatched&limit=500");
  for (const line of items.filter((one) => !one.amount.startsWith("-")).slice(0, 6)) {
    await site.api("POST", `bank-transactions/${line.id}/matches`, { create: [{ kind: "contribution", amount: line.amount, member_id: member.id, nature: "financial_contribution" }] });
  }
  const report = await site.api("GET", "reports/fund-position");
  const todo = await site.api("GET", "reports/to-do");
  const solidarity = report.items.find((one) => one.kind === "solidarity");
  assert.notEqual(solidarity.available, "0.00");
  const shown = (text) => text.replace(/^-/, "−").replace(".", ",").replace(/\B(?=(\d{3})+,)/g, "\u202f");
  const page = await site.page();
  await open(page, "/o/reseau");
  assert.equal((await page.locator(".figure--lead .figure__n").innerText()).trim(), shown(solidarity.available) + "\u00a0€");
  assert.equal(await page.locator(".sum .total td").innerText(), shown(solidarity.available) + "\u00a0€");
  assert.equal(todo.bank.agrees, false);
  assert.match(await page.locator(".head p").innerText(), /d’écart entre la banque et les comptes/);
  await assertSound(page, "home, with the figure");
  await picture(page, "home");
  await page.locator(".figure--lead a").click();
  await page.waitForURL("**/fund-position");
  await page.goBack();
  await settled(page);
  await page.context().close();
});
