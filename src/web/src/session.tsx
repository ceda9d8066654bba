// Who is signed in, and which organisation is being looked at.
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { ApiError, forgetAll, read, request } from "./client";
import type { Me, Membership, Organisation, Role } from "./model";
import { dateIn } from "./lib/date";
import type { Iso } from "./lib/date";
import { clearDrafts } from "./lib/draft";
import { formatMoney, formatNumber, fromDecimal } from "./lib/money";
import type { Currency } from "./lib/money";
import { useI18n } from "./i18n";

export interface Session {
  me: Me;
  /** Names the person in drafts kept on this device. */
  user: string;
  memberships: Membership[];
}

interface SessionState {
  /** undefined while asking the server, null when nobody is signed in. */
  session: Session | null | undefined;
  /** Why the server could not be asked. */
  failure: unknown;
  refresh: () => Promise<void>;
  signOut: () => Promise<void>;
}

const SessionContext = createContext<SessionState | null>(null);

export async function readSession(): Promise<Session | null> {
  try {
    const { data } = await request<Me>("GET", "/me", { quiet: true });
    return { me: data, user: data.actor, memberships: data.organisations };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [failure, setFailure] = useState<unknown>(null);
  const refresh = useCallback(async () => {
    try {
      const found = await readSession();
      setFailure(null);
      setSession(found);
    } catch (error) {
      setFailure(error);
    }
  }, []);
  const signOut = useCallback(async () => {
    try {
      await request("DELETE", "/sessions/current", { quiet: true });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
    clearDrafts();
    forgetAll();
    setSession(null);
  }, []);
  useEffect(() => {
    // The organisation of the address is asked for beside the session, not after it.
    const slug = /^\/o\/([^/]+)/.exec(window.location.pathname)?.[1];
    if (slug) read("/organisations/" + slug, {}, { quiet: true }).catch(() => {});
    void refresh();
  }, []);
  const value = useMemo(() => ({ session, failure, refresh, signOut }), [session, failure]);
  return <SessionContext.Provider value={value}>{children}</SessionContext.Provider>;
}

export function useSessionState(): SessionState {
  const value = useContext(SessionContext);
  if (!value) throw new Error("useSessionState outside of SessionProvider");
  return value;
}

/** The signed-in person; pages behind the sign-in only. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("useSession without a session");
  return session;
}

// ---- the organisation of the address ----

export interface OrganisationView extends Organisation {
  roles: Role[];
  memberId: string | null;
  money: Currency;
  /** The organisation's calendar date now. */
  today: Iso;
  /** Address of a page: href("members") is /o/<slug>/members. */
  href: (page?: string) => string;
  /** Path of a resource below the organisation, for request and useGet. */
  path: (resource?: string) => string;
  /** May the person read the books; write them; change settings? */
  can: (what: "read_books" | "write_books" | "settings" | "audit") => boolean;
}

const OrganisationContext = createContext<OrganisationView | null>(null);

const MAY: Record<"read_books" | "write_books" | "settings" | "audit", Role[]> = {
  read_books: ["treasurer", "board", "auditor"],
  write_books: ["treasurer"],
  settings: ["administrator"],
  audit: ["treasurer", "board", "auditor", "administrator"],
};

export function organisationView(organisation: Organisation, membership: Membership): OrganisationView {
  const base = "/" + encodeURIComponent(organisation.slug);
  return {
    ...organisation,
    roles: membership.roles as Role[],
    memberId: membership.member_id,
    money: { code: organisation.currency, digits: organisation.currency_digits },
    today: dateIn(organisation.time_zone),
    href: (page = "") => "/o" + base + (page ? "/" + page : ""),
    path: (resource = "") => "/organisations" + base + (resource ? "/" + resource : ""),
    can: (what) => membership.roles.some((role) => MAY[what].includes(role as Role)),
  };
}

export const OrganisationProvider = OrganisationContext.Provider;

export function useOrganisation(): OrganisationView {
  const value = useContext(OrganisationContext);
  if (!value) throw new Error("useOrganisation outside of an organisation's page");
  return value;
}

export function useOptionalOrganisation(): OrganisationView | null {
  return useContext(OrganisationContext);
}

export interface Figures {
  /** "1 250,50 €" from the API's "1250.50" or from minor units. */
  money: (amount: string | bigint) => string;
  /** "1 250,50", for columns whose unit stands in the caption or the total. */
  number: (amount: string | bigint) => string;
  minor: (amount: string) => bigint;
}

/** Amounts in the organisation's currency and the reader's language. */
export function useFigures(): Figures {
  const { money } = useOrganisation();
  const { language } = useI18n();
  const minor = (amount: string) => fromDecimal(amount, money.digits);
  const exact = (amount: string | bigint) => (typeof amount === "bigint" ? amount : minor(amount));
  return {
    money: (amount) => formatMoney(exact(amount), money, language),
    number: (amount) => formatNumber(exact(amount), money.digits, language),
    minor,
  };
}
