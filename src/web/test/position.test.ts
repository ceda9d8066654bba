import assert from "node:assert/strict";
import { test } from "node:test";
import type { FundMonth, FundPosition, FundPositionItem } from "../src/model";
import { chosenFund, floorShown, keptMonths, lowestAt, needsOwnMonths } from "../src/lib/position";

const item = (fund_id: string, kind: FundPositionItem["kind"]) => ({ fund_id, kind }) as FundPositionItem;
const month = (name: string, ends_on: string) => ({ month: name, ends_on }) as FundMonth;

test("the fund asked for, else the first solidarity fund, else the first", () => {
  const items = [item("s1", "solidarity"), item("s2", "solidarity"), item("g", "general")];
  assert.equal(chosenFund(items, "g")?.fund_id, "g");
  assert.equal(chosenFund(items, "")?.fund_id, "s1");
  assert.equal(chosenFund(items, "gone")?.fund_id, "s1");
  assert.equal(chosenFund([item("g", "general")], "")?.fund_id, "g");
  assert.equal(chosenFund([], ""), undefined);
});

test("the report's months are those of all solidarity funds: right only where there is one and none is asked for", () => {
  const position = (...items: FundPositionItem[]) => ({ items }) as FundPosition;
  assert.equal(needsOwnMonths(position(item("s", "solidarity"), item("g", "general")), ""), false);
  assert.equal(needsOwnMonths(position(item("s", "solidarity"), item("t", "solidarity")), ""), true);
  assert.equal(needsOwnMonths(position(item("g", "general")), ""), true);
  assert.equal(needsOwnMonths(position(item("s", "solidarity"), item("t", "solidarity")), "t"), false);
});

test("months before the books began are left out; the month in which they begin is kept", () => {
  const months = [month("2026-01", "2026-01-31"), month("2026-02", "2026-02-28"), month("2026-03", "2026-03-12")];
  assert.deepEqual(keptMonths(months, "2026-02-15").map((one) => one.month), ["2026-02", "2026-03"]);
  assert.deepEqual(keptMonths(months, "2026-02-01").map((one) => one.month), ["2026-02", "2026-03"]);
  assert.equal(keptMonths(months, undefined).length, 3);
});

test("a trough has a name, a beginning has none", () => {
  assert.equal(lowestAt([5n, 3n, 4n]), 1);
  assert.equal(lowestAt([5n, 3n, 3n, 4n]), 2);
  assert.equal(lowestAt([5n, 4n, -1n]), 2);
  assert.equal(lowestAt([1n, 2n, 3n]), -1);
  assert.equal(lowestAt([2n, 2n, 2n]), -1);
  assert.equal(lowestAt([]), -1);
});

test("the minimum is drawn as far as money covers it", () => {
  assert.equal(floorShown(1000n, 100n, 0n, 0n, 200n), 200n);
  assert.equal(floorShown(1000n, 900n, 0n, 0n, 200n), 100n);
  assert.equal(floorShown(1000n, 900n, 150n, 50n, 200n), 0n);
});
