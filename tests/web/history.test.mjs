// The history: one sentence an act, what changed below it, one thing's history by its address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, day, open, picture, settled, Site } from "./lib/site.mjs";

let site;
let member;
let contribution;
before(async () => {
  site = await Site.start();
  await site.importMembers();
  member = (await site.api("GET", "members?q=Radio&limit=1")).items[0];
  contribution = await site.api("POST", "contributions", { member_id: member.id, amount: "1250.50", received_on: day(3), means: "transfer", nature: "dues" });
  await site.api("POST", `contributions/${contribution.id}/cancellations`, { reason: "saisi deux fois" });
});
after(() => site?.stop());

const acts = (page) => page.locator(".acted__one");
/** Texts compared with ordinary spaces. */
const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

for (const width of [1280, 390]) {
  test(`acts are sentences, details in words, at ${width} px`, async () => {
    const page = await site.page({ width });
    await open(page, "/o/reseau/history");
    const cancelled = acts(page).first();
    assert.match(plain(await cancelled.innerText()), /Solène Arvieux a annulé un versement[^]*Motif : saisi deux fois/);
    const recorded = acts(page).filter({ hasText: "a enregistré un versement" });
    assert.equal(await recorded.count(), 1, "the payment and its entry are one act");
    assert.match(plain(await recorded.innerText()), /Radio Cailloux · 1 250,50 €/);
    assert.match(plain(await acts(page).filter({ hasText: "a importé des adhérents" }).innerText()), /25 adhérents/);
    assert.equal(await acts(page).filter({ hasText: "a consulté l’historique" }).count(), 0, "no visits unless asked for");
    await recorded.locator("summary").first().click();
    const details = plain(await recorded.innerText());
    assert.match(details, /Montant\s+1 250,50 €/);
    assert.match(details, /Mode de paiement\s+Virement/);
    assert.doesNotMatch(details, /received_on|member_id|[0-9a-f]{8}-[0-9a-f]{4}/, "no column and no id outside the technical details");
    assert.equal(await recorded.locator("td").getByRole("link", { name: "Radio Cailloux" }).getAttribute("href"), "/o/reseau/members/" + member.id);
    await assertSound(page, `history at ${width}`);
    await picture(page, "history");
    await page.context().close();
  });
}

test("visits are shown when asked for, and the address keeps it", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/history");
  await page.getByLabel("Montrer").selectOption({ label: "Consultations et connexions" });
  await page.waitForURL("**/history?what=access");
  await page.getByText("a consulté l’historique").first().waitFor();
  await settled(page);
  assert.equal(await acts(page).filter({ hasText: "versement" }).count(), 0);
  await assertSound(page, "visits");
  await page.context().close();
});

test("the address narrows to one thing, the title says which", async () => {
  const page = await site.page({ width: 390 });
  await open(page, `/o/reseau/history?subject_kind=member&subject_id=${member.id}`);
  assert.equal(plain(await page.locator("h1").innerText()), "Historique : Radio Cailloux");
  assert.equal(await acts(page).count(), 1);
  await assertSound(page, "the history of a member");
  await page.goto(`/o/reseau/history?subject_kind=contribution&subject_id=${contribution.id}`);
  await settled(page);
  assert.equal(await acts(page).count(), 2);
  await acts(page).first().locator("summary").first().click();
  assert.match(plain(await acts(page).first().innerText()), /État\s+enregistré\s+annulé/, "before and after in words");
  await page.getByRole("link", { name: "Tout l’historique" }).click();
  await page.getByRole("heading", { level: 1, name: "Historique", exact: true }).waitFor();
  await page.context().close();
});
