// Pages of collections under attack: forged marks, equal and missing values, writes between two pages, long names.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Api } from "../lib/api.mjs";

let api, own;
before(() => {
  api = new Api();
  own = api.organisation("own");
});
after(() => api.close());

const mark = (sort, id, value) => Buffer.from(`${sort}\n${id}\n${value}`).toString("hex");

async function walk(path, sort, limit, between = async () => {}) {
  const items = [];
  for (let next = ""; next !== null; ) {
    const reply = await own.get(`${path}?sort=${encodeURIComponent(sort)}&limit=${limit}${next === "" ? "" : `&after=${next}`}`);
    assert.equal(reply.status, 200, `${path} ${sort}: ${reply.text}`);
    items.push(...reply.body.items);
    next = reply.body.next;
    await between(items.length);
  }
  return items;
}

test("a forged mark is refused with 400, whatever it pretends to be", async () => {
  const days = ["9999-99-99", "2026-02-30", "0000-00-00", "infinity", "", "2026-1-01", "2026-01-01x"];
  const moments = ["9999-99-99 00:00:00+00", "2026-13-01 25:61:61+00", "2026-01-01 ::::....----", "2026-01-01 00:00:00",
    "2026-01-01 00:00:00.+00", "2026-01-01 00:00:00.-1+00", "2026-01-01 00:00:00+99", "2026-01-01 00:00:00.1234567+00", "infinity"];
  const numbers = ["", "-", "x", "99999999999999999999", "1.5", "1e3"];
  const sorts = [["entries", "-date", days], ["members", "-joined_on", days], ["fiscal-years", "starts_on", days],
    ["funds", "created_at", moments], ["contributions", "-recorded_at", moments],
    ["contributions", "-amount", numbers], ["members", "number", numbers]];
  let cases = 0;
  const refused = async (path, sort, after) => {
    const reply = await own.get(`${path}?sort=${sort}&after=${after}`);
    assert.equal(reply.status, 400, `${path} ${sort} ${Buffer.from(after, "hex")}: ${reply.status} ${reply.text}`);
    cases++;
  };
  for (const [path, sort, values] of sorts)
    for (const value of values) await refused(path, sort, mark(sort, randomUUID(), value));
  const right = { entries: "2026-01-01", funds: "2026-01-01 00:00:00+00", members: "1", contributions: "1" };
  for (const [path, sort] of [["entries", "-date"], ["funds", "created_at"], ["members", "number"], ["contributions", "-amount"]])
    for (const id of ["-".repeat(36), "012345678901234567890123456789abcdef", "", "null", "1", `${randomUUID()}x`])
      await refused(path, sort, mark(sort, id, right[path]));
  for (const after of ["0", "zz", "00", "0a", "0a0a", "ff".repeat(100), "61".repeat(3000)]) await refused("funds", "name", after);
  await refused("funds", "name", mark("created_at", randomUUID(), "x")); // another order's
  assert.ok(cases > 70, `${cases} cases`);
});

test("a mark of ours is taken back in every order, the longest names and missing dates included", async () => {
  const names = ["𝔐".repeat(199), "é".repeat(199), "A".repeat(199)];
  for (const [i, name] of [...names, ...names].entries()) {
    await own.make("members", { name: name + i, legal_form: "association", joined_on: "2026-01-01" });
    await own.make("projects", { name: name + i });
  }
  // A list taken over need not say when somebody joined; through the API it must.
  own.sql("UPDATE fund.member SET joined_on = NULL WHERE number < 4");
  for (const [path, sort] of [["members", "name"], ["members", "number"], ["members", "-joined_on"], ["members", "-contributed_total"],
    ["projects", "name"], ["funds", "name"], ["funds", "created_at"], ["audit-events", "-at"], ["audit-events", "at"],
    ["accounts", "number"], ["journals", "code"], ["contribution-natures", "legal_form"]]) {
    const all = await walk(path, sort, 500), pages = await walk(path, sort, path === "accounts" ? 97 : 2);
    if (path === "audit-events") continue; // reading them is itself an event
    assert.deepEqual(pages, all, `${path} ${sort}`);
  }
});

test("equal values and rows that come in between: nothing twice, nothing left out", async () => {
  const give = (i) => own.make("contributions", { donor: { name: `D ${i}`, legal_form: "person" }, amount: "10.00", means: "cheque",
    nature: "donation", received_on: own.day });
  own.day = (await own.get("fiscal-years")).body.items[0].starts_on;
  const first = new Set();
  for (let i = 0; i < 12; i++) first.add((await give(i)).id);
  for (const sort of ["-received_on", "received_on", "-amount", "-recorded_at"]) {
    const seen = (await walk("contributions", sort, 5, () => give("between"))).map((item) => item.id);
    assert.equal(new Set(seen).size, seen.length, `${sort}: a row twice`);
    for (const id of first) assert.ok(seen.includes(id), `${sort}: a row left out`);
  }
});

test("names in an order of their own: pages follow the order of the whole, accents and signs included", async () => {
  const words = ["Zoé", "zoe", "Éole", "eole", "Ærø", "aero", "Œuf", "l’Île", "l'ile", "Ile", "_x", "#", "9", "10", "ß", "SS", "日本", "Ω", "İ", "ı"];
  for (const [i, word] of words.entries()) await own.make("funds", { name: `${word} ${i}`, kind: "designated" });
  const all = await walk("funds", "name", 500);
  assert.ok(all.length >= words.length);
  for (const limit of [1, 3]) assert.deepEqual(await walk("funds", "name", limit), all);
});

test("a filter is text, not a pattern of the database", async () => {
  for (const q of ["%", "\\", "_", "'", "%\\", "a\\%", "\u{1d510}", "\u200b", "\u0300", "\ufffd", "$1", "%s", "--", "/*"])
    for (const path of ["members", "contributions", "accounts", "projects", "entries", "bank-transactions"]) {
      const reply = await own.get(`${path}?q=${encodeURIComponent(q)}`);
      assert.ok(reply.status === 200 || reply.status === 422, `${path} ${q}: ${reply.status} ${reply.text}`);
    }
});
