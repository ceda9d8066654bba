// A list whose state is its address: filters, sort and page, so that a link shows the same.
import { apiUrl } from "../client";
import { useI18n } from "../i18n";
import { useQuery, usePlace } from "../router";
import { useGet } from "./query";
import type { Got } from "./query";
import type { Collection } from "../model";

/** Chosen in the address to set a filter's default aside. */
export const ALL = "all";

export interface ListOptions {
  /** Query parameters of the API that are filters of this list. */
  filters: string[];
  /** Sort when the address names none, for instance "-date". */
  sort?: string;
  /** Filters that hold when the address does not say otherwise. */
  defaults?: Record<string, string>;
  /** Filters that always hold and are not in the address. */
  fixed?: Record<string, string>;
  limit?: number;
}

export interface List<T> extends Got<Collection<T>> {
  items: T[] | undefined;
  /** Value of a filter, "" when it is not set. */
  value: (filter: string) => string;
  /** Changes filters and goes back to the first page. */
  set: (change: Record<string, string | null>) => void;
  /** Is any filter set by the reader? */
  filtered: boolean;
  clear: () => void;
  sort: string;
  sortBy: (sort: string) => void;
  hasNext: boolean;
  hasPrevious: boolean;
  next: () => void;
  previous: () => void;
  /** Address of the whole list, filtered and sorted, as a file. */
  exportUrl: (format: "csv" | "json" | "xlsx" | "pdf") => string;
}

/** Reads a collection of the API as the address says. */
export function useList<T>(path: string, options: ListOptions): List<T> {
  const [query, change] = useQuery();
  const { travel } = usePlace();
  const { language } = useI18n();
  const trail = travel.trail ?? [];
  const value = (filter: string) => query[filter] ?? options.defaults?.[filter] ?? "";
  const sort = query["sort"] ?? options.sort ?? "";
  const chosen = Object.fromEntries(options.filters.map((name) => [name, value(name) === ALL ? "" : value(name)]));
  const asked = { ...chosen, ...options.fixed, sort };
  const got = useGet<Collection<T>>(path, { ...asked, limit: options.limit ?? 50, after: query["after"] ?? "" }, { keepPrevious: true });
  const set = (update: Record<string, string | null>) => change({ ...update, after: null });
  return {
    ...got,
    items: got.data?.items,
    value,
    set,
    filtered: options.filters.some((name) => value(name) !== (options.defaults?.[name] ?? "")),
    clear: () => set(Object.fromEntries(options.filters.map((name) => [name, null]))),
    sort,
    sortBy: (next) => set({ sort: next === options.sort ? null : next }),
    hasNext: Boolean(got.data?.next),
    hasPrevious: Boolean(query["after"]),
    next: () => change({ after: got.data?.next ?? null }, { replace: false, travel: { trail: [...trail, query["after"] ?? ""] } }),
    previous: () => change({ after: trail[trail.length - 1] || null }, { replace: false, travel: { trail: trail.slice(0, -1) } }),
    exportUrl: (format) => apiUrl(path, { ...asked, format, locale: format === "csv" && language === "fr" ? "fr" : null }),
  };
}
