// Amounts and days at their limits: currencies of 0, 2, 3 and 4 digits, sums near the end of a bigint, both ends of the
// calendar, associations where today is another day than here.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Api, faults } from "../lib/api.mjs";

let api, own;
before(() => {
  api = new Api();
  own = api.organisation("own");
});
after(() => api.close());

const year = new Date().getUTCFullYear();
const day = `${year}-01-02`;
const gift = (amount, extra = {}) => ({ donor: { name: "D", legal_form: "person" }, amount, means: "cheque", nature: "donation", received_on: day, ...extra });

const currencies = [
  ["JPY", 0, ["1", "1250", "999999999999999"], ["0", "1.0", "1.", "01", "-1", "1000000000000000", "1e3", "", "+1", " 1", "1,0", "0x1", "١"]],
  ["EUR", 2, ["0.01", "12.50", "9999999999999.99"], ["0.00", "12.5", "12", "12.500", "012.50", "-0.01", "10000000000000.00", ".50", "1.0e1", "NaN", "12,50", "1 000.00"]],
  ["TND", 3, ["0.001", "12.500", "999999999999.999"], ["0.000", "12.50", "12", "1000000000000.000", "-1.000", "00.001"]],
  ["UYW", 4, ["0.0001", "12.5000", "99999999999.9999"], ["0.0000", "12.500", "100000000000.0000"]],
];
for (const [currency, digits, right, wrong] of currencies)
  test(`${currency}: ${digits} digits in every reply, nothing else taken`, async () => {
    const o = api.organisation(currency.toLowerCase(), { currency, digits });
    for (const amount of right) {
      const made = await o.make("contributions", gift(amount));
      assert.equal(made.amount, amount);
      const entry = (await o.get(`entries/${made.entry_id}`)).body;
      assert.equal(entry.total, amount);
      assert.deepEqual(entry.lines.map((line) => line.debit ?? line.credit), [amount, amount]);
      assert.equal((await o.get(`contributions/${made.id}`)).body.amount, amount);
    }
    for (const amount of [...wrong, 1, 1.5, null, true, [], {}]) {
      const reply = await o.post("contributions", gift(amount));
      assert.equal(reply.status, 422, `${JSON.stringify(amount)}: ${reply.status} ${reply.text}`);
      assert.match(faults(reply).join(), /^\/amount /, JSON.stringify(amount));
    }
    assert.equal((await o.get("contributions")).body.items.length, right.length);
    const floor = await o.make("funds", { name: "F", kind: "designated", floor: right[0] });
    assert.equal(floor.floor, right[0]);
    const minor = right.map((amount) => BigInt(amount.replace(".", ""))).reduce((a, b) => a + b).toString().padStart(digits + 1, "0");
    const total = digits === 0 ? minor : `${minor.slice(0, -digits)}.${minor.slice(-digits)}`;
    const balance = await o.get("reports/trial-balance");
    assert.equal(balance.body.total_debit, total);
    assert.equal(balance.body.total_credit, total);
    const lines = (await o.get("entry-lines")).body.items;
    assert.ok(lines.every((line) => right.includes(line.debit ?? line.credit)));
    const csv = (await o.get("contributions?format=csv")).text.trim().split("\r\n");
    assert.ok(right.every((amount) => csv.some((line) => line.includes(amount))));
  });

test("sums that no bigint holds are refused, and the books stay right", async () => {
  const lines = Array.from({ length: 250 }, () => [{ account: "512", debit: "9999999999999.99" }, { account: "7561", credit: "9999999999999.99" }]).flat();
  let refused;
  for (let i = 0; i < 45 && refused === undefined; i++) {
    const draft = await own.make("entries", { journal: "OD", date: day, label: "large", lines });
    const reply = await own.post(`entries/${draft.id}/validations`);
    if (reply.status !== 201) refused = reply;
  }
  assert.equal(refused?.status, 422, refused?.text);
  assert.equal(refused.body.type, "urn:grenier:problem:money.sum");
  const balance = (await own.get("reports/trial-balance")).body;
  assert.equal(balance.total_debit, balance.total_credit);
  assert.equal((await own.get("reports/entry-line-totals")).status, 200);
  // In another month the kept balances have room again: their sums have none.
  for (let i = 0; i < 45; i++) {
    const draft = await own.make("entries", { journal: "OD", date: `${year}-02-02`, label: "large", lines });
    if ((await own.post(`entries/${draft.id}/validations`)).status !== 201) break;
  }
  for (const path of ["reports/trial-balance", "reports/entry-line-totals", "members", "funds", "exports/ledger-journal", "reports/fund-position", "reports/to-do"]) {
    const reply = await own.get(path);
    assert.ok(reply.status < 500, `${path}: ${reply.status} ${reply.text.slice(0, 300)}`);
  }
});

test("days: leap days, the ends of the calendar, days that are none", async () => {
  const o = api.organisation("days", { starts: "2023-03-01" });
  await o.make("fiscal-years", { starts_on: "2024-03-01", ends_on: "2025-02-28" });
  const entry = (date) => o.post("entries", { journal: "OD", date, label: "x", lines: [{ account: "512", debit: "1.00" }, { account: "7561", credit: "1.00" }] });
  assert.equal((await entry("2024-02-29")).status, 201);
  for (const date of ["2023-02-29", "2100-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "2024-01-00", "0000-01-01", "24-01-01", "2024-1-1",
    "2024-02-29T00:00:00Z", "20240229", " 2024-02-29", "-2024-02-29", "infinity", "now", "10000-01-01", "٢٠٢٤-٠٢-٢٩"]) {
    const reply = await entry(date);
    assert.deepEqual([reply.status, faults(reply)], [422, ["/date date.format"]], date);
  }
  for (const date of ["1900-01-01", "2999-12-31"]) {
    assert.deepEqual(faults(await entry(date)), ["/date fiscal_year.none"], date);
    assert.equal((await o.get(`reports/trial-balance?as_of=${date}`)).status, 200);
    assert.equal((await o.get(`entries?from=${date}&to=${date}`)).status, 200);
  }
  for (const [starts_on, ends_on] of [["2999-12-31", "2999-12-31"], ["1900-01-01", "1900-12-31"], ["2025-03-01", "2999-12-31"], ["2025-03-01", "2025-02-28"], ["2025-03-01", "2025-03-30"]])
    assert.equal((await o.post("fiscal-years", { starts_on, ends_on })).status, 422, `${starts_on} ${ends_on}`);
  for (const known_at of ["1900-01-01T00:00:00Z", "2999-12-31T23:59:59.999999999-14:59", "2026-01-01T00:00:00+14:59", "2026-01-01T23:59:59.999999999Z"])
    assert.equal((await o.get(`reports/trial-balance?known_at=${encodeURIComponent(known_at)}`)).status, 200, known_at);
  for (const known_at of ["2026-01-01T00:00:60Z", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z", "2026-01-01T00:00:00+25:00"])
    assert.equal((await o.get(`reports/trial-balance?known_at=${encodeURIComponent(known_at)}`)).status, 422, known_at);
});

test("today is the association's day, at both ends of the world", async () => {
  const zones = ["Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati", "Etc/GMT+12"];
  const days = new Set();
  for (const [i, time_zone] of zones.entries()) {
    const o = api.organisation(`zone-${i}`, { starts: `${year - 1}-07-01` });
    await o.make("fiscal-years", { starts_on: `${year}-07-01`, ends_on: `${year + 1}-06-30` });
    o.sql(`UPDATE fund.organisation SET time_zone = '${time_zone}'`);
    const there = (offset) => new Intl.DateTimeFormat("sv-SE", { timeZone: time_zone }).format(Date.now() + offset * 86400000);
    const today = there(0);
    days.add(today);
    assert.equal((await o.post("contributions", gift("1.00", { received_on: today }))).status, 201, `${time_zone} ${today}`);
    const refused = await o.post("contributions", gift("1.00", { received_on: there(1) }));
    assert.deepEqual(faults(refused), ["/received_on contribution.future"], time_zone);
    assert.equal((await o.get("reports/trial-balance")).body.as_of >= today, true);
  }
  assert.ok(days.size >= 2, "two of these zones are always on different days");
});

test("a version that a proxy has weakened is still the version; another one is not", async () => {
  const fund = (await own.get("funds")).body.items[0];
  const change = async (tag) => (await own.call("PATCH", `funds/${fund.id}`, { body: { floor: "1.00" }, headers: tag === null ? {} : { "If-Match": tag } })).status;
  const tag = (await own.get(`funds/${fund.id}`)).headers.etag;
  assert.equal(await change(`W/${tag}`), 200);
  for (const stale of [tag, `W/${tag}`, '"v0"', "v", '"', "x", "2x", "-1", "999999999999999999999", '"v2", "v3"'])
    assert.equal(await change(stale), 412, stale);
  for (const none of ["", '""', "W/", 'W/""']) assert.equal(await change(none), 428, none);
  assert.equal(await change(null), 428);
});
