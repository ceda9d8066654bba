// Instants (RFC 3339, UTC) beside calendar dates: shown in the organisation's time zone, and made from a date that means
// "as known at the end of that day".
import { useI18n } from "../i18n";
import { useOrganisation } from "../session";
import { addDays, dateIn, timeIn } from "./date";
import type { Iso } from "./date";

/** Milliseconds since 1970 at which a date begins in a time zone. */
function startOf(date: Iso, timeZone: string): number {
  const guess = Date.parse(date + "T00:00:00Z");
  let instant = guess;
  // The offset of the guess may be that of the other side of a change of clocks: the second round settles it.
  for (let round = 0; round < 2; round++) {
    const shown = dateIn(timeZone, new Date(instant));
    const { hour, minute } = timeIn(timeZone, new Date(instant));
    const local = Date.parse(shown + "T00:00:00Z") + (hour * 60 + minute) * 60_000;
    instant += guess - local;
  }
  return instant;
}

/** The last millisecond of a date in a time zone, as the API takes it: "2026-03-31T21:59:59.999Z". */
export function endOfDay(date: Iso, timeZone: string): string {
  return new Date(startOf(addDays(date, 1), timeZone) - 1).toISOString();
}

export interface Instants {
  /** "12 mars 2026, 9 h 40" */
  moment: (instant: string) => string;
  /** The calendar date of an instant. */
  day: (instant: string) => Iso;
}

/** Instants in the organisation's time zone and the reader's language. */
export function useInstants(): Instants {
  const { t, date } = useI18n();
  const { time_zone: zone } = useOrganisation();
  const day = (instant: string) => dateIn(zone, new Date(instant));
  return {
    day,
    moment: (instant) => {
      const { hour, minute } = timeIn(zone, new Date(instant));
      return t.account.at(date(day(instant)), hour, minute);
    },
  };
}
