// Fiscal years: what can follow, which months' ends can be locked.
import type { FiscalYear } from "../model";
import { addDays, daysInMonth, iso, parts } from "./date";
import type { Iso } from "./date";

/** The same day some months later, or the last of that month where it has no such day: as PostgreSQL adds months. */
export function addMonths(date: Iso, months: number): Iso {
  const { year, month, day } = parts(date);
  const at = year * 12 + (month - 1) + months;
  const to = { year: Math.floor(at / 12), month: (((at % 12) + 12) % 12) + 1 };
  return iso(to.year, to.month, Math.min(day, daysInMonth(to.year, to.month)));
}

export function endOfMonth(date: Iso): Iso {
  const { year, month } = parts(date);
  return iso(year, month, daysInMonth(year, month));
}

/** Ends of the months of a year after a day (null: all of them), the year's own last day included. */
export function monthEnds({ starts_on, ends_on }: Pick<FiscalYear, "starts_on" | "ends_on">, after: Iso | null): Iso[] {
  const ends: Iso[] = [];
  for (let end = endOfMonth(starts_on); end < ends_on; end = endOfMonth(addDays(end, 1))) ends.push(end);
  return [...ends, ends_on].filter((end) => after === null || end > after);
}

/** Ends of months at which an existing lock can stop instead, the latest first. */
export function earlierEnds(year: Pick<FiscalYear, "starts_on" | "ends_on">, locked: Iso): Iso[] {
  return monthEnds(year, null).filter((end) => end < locked).reverse();
}

/** Twelve months right after the last year. */
export function followingYear(years: readonly Pick<FiscalYear, "ends_on">[]): { starts_on: Iso; ends_on: Iso } | null {
  const last = years.reduce<Iso | null>((latest, year) => (latest === null || year.ends_on > latest ? year.ends_on : latest), null);
  if (last === null) return null;
  const starts_on = addDays(last, 1);
  return { starts_on, ends_on: addDays(addMonths(starts_on, 12), -1) };
}

/** Whole months from the first to the last day, null where they are none. */
export function wholeMonths(starts_on: Iso, ends_on: Iso): number | null {
  for (let count = 1; count <= 24; count++) {
    const end = addDays(addMonths(starts_on, count), -1);
    if (end === ends_on) return count;
    if (end > ends_on) return null;
  }
  return null;
}
