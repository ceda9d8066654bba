// A collection that fits on a screen's choices (accounts of the chart, fiscal years) is read whole, page after page.
import { useEffect, useState } from "preact/hooks";
import { onForget, request } from "../client";
import type { QueryValues } from "../client";
import type { Collection } from "../model";

const PAGE = 500;
/** Beyond this many rows a choice is no choice any more. */
const PAGES_MAX = 8;

export interface All<T> {
  items: readonly T[];
  loading: boolean;
  error: unknown;
}

async function readAll<T>(path: string, query: QueryValues, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let after = "";
  for (let page = 0; page < PAGES_MAX; page++) {
    const { data } = await request<Collection<T>>("GET", path, { query: { ...query, limit: PAGE, after }, signal });
    items.push(...data.items);
    if (!data.next) break;
    after = data.next;
  }
  return items;
}

/** Every row of a collection; null reads nothing. Read again after any write. */
export function useAll<T>(path: string | null, query: QueryValues = {}): All<T> {
  const [state, setState] = useState<All<T>>({ items: [], loading: path !== null, error: null });
  const [round, setRound] = useState(0);
  const asked = path === null ? "" : path + JSON.stringify(query);
  useEffect(() => onForget(() => setRound((n) => n + 1)), []);
  useEffect(() => {
    if (path === null) {
      setState({ items: [], loading: false, error: null });
      return;
    }
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    readAll<T>(path, query, abort.signal).then(
      (items) => setState({ items, loading: false, error: null }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, loading: false, error }));
      },
    );
    return () => abort.abort();
  }, [asked, round]);
  return state;
}
