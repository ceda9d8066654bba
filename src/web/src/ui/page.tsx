// What every page is made of: title, crumbs, actions; sections under a heavy rule; waiting and failing.
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { ApiError, ConnectionLost } from "../client";
import { failureOf } from "../lib/form";
import { useI18n } from "../i18n";
import { unmarked } from "../i18n/typography";
import { usePlace } from "../router";
import { useOptionalOrganisation } from "../session";
import { setPrintMargins } from "../lib/print";

export interface Crumb {
  label: string;
  href?: string;
}

export interface PageProps {
  title: string;
  /** Under the title: one sentence. */
  lead?: ComponentChildren;
  crumbs?: Crumb[];
  /** Buttons at the right of the title. */
  actions?: ComponentChildren;
  /** Said in the window's title when it differs, for instance "Erreur : …". */
  windowTitle?: string;
  /** A document's width, for reports. */
  narrow?: boolean;
  children?: ComponentChildren;
}

export const MAIN_ID = "contenu";

export function Page({ title, lead, crumbs, actions, windowTitle, narrow, children }: PageProps) {
  const { t, language } = useI18n();
  const { arrival, travel } = usePlace();
  const organisation = useOptionalOrganisation();
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = unmarked(windowTitle ?? title);
  useEffect(() => {
    document.title = [shown, organisation?.name, t.common.product].filter(Boolean).join(" · ");
    if (organisation) setPrintMargins(organisation.name + " · " + shown, t.common.printedPage);
  }, [shown, organisation?.name, language]);
  useEffect(() => {
    if (arrival === 0 && !travel.focus) return;
    const wanted = travel.focus ? document.getElementById(travel.focus) : null;
    if (wanted) wanted.focus();
    else if (!document.activeElement?.closest("main")) heading.current?.focus({ preventScroll: true });
  }, [arrival]);
  return (
    <div class={narrow ? "shell doc" : "shell"}>
      {crumbs ? <Crumbs items={crumbs} /> : null}
      <div class="head">
        <div>
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {lead ? <p>{lead}</p> : null}
        </div>
        {actions ? <div class="row noprint">{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}

function Crumbs({ items }: { items: Crumb[] }) {
  const { t } = useI18n();
  return (
    <nav aria-label={t.common.crumbs} class="noprint">
      <ol class="crumbs">
        {items.map(({ label, href }) => <li key={label}>{href ? <a href={href}>{label}</a> : <span aria-current="page">{label}</span>}</li>)}
      </ol>
    </nav>
  );
}

/** A part of a page, under a heavy rule. */
export function Section({ id, title, aside, children }: { id: string; title: string; aside?: ComponentChildren; children?: ComponentChildren }) {
  return (
    <section class="block" aria-labelledby={id}>
      <div class="block__head"><h2 id={id}>{title}</h2>{aside}</div>
      {children}
    </section>
  );
}

/** While a page's data is on its way: said to screen readers, shown after a moment. */
export function Waiting() {
  const { t } = useI18n();
  return <p class="waiting" role="status">{t.common.loading}</p>;
}

/** A read that failed, with a way to try again. */
export function ReadFailure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useI18n();
  if (error instanceof ApiError && error.status === 404) {
    return <Note tone="warn" title={t.failure.notFoundTitle}>{t.failure.notFoundDetail}</Note>;
  }
  if (error instanceof ApiError && error.status === 403) {
    return <Note tone="warn" title={t.failure.forbiddenTitle}>{error.problem.detail ?? t.failure.forbiddenDetail}</Note>;
  }
  const { title, detail } = error instanceof ConnectionLost
    ? { title: t.failure.offlineTitle, detail: t.failure.offlineDetail } : failureOf(error, t.failure);
  return (
    <Note tone="bad" title={title} live>
      {detail}
      {retry ? <p class="gap-s"><button type="button" class="btn btn--s" onClick={retry}>{t.common.retry}</button></p> : null}
    </Note>
  );
}

export type Tone = "info" | "ok" | "warn" | "bad";

export function Note({ tone = "info", title, live, children }: { tone?: Tone; title?: string; live?: boolean; children?: ComponentChildren }) {
  return (
    <div class={tone === "info" ? "note" : "note note--" + tone} role={live ? "status" : undefined}>
      {title ? <strong>{title}</strong> : null}
      <div>{children}</div>
    </div>
  );
}

/** Shows what was read, or that it is being read, or why it could not be. */
export function Loaded<T>({ got, children }: {
  got: { data: T | undefined; error: unknown; loading: boolean; reload: () => void };
  children: (data: T) => ComponentChildren;
}) {
  if (got.error && !got.data) return <ReadFailure error={got.error} retry={got.reload} />;
  if (got.data === undefined) return <Waiting />;
  return <>{got.error ? <ReadFailure error={got.error} retry={got.reload} /> : null}{children(got.data)}</>;
}
