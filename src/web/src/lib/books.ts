// What the pages of the books share: names of years and accounts, and where a figure's lines are.
import type { Account, Collection, FiscalYear } from "../model";
import { useI18n } from "../i18n";
import { search } from "../router";
import { useOrganisation } from "../session";
import type { OrganisationView } from "../session";
import type { ComboOption } from "../ui/combo";
import { useAll } from "./all";
import { addDays } from "./date";
import type { Iso } from "./date";
import { useGet } from "./query";

/** What picks lines of entries: the query parameters of entry-lines. */
export interface LineQuery {
  /** Accounts that begin like this. */
  account?: string | null;
  /** This very account. */
  account_number?: string | null;
  fund_id?: string | null;
  member_id?: string | null;
  project_id?: string | null;
  fiscal_year_id?: string | null;
  entry_id?: string | null;
  from?: Iso | null;
  as_of?: Iso | null;
  known_at?: string | null;
  matched?: "true" | "false" | null;
}

/** Address of the page that shows the lines behind a figure. */
export function linesHref(organisation: OrganisationView, query: LineQuery): string {
  const { matched, ...rest } = query;
  // A figure as it was known counts what was matched with the bank then, not what is matched now.
  if (!matched || !query.known_at) return organisation.href("entry-lines") + search({ ...query });
  const then = matched === "true" ? { matched_at: query.known_at } : { unmatched_at: query.known_at };
  return organisation.href("entry-lines") + search({ ...rest, ...then });
}

export interface FiscalYears {
  items: readonly FiscalYear[];
  /** "2026", or both ends where it is no calendar year: "févr. 2026 – janv. 2027". */
  name: (year: FiscalYear) => string;
  /** The year around a day. */
  around: (day: Iso) => FiscalYear | undefined;
  loading: boolean;
}

export function useFiscalYears(): FiscalYears {
  const organisation = useOrganisation();
  const { t, date } = useI18n();
  const got = useGet<Collection<FiscalYear>>(organisation.path("fiscal-years"), { limit: 100 });
  const items = got.data?.items ?? [];
  return {
    items,
    name: ({ starts_on: from, ends_on: to }) => {
      if (from.endsWith("-01-01") && to === from.slice(0, 4) + "-12-31")
        return t.books.calendarYear(Number(from.slice(0, 4)));
      const whole = from.endsWith("-01") && addDays(to, 1).endsWith("-01");
      const say = (day: Iso) => (whole ? date(day, "month_short") + "\u00a0" + day.slice(0, 4) : date(day, "short"));
      return t.books.oddYear(say(from), say(to));
    },
    around: (day) => items.find((year) => year.starts_on <= day && day <= year.ends_on),
    loading: got.loading,
  };
}

/** Accounts one can book on at a date, for a picker by number or title. */
export function useAccountChoice(on: Iso): {
  options: ComboOption[];
  titles: ReadonlyMap<string, string>;
  loading: boolean;
} {
  const organisation = useOrganisation();
  const { items, loading } = useAll<Account>(organisation.path("accounts"), { on });
  return {
    // Accounts that have been booked on come first among equals.
    options: [...items]
      .sort((a, b) => Number(b.used) - Number(a.used))
      .map((account) => ({ id: account.number, label: account.number + " " + account.title })),
    titles: new Map(items.map((account) => [account.number, account.title])),
    loading,
  };
}

/** The title of one account, "" while it is not known. */
export function useAccountTitle(number: string): string {
  const organisation = useOrganisation();
  const got = useGet<Collection<Account>>(/^\d{2,8}$/.test(number) ? organisation.path("accounts") : null, {
    q: number,
    limit: 20,
  });
  return got.data?.items.find((account) => account.number === number)?.title ?? "";
}
