// What the pages of the books share: names of years and accounts, and where a figure's lines are.
import type { Account, Collection, FiscalYear } from "../model";
import { useI18n } from "../i18n";
import { search } from "../router";
import { useOrganisation } from "../session";
import type { OrganisationView } from "../session";
import type { ComboOption } from "../ui/combo";
import { useAll } from "./all";
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
  return organisation.href("entry-lines") + search({ ...query });
}

export interface FiscalYears {
  items: readonly FiscalYear[];
  /** "Exercice 2026", or with both days where it is no calendar year. */
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
    name: (year) => (year.starts_on.endsWith("-01-01") && year.ends_on === year.starts_on.slice(0, 4) + "-12-31"
      ? t.books.calendarYear(Number(year.starts_on.slice(0, 4))) : t.books.oddYear(date(year.starts_on, "short"), date(year.ends_on, "short"))),
    around: (day) => items.find((year) => year.starts_on <= day && day <= year.ends_on),
    loading: got.loading,
  };
}

/** Accounts one can book on at a date, for a picker by number or title. */
export function useAccountChoice(on: Iso): { options: ComboOption[]; titles: ReadonlyMap<string, string>; loading: boolean } {
  const organisation = useOrganisation();
  const { items, loading } = useAll<Account>(organisation.path("accounts"), { on });
  return {
    options: items.map((account) => ({ id: account.number, label: account.number + " " + account.title })),
    titles: new Map(items.map((account) => [account.number, account.title])),
    loading,
  };
}

/** The title of one account, "" while it is not known. */
export function useAccountTitle(number: string): string {
  const organisation = useOrganisation();
  const got = useGet<Collection<Account>>(/^\d{2,8}$/.test(number) ? organisation.path("accounts") : null, { q: number, limit: 20 });
  return got.data?.items.find((account) => account.number === number)?.title ?? "";
}
