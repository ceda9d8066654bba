// Matching side by side: at the left the bank's lines, at the right what the chosen one may be. Wholly by keyboard: arrows
// go from line to line, Enter accepts. On a phone the list and the line take turns.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { newKey, request } from "../client";
import type { BankAccount, BankMatch, BankMatchCreate, BankTransaction, Collection, Suggestion } from "../model";
import { Rich, useI18n } from "../i18n";
import {
  certainty,
  digitsOf,
  explainsAll,
  lineName,
  lineText,
  suggestionBody,
  suggestionWords,
  useBankMoney,
  useNaming,
} from "../lib/bank";
import { failureOf } from "../lib/form";
import type { Failure } from "../lib/form";
import { formatMoney, fromDecimal } from "../lib/money";
import { useGet } from "../lib/query";
import { search, useQuery } from "../router";
import { useFigures, useOrganisation } from "../session";
import { BankAmount, BankNav, CertaintyBadge, useBankAccounts } from "../ui/bank";
import { Button } from "../ui/button";
import { useToast } from "../ui/feedback";
import { Figures } from "../ui/ledger";
import { Loaded, Note, Page, ReadFailure, Waiting } from "../ui/page";
import { FilterSelect, FilterText, Pager } from "../ui/table";
import { ConfirmAccountDialog } from "./bank";
import { Compose } from "./bank-compose";

const SORTS = ["-booked_on", "booked_on", "-amount", "amount", "certainty"] as const;
const PAGE = 50;
/** Below it the list and the line take turns; the same width as in the stylesheet. */
const NARROW = "(max-width: 59.99rem)";

export function BankMatchPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const [query, change] = useQuery();
  const account = query["bank_account_id"] ?? "";
  const sort = query["sort"] ?? SORTS[0];
  const got = useGet<Collection<BankTransaction>>(
    organisation.path("bank-transactions"),
    {
      status: "unmatched",
      bank_account_id: account,
      q: query["q"] ?? "",
      sort: sort === "certainty" ? SORTS[0] : sort,
      limit: PAGE,
      after: query["after"] ?? "",
    },
    { keepPrevious: true },
  );
  const accounts = useBankAccounts();
  const lines = useMemo(() => sorted(got.data?.items ?? [], sort), [got.data, sort]);
  const picked = query["line"] ?? "";
  const current = lines.find((line) => line.id === picked) ?? (got.loading && picked ? undefined : lines[0]);
  return (
    <Page
      title={t.bankMatch.title}
      lead={t.bankMatch.lead}
      actions={
        organisation.can("write_books") ? (
          <a class="btn" href={organisation.href("bank/import")}>
            {t.bank.importButton}
          </a>
        ) : null
      }
    >
      <div class={picked ? "picked" : undefined}>
        <BankNav current="match" />
        <Loaded got={accounts}>{({ items }) => <Balances accounts={items} chosen={account} />}</Loaded>
        {got.error && !got.data ? (
          <ReadFailure error={got.error} retry={got.reload} />
        ) : !got.data ? (
          <Waiting />
        ) : lines.length === 0 && !query["after"] ? (
          <Done accounts={accounts.data?.items ?? []} account={account} filtered={Boolean(query["q"])} />
        ) : (
          <div class={picked ? "match match--picked" : "match"}>
            <List
              lines={lines}
              current={current}
              more={Boolean(got.data.next) || Boolean(query["after"])}
              sort={sort}
              accounts={accounts.data?.items ?? []}
              next={got.data.next}
              change={change}
              loading={got.loading}
            />
            {current ? (
              <Panel
                key={current.id}
                line={current}
                lines={lines}
                accounts={accounts.data?.items ?? []}
                back={() => change({ line: null })}
              />
            ) : (
              <Waiting />
            )}
          </div>
        )}
      </div>
    </Page>
  );
}

function sorted(lines: readonly BankTransaction[], sort: string): BankTransaction[] {
  if (sort !== "certainty") return [...lines];
  return [...lines].sort((a, b) => (b.suggestions[0]?.score ?? 0) - (a.suggestions[0]?.score ?? 0));
}

// ---- what the bank says, what the books say ----

function Balances({ accounts, chosen }: { accounts: readonly BankAccount[]; chosen: string }) {
  const { t, date, language } = useI18n();
  const organisation = useOrganisation();
  const counted = accounts.filter(
    (account) => account.status === "confirmed" && (!chosen || account.id === chosen) && account.bank_balance !== null,
  );
  if (counted.length === 0) return null;
  const { digits } = organisation.money;
  const sum = (pick: (account: BankAccount) => string | null) =>
    counted.reduce((total, account) => total + fromDecimal(pick(account) ?? formatZero(digits), digits), 0n);
  const say = (minor: bigint) => formatMoney(minor, organisation.money, language);
  const difference = sum((account) => account.difference);
  const days = new Set(counted.map((account) => account.balance_on));
  const on = days.size === 1 && counted[0]?.balance_on ? t.bank.onDay(date(counted[0].balance_on)) : undefined;
  const sub = on ? { sub: on } : {};
  return (
    <Figures
      four
      items={[
        { label: t.bank.bankBalance, value: say(sum((account) => account.bank_balance)), ...sub },
        { label: t.bank.ledgerBalance, value: say(sum((account) => account.ledger_balance)), ...sub },
        { label: t.bank.difference, value: say(difference), negative: difference !== 0n },
        {
          label: t.bank.unmatched,
          value: t.bank.unmatchedCount(counted.reduce((total, account) => total + account.unmatched_count, 0)),
        },
      ]}
    />
  );
}

function formatZero(digits: number): string {
  return digits ? "0." + "0".repeat(digits) : "0";
}

// ---- nothing left ----

function Done({
  accounts,
  account,
  filtered,
}: {
  accounts: readonly BankAccount[];
  account: string;
  filtered: boolean;
}) {
  const { t, date, language } = useI18n();
  const organisation = useOrganisation();
  const [, change] = useQuery();
  const counted = accounts.filter(
    (one) => one.status === "confirmed" && (!account || one.id === account) && one.balance_on !== null,
  );
  if (filtered)
    return (
      <div class="empty">
        <p>{t.bankMatch.doneFiltered}</p>
        <Button onClick={() => change({ q: null })}>{t.list.clear}</Button>
      </div>
    );
  const days = counted.map((one) => one.balance_on ?? "").sort();
  const { digits } = organisation.money;
  const difference = counted.reduce((sum, one) => sum + fromDecimal(one.difference ?? formatZero(digits), digits), 0n);
  if (!days[0]) {
    return (
      <div class="empty">
        <h2>{t.bankMatch.doneNever}</h2>
        <p>{t.bankMatch.doneNeverDetail}</p>
        {organisation.can("write_books") ? (
          <a class="btn" href={organisation.href("bank/import")}>
            {t.bank.importButton}
          </a>
        ) : null}
      </div>
    );
  }
  return (
    <div class="done" role="status">
      <h2>{t.bankMatch.doneTitle(date(days[0]))}</h2>
      <p>
        {difference === 0n ? (
          t.bankMatch.doneAgree
        ) : (
          <Rich text={t.bankMatch.doneDiffer(formatMoney(difference, organisation.money, language))} />
        )}
      </p>
      <p class="row">
        <a class="btn" href={organisation.href("fund-position")}>
          {t.bankMatch.toPosition}
        </a>
        <a href={organisation.href("bank/lines")}>{t.bankMatch.toLines}</a>
      </p>
    </div>
  );
}

// ---- the list ----

const lineElement = (id: string) => "line-" + id;

interface ListProps {
  lines: readonly BankTransaction[];
  current: BankTransaction | undefined;
  more: boolean;
  sort: string;
  accounts: readonly BankAccount[];
  next: string | null;
  change: ReturnType<typeof useQuery>[1];
  loading: boolean;
}

function List({ lines, current, more, sort, accounts, next, change, loading }: ListProps) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const [query] = useQuery();
  const [trail, setTrail] = useState<string[]>([]);
  const accept = useAccept(lines);
  const move = (event: KeyboardEvent) => {
    const at = lines.findIndex((line) => line.id === current?.id);
    const to =
      event.key === "ArrowDown"
        ? lines[at + 1]
        : event.key === "ArrowUp"
          ? lines[at - 1]
          : event.key === "Home"
            ? lines[0]
            : event.key === "End"
              ? lines[lines.length - 1]
              : undefined;
    if (to) {
      event.preventDefault();
      change({ line: to.id });
      document.getElementById(lineElement(to.id))?.focus();
      return;
    }
    const best = current?.suggestions[0];
    if (
      event.key !== "Enter" ||
      !current ||
      (event.target as HTMLElement).id !== lineElement(current.id) ||
      window.matchMedia(NARROW).matches
    )
      return;
    event.preventDefault();
    if (best && organisation.can("write_books") && explainsAll(best, current) && certainty(best) !== "possible")
      void accept.go(current, suggestionBody(best));
    else document.getElementById("panel-title")?.focus();
  };
  const options = [
    { value: "", label: t.bankMatch.allAccounts },
    ...accounts.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <section class="block match__list" aria-labelledby="match-list">
      <div class="block__head">
        <h2 id="match-list" tabIndex={-1}>
          {more ? t.bankMatch.listPart(lines.length) : t.bankMatch.list(lines.length)}
        </h2>
      </div>
      <form
        class="tools tools__filters"
        role="search"
        aria-label={t.bankMatch.filter}
        onSubmit={(event) => event.preventDefault()}
      >
        <FilterText
          value={query["q"] ?? ""}
          onValue={(text) => change({ q: text || null, after: null, line: null })}
          filter={{ name: "q", label: t.bankMatch.filter }}
        />
        <FilterSelect
          value={sort}
          onValue={(value) => change({ sort: value === SORTS[0] ? null : value, after: null, line: null })}
          filter={{
            name: "sort",
            label: t.bankMatch.sort,
            options: SORTS.map((value) => ({ value, label: t.bankMatch.sorts[value] })),
          }}
        />
        {accounts.length > 1 ? (
          <FilterSelect
            value={query["bank_account_id"] ?? ""}
            onValue={(id) => change({ bank_account_id: id || null, after: null, line: null })}
            filter={{ name: "bank_account_id", label: t.bankMatch.account, options }}
          />
        ) : null}
      </form>
      {accept.failure ? (
        <Note tone="bad" title={accept.failure.title} live>
          {accept.failure.detail}
        </Note>
      ) : null}
      <ul
        class={loading || accept.busy ? "txs plain scroll--edge is-stale" : "txs plain scroll--edge"}
        aria-busy={loading || accept.busy ? "true" : undefined}
        onKeyDown={move}
      >
        {lines.map((line) => (
          <Line key={line.id} line={line} current={line.id === current?.id} />
        ))}
      </ul>
      <p class="small soft gap-s only-wide">{t.bankMatch.keys("↓", "↑", t.bankMatch.keyEnter)}</p>
      {more ? (
        <Pager
          list={{
            items: [...lines],
            hasNext: Boolean(next),
            hasPrevious: Boolean(query["after"]),
            next: () => {
              setTrail([...trail, query["after"] ?? ""]);
              change({ after: next, line: null });
            },
            previous: () => {
              change({ after: trail[trail.length - 1] || null, line: null });
              setTrail(trail.slice(0, -1));
            },
          }}
        />
      ) : null}
    </section>
  );
}

function Line({ line, current }: { line: BankTransaction; current: boolean }) {
  const { t, date } = useI18n();
  const [query] = useQuery();
  const organisation = useOrganisation();
  const others = line.suggestions.length - 1;
  return (
    <li>
      <a
        class="tx"
        id={lineElement(line.id)}
        href={organisation.href("bank/match") + search({ ...query, line: line.id })}
        tabIndex={current ? 0 : -1}
        aria-current={current ? "true" : undefined}
      >
        <time dateTime={line.booked_on}>{date(line.booked_on, "short").slice(0, 5)}</time>
        <b>{lineName(line, t)}</b>
        <b class="num">
          <BankAmount amount={line.amount} currency={line.currency} />
        </b>
        <span class="raw">{lineText(line)}</span>
        <span class="hintline">
          <CertaintyBadge suggestion={line.suggestions[0]} />
          {others > 0 ? <span class="xs soft"> {t.bankMatch.others(others + 1)}</span> : null}
        </span>
      </a>
    </li>
  );
}

// ---- accepting ----

interface Accept {
  busy: boolean;
  failure: Failure | null;
  go: (line: BankTransaction, body: BankMatchCreate) => Promise<void>;
}

/** Books and matches in one act, says so, and goes to the next line. */
export function useAccept(lines: readonly BankTransaction[]): Accept {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const key = useRef({ of: "", value: "" });
  const after = useAccepted(lines);
  const go = async (line: BankTransaction, body: BankMatchCreate) => {
    const of = line.id + JSON.stringify(body);
    // The same key for every try of the same act: a retry after a lost connection books once.
    if (key.current.of !== of) key.current = { of, value: newKey() };
    setBusy(true);
    setFailure(null);
    try {
      await request<BankMatch>("POST", organisation.path(`bank-transactions/${line.id}/matches`), {
        body,
        key: key.current.value,
      });
      after(line);
    } catch (error) {
      setFailure(failureOf(error, t.failure));
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, go };
}

/** What follows once a line is matched: the message with its way back, and the next line. */
export function useAccepted(lines: readonly BankTransaction[]): (line: BankTransaction) => void {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const money = useBankMoney();
  const toast = useToast();
  const [, change] = useQuery();
  return (line) => {
    const at = lines.findIndex((one) => one.id === line.id);
    const next = lines[at + 1] ?? lines[at - 1];
    toast(t.bankMatch.accepted(lineName(line, t), money(line.amount, line.currency)), {
      label: t.bankMatch.undo,
      href: organisation.href("bank/lines/" + line.id),
    });
    change({ line: next ? next.id : null });
    const narrow = window.matchMedia(NARROW).matches;
    requestAnimationFrame(() => {
      const target = next ? document.getElementById(narrow ? "panel-title" : lineElement(next.id)) : null;
      (target ?? document.querySelector<HTMLElement>("main h1"))?.focus();
    });
  };
}

// ---- the line ----

interface PanelProps {
  line: BankTransaction;
  lines: readonly BankTransaction[];
  accounts: readonly BankAccount[];
  back: () => void;
}

function Panel({ line, lines, accounts, back }: PanelProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const [query] = useQuery();
  const accept = useAccept(lines);
  const accepted = useAccepted(lines);
  const heading = useRef<HTMLHeadingElement>(null);
  // null: the suggestions; else what the composition starts from.
  const [composing, setComposing] = useState<{ from: Suggestion | null } | null>(
    line.suggestions.length ? null : { from: null },
  );
  const [confirming, setConfirming] = useState(false);
  const account = accounts.find((one) => one.id === line.bank_account_id);
  const at = lines.findIndex((one) => one.id === line.id);
  useEffect(() => {
    if (query["line"] && window.matchMedia(NARROW).matches) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }, []);
  return (
    <section class="block match__panel" aria-labelledby="panel-title">
      <p class="only-narrow gap-below">
        <button type="button" class="linklike" onClick={back}>
          ‹ {t.bankMatch.back}
        </button>
      </p>
      <div class="block__head">
        <h2 id="panel-title" tabIndex={-1} ref={heading}>
          {lineName(line, t)}, <BankAmount amount={line.amount} currency={line.currency} />
        </h2>
        <span class="small soft">{t.bankMatch.position(at + 1, lines.length, date(line.booked_on, "day"))}</span>
      </div>
      <Raw line={line} />
      {account?.status === "unconfirmed" ? (
        <div class="gap">
          <Note tone="warn">
            {t.bankMatch.unconfirmed(account.name)}
            {organisation.can("write_books") ? (
              <p class="gap-s">
                <Button onClick={() => setConfirming(true)}>{t.bank.confirm}</Button>
              </p>
            ) : null}
          </Note>
        </div>
      ) : !organisation.can("write_books") ? (
        <ReadOnly line={line} />
      ) : composing ? (
        <Compose
          key={composing.from ? "from" : "new"}
          line={line}
          lines={lines}
          from={composing.from}
          accepted={accepted}
          {...(line.suggestions.length ? { back: () => setComposing(null) } : {})}
        />
      ) : (
        <Suggestions line={line} accept={accept} compose={(from) => setComposing({ from })} />
      )}
      {confirming && account ? <ConfirmAccountDialog account={account} onClose={() => setConfirming(false)} /> : null}
    </section>
  );
}

/** The bank's own words, and the parts of a batch. */
export function Raw({ line }: { line: BankTransaction }) {
  const { t } = useI18n();
  const money = useBankMoney();
  return (
    <>
      <p class="fingerprint">
        {[line.remittance, line.additional_text].filter(Boolean).join(" · ") || lineName(line, t)}
      </p>
      {line.details.length > 1 ? (
        <details>
          <summary>{t.bankLines.details}</summary>
          <ul class="plain small">
            {line.details.map((detail, index) => (
              <li key={index}>
                {[
                  detail.counterparty_name,
                  detail.remittance,
                  detail.amount && detail.currency ? money(detail.amount, detail.currency) : null,
                ]
                  .filter(Boolean)
                  .join(", ")}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function ReadOnly({ line }: { line: BankTransaction }) {
  const { t } = useI18n();
  return (
    <>
      <h3 class="label gap">{t.bankMatch.maybe}</h3>
      {line.suggestions.length ? (
        line.suggestions.map((suggestion, index) => (
          <SuggestionCard key={index} suggestion={suggestion} line={line} first={index === 0} />
        ))
      ) : (
        <p class="soft">{t.bank.noSuggestion}</p>
      )}
    </>
  );
}

function Suggestions({
  line,
  accept,
  compose,
}: {
  line: BankTransaction;
  accept: Accept;
  compose: (from: Suggestion | null) => void;
}) {
  const { t } = useI18n();
  const { minor, money } = useFigures();
  const amount = minor(line.amount);
  const absolute = money(amount < 0n ? -amount : amount);
  const unknown: BankMatchCreate = { create: [{ kind: "unknown", amount: line.amount }] };
  return (
    <>
      <h3 class="label gap" id="panel-maybe">
        {t.bankMatch.maybe}
      </h3>
      {accept.failure ? (
        <div class="gap-below">
          <Note tone="bad" title={accept.failure.title} live>
            {accept.failure.detail}
          </Note>
        </div>
      ) : null}
      <ol class="plain sugs" aria-labelledby="panel-maybe">
        {line.suggestions.map((suggestion, index) => (
          <li key={index}>
            <SuggestionCard suggestion={suggestion} line={line} first={index === 0}>
              <Button
                tone={index === 0 ? "main" : undefined}
                small={index > 0}
                busy={accept.busy}
                onClick={() => void accept.go(line, suggestionBody(suggestion))}
              >
                {index === 0 ? t.bankMatch.acceptAmount(absolute) : t.bankMatch.accept}
                <SuggestionName suggestion={suggestion} />
              </Button>
              <Button tone="plain" small={index > 0} onClick={() => compose(suggestion)}>
                {t.bankMatch.change}
                <SuggestionName suggestion={suggestion} />
              </Button>
            </SuggestionCard>
          </li>
        ))}
      </ol>
      <p class="row gap">
        <Button onClick={() => compose(null)}>{t.bankMatch.otherwise}</Button>
        <Button
          tone="plain"
          busy={accept.busy}
          title={t.bankMatch.setAsideHint}
          onClick={() => void accept.go(line, unknown)}
        >
          {t.bankMatch.setAside}
          <span class="hide">, {t.bankMatch.setAsideGo(absolute)}</span>
        </Button>
      </p>
      <p class="small soft gap">{t.bankMatch.nothingSafe}</p>
    </>
  );
}

/** Says to screen readers which suggestion a button is about. */
function SuggestionName({ suggestion }: { suggestion: Suggestion }) {
  const naming = useNaming();
  return <span class="hide">, {suggestion.parts.map((part) => suggestionWords(part, naming).title).join(", ")}</span>;
}

function SuggestionCard({
  suggestion,
  line,
  first,
  children,
}: {
  suggestion: Suggestion;
  line: BankTransaction;
  first: boolean;
  children?: ComponentChildren;
}) {
  const { t } = useI18n();
  const naming = useNaming();
  const { number } = useFigures();
  const parts = suggestion.parts.map((part) => ({ ...suggestionWords(part, naming), amount: part.amount }));
  const single = parts.length === 1;
  return (
    <div class={first ? "proposal proposal--first" : "proposal"}>
      <div class="proposal__head">
        <b>{single ? parts[0]?.title : t.bankMatch.several(parts.length)}</b>
        <b class="num">{digitsOf(line.amount) ? number(line.amount) : line.amount}</b>
      </div>
      {single ? (
        <p class="small soft">{parts[0]?.note}</p>
      ) : (
        <ul class="plain small proposal__parts">
          {parts.map((part, index) => (
            <li key={index}>
              <span>
                {part.title}
                <span class="soft under">{part.note}</span>
              </span>
              <span class="num">{number(part.amount)}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="small proposal__why">
        <CertaintyBadge suggestion={suggestion} /> {suggestion.reason}
      </p>
      {children ? <div class="row proposal__acts">{children}</div> : null}
    </div>
  );
}
