// What was done, by whom, when and why: the audit events of one request as one sentence, its details folded below.
import { useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { AuditEvent, BankAccount, Collection } from "../model";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { actNames, actorKind, actsOf, afterOf, changesOf, CHANGES, erasedOf, pageOf, SOUGHT, SUBJECTS, subjectOf, valueKind, VISITS } from "../lib/acts";
import type { Act, Change } from "../lib/acts";
import { timeIn } from "../lib/date";
import { useInstants } from "../lib/instant";
import { ALL, useList } from "../lib/list";
import type { List } from "../lib/list";
import { formatMoney } from "../lib/money";
import { useFunds, useMembers, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { useFigures, useOrganisation } from "../session";
import { Button } from "../ui/button";
import { Empty } from "../ui/feedback";
import type { Option } from "../ui/fields";
import { Page, ReadFailure, Waiting } from "../ui/page";
import { ListTools, Pager, withAll } from "../ui/table";
import type { ListFilter } from "../ui/table";

const SHOWN_FIRST = { what: "changes" };

/** Words of a dictionary whose keys the log may not know. */
function word(words: Record<string, string>, key: string | null): string | undefined {
  return key !== null && Object.hasOwn(words, key) ? words[key] : undefined;
}

/** "a enregistré un versement"; `alone`: this event by itself, not the request it belongs to. */
function deed(event: AuditEvent, t: Messages, alone = false): string {
  for (const name of actNames(event, alone)) {
    const said = word(t.history.acts, name);
    if (said) return said;
  }
  const thing = word(t.history.things, event.subject_kind) ?? t.history.otherThing;
  const verbs: Record<string, (thing: string) => string> = t.history.did;
  return verbs[event.action]?.(thing) ?? t.history.didOther(event.action, thing);
}

/** Who did it: a person, a key, the operator, Grenier itself. */
function author(event: AuditEvent, t: Messages): string {
  const kind = actorKind(event.actor);
  if (kind === "system" || kind === "anonymous" || kind === "link") return t.history[kind];
  return event.actor_name ? t.history[kind](event.actor_name) : t.history.unnamed;
}

export function HistoryPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const list = useList<AuditEvent>(organisation.path("audit-events"), {
    filters: ["what", "subject_kind", "subject_id", "actor", "action", "request_id", "from", "to"], sort: "-at", defaults: SHOWN_FIRST, limit: 100,
  });
  const names = useNames();
  const { subject, name, id } = useSubject(list, names);
  const href = pageOf(subject, id);
  const request = list.value("request_id");
  const thing = name || (subject ? word(t.history.things, subject) : undefined);
  const title = id ? (thing ? t.history.titleOf(thing) : t.history.titleOne) : request ? t.history.titleRequest : t.history.title;
  const narrowed = id || request;
  return (
    <Page title={title} lead={request && !id ? t.history.leadRequest : t.history.lead}
      {...(narrowed ? { crumbs: [{ label: t.history.title, href: organisation.href("history") }, { label: title }] } : {})}
      actions={narrowed ? <>{href ? <a class="btn" href={organisation.href(href)}>{t.history.see}</a> : null}
        <a class="btn" href={organisation.href("history")}>{t.history.whole}</a></> : null}>
      <Tools list={list} />
      <Acts list={list} names={names} />
    </Page>
  );
}

/** What the address narrows the history to, if it does: its kind and, when it has one, its name. */
function useSubject(list: List<AuditEvent>, names: Names): { subject: string | null; id: string; name: string } {
  const id = list.value("subject_id");
  const events = list.items ?? [];
  const subject = list.value("subject_kind") || events[0]?.subject_kind || null;
  const named = events.map((event) => afterOf(event, "name")).find(Boolean);
  return { id, subject, name: id ? names.of(subject, id) ?? named ?? "" : "" };
}

// ---- filters ----

function Tools({ list }: { list: List<AuditEvent> }) {
  const { t } = useI18n();
  const people = usePeople(list);
  const what = list.value("what");
  const actions = [...(what === "access" ? [] : CHANGES), ...(what === "changes" ? [] : VISITS)];
  const subjects = list.value("subject_kind") && !(SOUGHT as string[]).includes(list.value("subject_kind")) ? SUBJECTS : SOUGHT;
  const filters: ListFilter[] = [
    { name: "what", label: t.history.show, options: [
      { value: "changes", label: t.history.changesOnly }, { value: "access", label: t.history.visitsOnly }, { value: ALL, label: t.history.everything },
    ] },
    { name: "subject_kind", label: t.history.what, options: withAll(t.history.anything, subjects.map((one) => ({ value: one, label: t.history.subjects[one] }))) },
    { name: "action", label: t.history.action, options: withAll(t.history.anyAction, actions.map((one) => ({ value: one, label: t.history.actions[one] }))) },
    { name: "actor", label: t.history.person, options: withAll(t.history.anyone, people) },
    { name: "from", label: t.list.from, date: true },
    { name: "to", label: t.list.to, date: true },
    { name: "sort", label: t.history.order, options: [{ value: "-at", label: t.history.latestFirst }, { value: "at", label: t.history.oldestFirst }] },
  ];
  // An action that the other choice has not would leave an empty list that nothing explains; the order is no filter of the API.
  const tools: List<AuditEvent> = {
    ...list,
    value: (name) => (name === "sort" ? list.sort : list.value(name)),
    set: (change) => {
      if (change["sort"]) list.sortBy(change["sort"]);
      else list.set("what" in change ? { ...change, action: null } : change);
    },
  };
  return <ListTools list={tools} filters={filters} />;
}

/** People and keys seen on the pages looked at so far: the log has no list of them. */
function usePeople(list: List<AuditEvent>): Option[] {
  const { t } = useI18n();
  const seen = useRef(new Map<string, string>());
  for (const event of list.items ?? []) seen.current.set(event.actor, author(event, t));
  const chosen = list.value("actor");
  if (chosen && !seen.current.has(chosen)) seen.current.set(chosen, t.history.unnamed);
  return [...seen.current].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label));
}

// ---- names of what ids stand for ----

interface Names {
  /** Name of a thing of that kind; undefined when it has none or it is not known here. */
  of: (subject: string | null, id: string) => string | undefined;
  account: (id: string | null) => BankAccount | undefined;
}

function useNames(): Names {
  const organisation = useOrganisation();
  const books = organisation.can("read_books");
  const members = useMembers();
  const funds = useFunds();
  const projects = useProjects();
  const accounts = useGet<Collection<BankAccount>>(books ? organisation.path("bank-accounts") : null).data?.items ?? [];
  const account = (id: string | null) => accounts.find((one) => one.id === id);
  return {
    account,
    of: (subject, id) => {
      switch (subject) {
        case "member": return members.find(id)?.name;
        case "fund": return funds.find((one) => one.id === id)?.name;
        case "project": return projects.find((one) => one.id === id)?.name;
        case "bank_account": return account(id)?.name;
        case "organisation": return organisation.name;
        default: return undefined;
      }
    },
  };
}

// ---- the acts, day by day ----

function Acts({ list, names }: { list: List<AuditEvent>; names: Names }) {
  const { t, date } = useI18n();
  const { day } = useInstants();
  const { items } = list;
  if (list.error && !items) return <ReadFailure error={list.error} retry={list.reload} />;
  if (!items) return <Waiting />;
  if (items.length === 0 && !list.hasPrevious) {
    return list.filtered ? <div class="empty" role="status"><p>{t.list.nothingFound}</p><Button small onClick={list.clear}>{t.list.clear}</Button></div>
      : <Empty title={t.history.empty} />;
  }
  const days: [string, Act[]][] = [];
  for (const act of actsOf(items)) {
    const on = day(act.main.at);
    const last = days[days.length - 1];
    if (last?.[0] === on) last[1].push(act);
    else days.push([on, [act]]);
  }
  const part = Boolean(list.value("subject_kind") || list.value("subject_id"));
  return (
    <div class={list.loading ? "is-stale" : undefined} aria-busy={list.loading ? "true" : undefined}>
      {list.error ? <ReadFailure error={list.error} retry={list.reload} /> : null}
      {days.map(([on, acts]) => (
        <section key={on} class="block" aria-labelledby={"day-" + on}>
          <div class="block__head"><h2 id={"day-" + on}><time dateTime={on}>{date(on)}</time></h2></div>
          <ol class="plain acted">{acts.map((act) => <ActItem key={act.key} act={act} names={names} part={part} />)}</ol>
        </section>
      ))}
      <Pager list={list} />
    </div>
  );
}

function ActItem({ act, names, part }: { act: Act; names: Names; part: boolean }) {
  const { t, language } = useI18n();
  const organisation = useOrganisation();
  const { main } = act;
  const said = deed(main, t);
  const about = useAbout(act, names);
  const page = main.action === "delete" ? null : pageOf(main.subject_kind, main.subject_id);
  const { hour, minute } = timeIn(organisation.time_zone, new Date(main.at));
  const clock = new Date(Date.UTC(2000, 0, 1, hour, minute)).toLocaleTimeString(language, { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });
  const told = act.events.some((event) => (event.columns ?? []).length > 0);
  return (
    <li class="acted__one">
      <time class="acted__at soft small" dateTime={main.at}>{clock}</time>
      <div>
        <p><strong>{author(main, t)}</strong> {page ? <a href={organisation.href(page)}>{said}</a> : said}</p>
        {about ? <p class="small">{about}</p> : null}
        {act.reason ? <p class="small">{t.history.because(act.reason)}</p> : null}
        {told ? (
          <details>
            <summary>{t.history.details(act.events.length)}<span class="hide">{", " + [said, about].filter(Boolean).join(", ")}</span></summary>
            {act.events.map((event) => <EventDetails key={event.id} event={event} names={names} titled={act.events.length > 1} about={about} />)}
            {part && main.request_id ? <p class="small gap-s"><a href={organisation.href(`history?request_id=${main.request_id}&what=${ALL}`)}>{t.history.wholeRequest}</a></p> : null}
            <Technical act={act} said={said} />
          </details>
        ) : null}
      </div>
    </li>
  );
}

/** The thing in a few words: name, person, amount, day; of a change, which columns. */
function useAbout(act: Act, names: Names): string {
  const { t, date } = useI18n();
  const { money } = useFigures();
  const { main } = act;
  if (act.count > 1) return t.history.count(act.count, word(t.history.many, main.subject_kind) ?? t.history.otherThing);
  const after = (...columns: string[]) => columns.map((column) => afterOf(main, column)).find((value) => value !== null) ?? null;
  const member = after("member_id") ?? partOf(act, "member_id");
  const journal = after("journal_code");
  const number = after("number");
  const amount = main.subject_kind === "fund" ? null : after("amount", "value");
  const on = after("received_on", "given_on", "date");
  const role = after("role");
  const lines = after("new_transactions");
  const parts = [
    after("name", "donor_name", "title", "label", "file_name") ?? (main.subject_id ? names.of(main.subject_kind, main.subject_id) : undefined),
    member ? names.of("member", member) : undefined,
    main.subject_kind === "entry" && journal && number ? t.history.entryName(journal, number) : undefined,
    role ? word(t.enums.role, role) : undefined,
    amount ? money(BigInt(amount)) : undefined,
    on ? date(on, "short") : undefined,
    lines ? t.history.statementLines(Number(lines)) : undefined,
    /_update$/.test(actNames(main)[0] ?? "") ? changesOf(main).filter((change) => valueKind(change.column) !== "technical").map(({ column }) => word(t.history.columns, column) ?? column).join(", ") : undefined,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** A column of the events that follow from the main one: whom a match is about. */
function partOf(act: Act, column: string): string | null {
  const found = new Set(act.events.map((event) => afterOf(event, column)).filter((value) => value !== null));
  return found.size === 1 ? [...found][0] ?? null : null;
}

// ---- what an event changed ----

function EventDetails({ event, names, titled, about }: { event: AuditEvent; names: Names; titled: boolean; about: string }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const said = deed(event, t, true);
  const page = event.action === "delete" ? null : pageOf(event.subject_kind, event.subject_id);
  const rows = changesOf(event).filter((change) => valueKind(change.column) !== "technical" && word(t.history.columns, change.column) !== undefined);
  const erased = erasedOf(event);
  const named = word(t.history.linked, event.subject_kind);
  return (
    <div class="gap-s">
      {titled ? <h3 class="acted__part">{said}</h3> : null}
      {rows.length + erased.length > 0 ? <Values event={event} rows={rows} erased={erased} names={names} caption={t.history.detailsOf([said, about].filter(Boolean).join(", "))} /> : null}
      <p class="row small acted__links">
        {page && named ? <a href={organisation.href(page)}>{named}</a> : null}
        {event.subject_id && event.subject_kind && event.subject_kind !== "match_part" && event.subject_kind !== "user"
          ? <a href={organisation.href(`history?subject_kind=${event.subject_kind}&subject_id=${event.subject_id}`)}>{t.history.onlyThis}</a> : null}
      </p>
    </div>
  );
}

function Values({ event, rows, erased, names, caption }: { event: AuditEvent; rows: Change[]; erased: string[]; names: Names; caption: string }) {
  const { t } = useI18n();
  // Of what is new there is no before, of what is gone no after.
  const both = event.action !== "insert" && event.action !== "delete";
  const label = (column: string) => word(t.history.columns, column) ?? column;
  return (
    <div class="scroll" role="group" aria-label={caption} tabIndex={0}>
      <table class="table table--dense acted__values">
        <caption class="hide">{caption}</caption>
        <thead><tr>
          <th scope="col">{t.history.column}</th>
          {both ? <><th scope="col">{t.history.before}</th><th scope="col">{t.history.after}</th></> : <th scope="col">{t.history.value}</th>}
        </tr></thead>
        <tbody>
          {rows.map((change) => (
            <tr key={change.column}>
              <th scope="row">{label(change.column)}</th>
              {both || event.action === "delete" ? <td><Value event={event} column={change.column} value={change.before} names={names} /></td> : null}
              {both || event.action === "insert" ? <td><Value event={event} column={change.column} value={change.after} names={names} /></td> : null}
            </tr>
          ))}
          {erased.map((column) => <tr key={column}><th scope="row">{label(column)}</th><td colSpan={both ? 2 : 1} class="soft">{t.history.erased}</td></tr>)}
        </tbody>
      </table>
    </div>
  );
}

/** Words for the values of an enumerated column; what "kind" and "status" mean depends on the thing. */
function enumeration(subject: string | null, column: string, t: Messages): Record<string, string> {
  switch (column) {
    case "legal_form":
    case "donor_legal_form": return t.enums.legalForm;
    case "nature": return t.enums.nature;
    case "means": return t.enums.means;
    case "role": return t.enums.role;
    case "status": return t.enums.contributionStatus;
    case "act": return t.bank.acts;
    case "kind": return subject === "fund" ? t.enums.fundKind : subject === "in_kind_contribution" ? t.enums.inKind : subject === "match_part" ? t.bank.kinds : {};
    default: return {};
  }
}

function Value({ event, column, value, names }: { event: AuditEvent; column: string; value: string | null; names: Names }): ComponentChildren {
  const { t, date, language } = useI18n();
  const { moment } = useInstants();
  const { money } = useFigures();
  const organisation = useOrganisation();
  if (value === null || value === "") return <span class="soft">{t.history.nothing}</span>;
  switch (valueKind(column)) {
    case "money": {
      // A statement may be in another currency than the books; its figures are in that one's units.
      const account = event.subject_kind === "bank_statement" ? names.account(afterOf(event, "bank_account_id")) : undefined;
      const foreign = account !== undefined && account.currency !== organisation.currency;
      return <span class="nowrap">{foreign ? formatMoney(BigInt(value), { code: account.currency, digits: digitsOf(account) }, language) : money(BigInt(value))}</span>;
    }
    case "date": return <time dateTime={value}>{date(value)}</time>;
    case "instant": return <time dateTime={value}>{moment(value)}</time>;
    case "boolean": return value === "true" ? t.history.yes : t.common.no;
    case "decimal": return language === "fr" ? value.replace(".", ",") : value;
    case "word": return word(enumeration(event.subject_kind, column, t), value) ?? value;
    case "lines": return <Lines value={value} amountOf={money} />;
    case "link": return <Reference column={column} id={value} names={names} />;
    default: return <span class="raw">{value}</span>;
  }
}

/** Decimals of a foreign account's currency, as the amounts of the API show them. */
function digitsOf(account: BankAccount): number {
  return (account.bank_balance ?? account.unmatched_amount).split(".")[1]?.length ?? 0;
}

function Reference({ column, id, names }: { column: string; id: string; names: Names }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const subject = subjectOf(column);
  const name = names.of(subject ?? column.replace(/_id$/, ""), id);
  const page = pageOf(subject, id);
  if (page) return <a href={organisation.href(page)}>{name ?? word(t.history.linked, subject) ?? id}</a>;
  return name ? <>{name}</> : <code class="raw">{id}</code>;
}

/** A draft's lines, kept as JSON (debit above zero, credit below), or the text itself if it is of another shape. */
function Lines({ value, amountOf }: { value: string; amountOf: (amount: bigint) => string }) {
  const { t } = useI18n();
  const lines = readLines(value);
  if (!lines) return <code class="raw">{value}</code>;
  return (
    <ul class="plain">{lines.map(({ account, amount }, index) => (
      <li key={index}>{t.history.line(account, amount < 0n ? t.ledger.credit : t.ledger.debit, amountOf(amount < 0n ? -amount : amount))}</li>
    ))}</ul>
  );
}

function readLines(value: string): { account: string; amount: bigint }[] | null {
  try {
    const found = JSON.parse(value) as { account?: unknown; amount?: unknown }[];
    return found.map(({ account, amount }) => {
      if (typeof account !== "string" || !Number.isSafeInteger(amount)) throw new TypeError(value);
      return { account, amount: BigInt(amount as number) };
    });
  } catch {
    return null;
  }
}

/** Identifiers and what only programs read: for whoever must prove something. */
function Technical({ act, said }: { act: Act; said: string }) {
  const { t } = useI18n();
  const { main } = act;
  const facts: [string, string | null][] = [[t.history.actor, main.actor], [t.history.route, main.route], [t.history.request, main.request_id]];
  return (
    <details>
      <summary>{t.history.technical}<span class="hide">{", " + said}</span></summary>
      <dl class="facts raw">
        {facts.map(([label, value]) => (value ? <div key={label} class="facts__row"><dt>{label}</dt><dd>{value}</dd></div> : null))}
        {act.events.map((event) => (
          <div key={event.id} class="facts__row">
            <dt>{t.history.event(event.id)}</dt>
            <dd>{[event.action, event.subject_kind, event.subject_id].filter(Boolean).join(" ")}
              {changesOf(event).filter(({ column }) => valueKind(column) === "technical" || word(t.history.columns, column) === undefined)
                .map(({ column, before, after }) => <div key={column}>{`${column}: ${[before, after].filter((one) => one !== null).join(" → ")}`}</div>)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
