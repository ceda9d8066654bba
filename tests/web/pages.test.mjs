// Every page, narrow, zoomed, dark, printed: axe finds nothing, nothing scrolls sideways, nothing breaks the policy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, day, open, picture, settled, Site } from "./lib/site.mjs";

let site;
/** Name, address. */
let pages;

before(async () => {
  site = await Site.start();
  await site.importMembers();
  const { items } = await site.api("GET", "members?limit=25");
  const natures = (await site.api("GET", "contribution-natures?limit=500")).items;
  const means = ["transfer", "cheque", "cash", "card", "platform"];
  let last;
  for (const [index, member] of items.slice(0, 12).entries()) {
    const nature = natures.filter((one) => one.legal_form === member.legal_form && one.needs.length === 0)[index % 2].nature;
    last = await site.api("POST", "contributions", { member_id: member.id, amount: `${100 + index * 37}.50`, received_on: day(3 * index), means: means[index % 5], nature });
  }
  pages = [
    ["home", "/o/reseau"], ["members", "/o/reseau/members"], ["member", "/o/reseau/members/" + last.member_id], ["member-edit", `/o/reseau/members/${last.member_id}/edit`],
    ["member-new", "/o/reseau/members/new"], ["import", "/o/reseau/members/import"], ["record", "/o/reseau/record"], ["contributions", "/o/reseau/contributions"],
    ["contribution", "/o/reseau/contributions/" + last.id], ["in-kind", "/o/reseau/in-kind"], ["in-kind-new", "/o/reseau/in-kind/new"], ["account", "/account"],
    ["missing", "/o/reseau/nulle-part"],
  ];
});
after(() => site?.stop());

for (const [name, options] of [
  ["1280 px", { width: 1280 }],
  ["1280 px, dark", { width: 1280, colorScheme: "dark" }],
  ["390 px, less motion", { width: 390, reducedMotion: "reduce" }],
  ["320 px", { width: 320 }],
  ["640 px, which is 1280 at 200 %", { width: 640, forcedColors: "active" }],
]) {
  test("every page at " + name, async () => {
    const page = await site.page(options);
    for (const [what, where] of pages) {
      await open(page, where);
      await assertSound(page, `${what} at ${name}`);
      if (!options.forcedColors && options.width !== 320) await picture(page, options.colorScheme ? what + "-dark" : what);
    }
    await page.context().close();
  });
}

test("text twice as large does not push a page sideways", async () => {
  const page = await site.page();
  for (const [what, where] of pages) {
    await open(page, where);
    await page.evaluate(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync("html { font-size: 200%; }"); document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]; });
    await page.waitForTimeout(50);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${what}: ${wide} px too wide`);
  }
  await page.context().close();
});

test("nothing is asked of another origin, and the first page is light", async () => {
  const page = await site.page();
  const asked = [];
  page.on("response", async (response) => {
    const length = Number(response.headers()["content-length"] ?? 0);
    asked.push({ url: response.url(), length, encoding: response.headers()["content-encoding"] });
  });
  await open(page, "/o/reseau");
  assert.deepEqual(asked.filter(({ url }) => !url.startsWith(site.url + "/")), []);
  const script = asked.find(({ url }) => url.endsWith(".js"));
  if (!process.env.GRENIER_WEB_FILES) {
    assert.equal(script.encoding, "gzip");
    assert.ok(script.length < 150 * 1024, `${script.length} bytes`);
  }
  await page.context().close();
});

test("the skip link is the first stop and leads to the content", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/members");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "contenu");
  await page.context().close();
});

test("a page prints as a document: no controls, the organisation's name and the page's number in the margin", async () => {
  const page = await site.page();
  await open(page, "/o/reseau/contributions");
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".top", ".nav", ".foot", ".tools", ".pager", ".head .btn"]) {
    for (const element of await page.locator(hidden).all()) assert.equal(await element.isVisible(), false, hidden);
  }
  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  const rules = await page.evaluate(() => document.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join());
  assert.match(rules, /Réseau de la coopération · Versements reçus/);
  assert.match(rules, /counter\(page\)/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a server that is away is said, and the page comes back by itself when asked again", async () => {
  const page = await site.page();
  await page.route("**/api/v1/organisations/reseau/members?*", (route) => route.abort("connectionrefused"));
  await page.goto("/o/reseau/members");
  await page.getByText("Pas de connexion avec le service").waitFor();
  await page.unroute("**/api/v1/organisations/reseau/members?*");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.locator("tbody tr").first().waitFor();
  await settled(page);
  assert.equal(await page.locator("tbody tr").count(), 25);
  await page.context().close();
});
