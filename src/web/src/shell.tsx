// What surrounds every page: skip link, header with the mark, the organisation, the search and the person, navigation, foot.
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { ToDo } from "./model";
import { useI18n } from "./i18n";
import type { Language } from "./i18n";
import { roleNames } from "./lib/names";
import { useGet } from "./lib/query";
import { navigate, search, usePlace } from "./router";
import { useOptionalOrganisation, useSessionState } from "./session";
import type { OrganisationView } from "./session";
import { Mark, Patterns } from "./ui/icons";
import { MAIN_ID } from "./ui/page";

/** Sections of the navigation; a route names the one it belongs to. */
export type NavKey = "home" | "members" | "mine" | "contributions" | "bank" | "entries" | "position" | "history" | "settings";

interface NavItem {
  key: NavKey;
  page: string;
  shown: (organisation: OrganisationView) => boolean;
}

const readsBooks = (organisation: OrganisationView) => organisation.can("read_books");

const NAV: readonly NavItem[] = [
  { key: "home", page: "", shown: () => true },
  { key: "members", page: "members", shown: readsBooks },
  { key: "mine", page: "members/", shown: (organisation) => organisation.memberId !== null && !organisation.can("read_books") },
  { key: "contributions", page: "contributions", shown: (organisation) => organisation.can("read_books") || organisation.memberId !== null },
  { key: "bank", page: "bank", shown: readsBooks },
  { key: "entries", page: "entries", shown: readsBooks },
  { key: "position", page: "fund-position", shown: readsBooks },
  { key: "history", page: "history", shown: (organisation) => organisation.can("audit") },
  { key: "settings", page: "settings", shown: (organisation) => organisation.can("settings") || organisation.can("read_books") },
];

export function Shell({ current, children }: { current?: NavKey | undefined; children: ComponentChildren }) {
  const { t } = useI18n();
  const organisation = useOptionalOrganisation();
  return (
    <>
      <a class="skip" href={"#" + MAIN_ID}>{t.common.skip}</a>
      <Patterns />
      <header class="top">
        <div class="shell top__row">
          <a class="brand" href={organisation ? organisation.href() : "/"}><Mark />{t.common.product}</a>
          {organisation ? <OrganisationName organisation={organisation} /> : null}
          <div class="top__end">
            {organisation?.can("read_books") ? <Search organisation={organisation} /> : null}
            <Who organisation={organisation} />
            {organisation ? <Menu organisation={organisation} current={current} /> : null}
          </div>
        </div>
        {organisation ? (
          <nav class="nav" aria-label={t.nav.main}><NavList organisation={organisation} current={current} shell /></nav>
        ) : <div class="nav nav--empty" />}
      </header>
      <main class="main" id={MAIN_ID} tabIndex={-1}>{children}</main>
      <Foot />
    </>
  );
}

function OrganisationName({ organisation }: { organisation: OrganisationView }) {
  const { t } = useI18n();
  const { session } = useSessionState();
  const several = (session?.memberships.length ?? 0) > 1;
  return <span class="top__org">{organisation.name}{several ? <> <a href="/">{t.shell.switchOrganisation}</a></> : null}</span>;
}

function Who({ organisation }: { organisation: OrganisationView | null }) {
  const { t } = useI18n();
  const { session } = useSessionState();
  if (!session) return null;
  const roles = organisation ? roleNames(organisation.roles, t) : "";
  return <a class="who" href="/account" title={t.shell.account}>{session.me.name}{roles ? ", " + roles : ""}</a>;
}

function Search({ organisation }: { organisation: OrganisationView }) {
  const { t } = useI18n();
  const box = useRef<HTMLInputElement>(null);
  const go = (event: Event) => {
    event.preventDefault();
    const text = box.current?.value.trim() ?? "";
    navigate(organisation.href("members") + search({ q: text }));
    if (box.current) box.current.value = "";
  };
  return (
    <form class="search" role="search" aria-label={t.shell.searchLabel} onSubmit={go}>
      <label class="hide" for="q">{t.shell.searchLabel}</label>
      <input id="q" type="search" ref={box} autocomplete="off" placeholder={t.shell.searchPlaceholder} />
    </form>
  );
}

function NavList({ organisation, current, shell }: { organisation: OrganisationView; current?: NavKey | undefined; shell?: boolean }) {
  const { t } = useI18n();
  const todo = useGet<ToDo>(organisation.can("read_books") ? organisation.path("reports/to-do") : null);
  const waiting = todo.data?.items.find((item) => item.kind.includes("transactions"))?.count ?? 0;
  return (
    <ul class={shell ? "shell" : "menu__list"}>
      {NAV.filter((item) => item.shown(organisation)).map((item) => (
        <li key={item.key}>
          <a href={organisation.href(item.key === "mine" ? item.page + organisation.memberId : item.page)} aria-current={item.key === current ? "page" : undefined}>
            {t.nav[item.key]}
            {item.key === "bank" && waiting > 0 ? <span class="nav__count"><span class="hide">{t.nav.waitingCount(waiting)}</span><span aria-hidden="true">{waiting}</span></span> : null}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Under 960 px the navigation folds into a menu that closes when one leaves it. */
function Menu({ organisation, current }: { organisation: OrganisationView; current?: NavKey | undefined }) {
  const { t } = useI18n();
  const { path } = usePlace();
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => { details.current?.removeAttribute("open"); }, [path]);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !details.current?.open) return;
    details.current.open = false;
    details.current.querySelector("summary")?.focus();
  };
  return (
    <details class="menu" ref={details} onKeyDown={close}>
      <summary>{t.nav.menu}</summary>
      <nav aria-label={t.nav.menu}><NavList organisation={organisation} current={current} /><ul class="menu__more"><li><a href="/account">{t.shell.account}</a></li></ul></nav>
    </details>
  );
}

function Foot() {
  const { t, setLanguage } = useI18n();
  const other = t.shell.otherLanguageCode as Language;
  return (
    <footer class="foot">
      <div class="shell">
        <span>{t.shell.licence}</span>
        <button type="button" class="linklike" lang={other} onClick={() => setLanguage(other)}>{t.shell.otherLanguage}</button>
      </div>
    </footer>
  );
}
