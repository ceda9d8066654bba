// The fund's position as the page shows it: which fund, which months, the lowest point.
import type { FundMonth, FundPosition, FundPositionItem } from "../model";
import type { Iso } from "./date";

/** The fund asked for; else the first solidarity fund; else the first there is. Funds come solidarity first, oldest first. */
export function chosenFund(items: readonly FundPositionItem[], asked: string): FundPositionItem | undefined {
  return items.find((item) => item.fund_id === asked) ?? items.find((item) => item.kind === "solidarity") ?? items[0];
}

/** Does the report's own choice of months (all solidarity funds together) say something else than the fund shown? */
export function needsOwnMonths({ items }: FundPosition, asked: string): boolean {
  return asked === "" && items.filter((item) => item.kind === "solidarity").length !== 1;
}

/** Months in which books were kept: before the first fiscal year nothing was held, and a minimum to keep would look like a debt. */
export function keptMonths(months: readonly FundMonth[], booksStart: Iso | undefined): FundMonth[] {
  return months.filter((month) => booksStart === undefined || month.ends_on >= booksStart);
}

/** Index of the smallest value, the latest of equals; -1 where it is the first, as in a fund that only grew: no trough to name. */
export function lowestAt(values: readonly bigint[]): number {
  let found = 0;
  for (const [at, value] of values.entries()) if (value <= (values[found] as bigint)) found = at;
  return found === 0 || values.every((value) => value === values[0]) ? -1 : found;
}

/** Money that is there and belongs to others: the accounts that the report reads it from. */
export const OTHERS_ACCOUNTS = ["467", "468", "471", "1681"] as const;

/** The part of the minimum that is there, where there is not enough for the whole of it. */
export function floorShown(held: bigint, others: bigint, promised: bigint, reserved: bigint, floor: bigint): bigint {
  const left = held - others - promised - reserved;
  return left < 0n ? 0n : left < floor ? left : floor;
}
