// The address is the state: a small router on the history API. Any <a href="/…"> is followed without a page load.
import { createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";

/** What travels with an address without being in it. */
export interface Travel {
  /** Cursors of the earlier pages of a list, so that "previous" exists although cursors only lead forward. */
  trail?: string[];
  /** Id of the element to focus instead of the page's title. */
  focus?: string;
  /** Values typed elsewhere that a form takes over. */
  prefill?: Record<string, string>;
}

export interface Place {
  path: string;
  query: URLSearchParams;
  travel: Travel;
  /** Grows with each arrival on another path: the page moves the focus when it changes. 0 on the first load. */
  arrival: number;
}

type Listener = () => void;
const listeners = new Set<Listener>();
let arrival = 0;

function read(): Place {
  const { pathname, search } = window.location;
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname;
  return { path: path || "/", query: new URLSearchParams(search), travel: (window.history.state as Travel | null) ?? {}, arrival };
}

function tell(): void {
  for (const listener of [...listeners]) listener();
}

export interface NavigateOptions {
  replace?: boolean;
  travel?: Travel;
}

/** Goes to an address of the application. Same path: only the query changes, focus and scroll stay. */
export function navigate(href: string, { replace = false, travel = {} }: NavigateOptions = {}): void {
  const before = window.location.pathname;
  window.history[replace ? "replaceState" : "pushState"](travel, "", href);
  if (window.location.pathname !== before) {
    arrival += 1;
    window.scrollTo(0, 0);
  }
  tell();
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== window.location.origin) return;
  if (link.pathname.startsWith("/api/")) return;
  if (link.hash && link.pathname === window.location.pathname && link.search === window.location.search) return;
  event.preventDefault();
  navigate(link.pathname + link.search + link.hash);
}

const PlaceContext = createContext<Place | null>(null);

export function Router({ children }: { children: ComponentChildren }) {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const update = () => setPlace(read());
    const back = () => { arrival += 1; tell(); };
    listeners.add(update);
    window.addEventListener("popstate", back);
    document.addEventListener("click", followLink);
    return () => {
      listeners.delete(update);
      window.removeEventListener("popstate", back);
      document.removeEventListener("click", followLink);
    };
  }, []);
  return <PlaceContext.Provider value={place}>{children}</PlaceContext.Provider>;
}

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error("usePlace outside of Router");
  return place;
}

export type Params = Record<string, string>;

/** Parameters of a path that fits a pattern such as "/o/:slug/members/:id", or null. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params: Params = {};
  for (let i = 0; i < wanted.length; i++) {
    const part = wanted[i] as string;
    const value = given[i] as string;
    if (part.startsWith(":")) {
      if (value === "") return null;
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) {
      return null;
    }
  }
  return params;
}

/** "?a=1&b=2" without the empty values, or "". */
export function search(query: Record<string, string | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) params.set(key, value);
  const text = params.toString();
  return text ? "?" + text : "";
}

/** The query of the address as an object, and a way to change part of it in place. */
export function useQuery(): [Record<string, string>, (change: Record<string, string | null>, options?: NavigateOptions) => void] {
  const { path, query } = usePlace();
  const text = query.toString();
  const current = useMemo(() => Object.fromEntries(new URLSearchParams(text)), [text]);
  const change = (update: Record<string, string | null>, options?: NavigateOptions) =>
    navigate(path + search({ ...current, ...update }), { replace: true, ...options });
  return [current, change];
}
