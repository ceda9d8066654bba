// Reading from the API in a component: useGet shows what is known at once and brings it up to date.
import { useCallback, useEffect, useState } from "preact/hooks";
import { apiUrl, onForget, read, recall } from "../client";
import type { QueryValues, Reply } from "../client";

export interface Got<T> {
  data: T | undefined;
  etag: string | null;
  /** Why the last read failed; data may still hold the one before. */
  error: unknown;
  loading: boolean;
  reload: () => void;
}

interface State<T> {
  url: string | null;
  reply: Reply<T> | undefined;
  error: unknown;
  loading: boolean;
}

/**
 * Reads a resource; null reads nothing. While another address of the same hook is being read, `data` is undefined
 * unless `keepPrevious` says that the older rows may stay until the new ones are there (lists).
 */
export function useGet<T>(path: string | null, query: QueryValues = {}, options: { keepPrevious?: boolean } = {}): Got<T> {
  const url = path === null ? null : apiUrl(path, query);
  const [state, setState] = useState<State<T>>(() => start<T>(url));
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => onForget(reload), []);
  useEffect(() => {
    if (url === null || path === null) return;
    const known = recall(url);
    if (known?.fresh && round === 0) {
      setState({ url, reply: known.reply as Reply<T>, error: null, loading: false });
      return;
    }
    let left = false;
    setState((before) => ({
      url, error: null, loading: true,
      reply: (known?.reply as Reply<T> | undefined) ?? (before.url === url || options.keepPrevious ? before.reply : undefined),
    }));
    read<T>(path, query).then(
      (reply) => { if (!left) setState({ url, reply, error: null, loading: false }); },
      (error: unknown) => { if (!left) setState((before) => ({ ...before, error, loading: false })); },
    );
    return () => { left = true; };
  }, [url, round]);
  const shown = state.url === url || options.keepPrevious ? state : start<T>(url);
  return { data: shown.reply?.data, etag: shown.reply?.etag ?? null, error: shown.error, loading: shown.loading, reload };
}

function start<T>(url: string | null): State<T> {
  const known = url === null ? undefined : recall(url);
  return { url, reply: known?.reply as Reply<T> | undefined, error: null, loading: url !== null && !known?.fresh };
}
