// Lines of entries: where every figure leads. The filters are the address, so a figure's link shows what it sums.
import type { EntryLine } from "../model";
import type { EntryLineTotals } from "../api";
import { useI18n } from "../i18n";
import { useAccountTitle, useFiscalYears } from "../lib/books";
import { useInstants } from "../lib/instant";
import { useList } from "../lib/list";
import type { List } from "../lib/list";
import { choices, useFunds, useMembers, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { search, useQuery } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { BooksNav } from "../ui/books";
import { Empty } from "../ui/feedback";
import { Note, Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column, ListFilter } from "../ui/table";

const FILTERS = [
  "account",
  "account_number",
  "fund_id",
  "member_id",
  "project_id",
  "fiscal_year_id",
  "entry_id",
  "from",
  "as_of",
  "known_at",
  "matched",
  "matched_at",
  "unmatched_at",
];

export function EntryLinesPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const list = useList<EntryLine>(organisation.path("entry-lines"), { filters: FILTERS, sort: "-date" });
  const chosen = Object.fromEntries(FILTERS.map((name) => [name, list.value(name)]));
  const totals = useGet<EntryLineTotals>(organisation.path("reports/entry-line-totals"), chosen, {
    keepPrevious: true,
  });
  const oneAccount = list.value("account_number") !== "";
  const columns: Column<EntryLine>[] = [
    {
      key: "date",
      title: t.entries.date,
      optional: true,
      sorts: ["-date", "date"],
      cell: (line) => <time dateTime={line.date}>{date(line.date, "short")}</time>,
    },
    {
      key: "entry",
      title: t.entryLines.entry,
      head: true,
      cell: (line) => (
        <>
          <a href={organisation.href("entries/" + line.entry_id)}>{line.entry_label}</a>
          <span class="soft under">
            <span class="only-narrow-inline">{date(line.date, "short")}, </span>
            {t.entries.name(line.journal, line.number)}
            {line.label && line.label !== line.entry_label ? ", " + line.label : ""}
          </span>
        </>
      ),
    },
    ...(oneAccount
      ? []
      : [
          {
            key: "account",
            title: t.entryLines.account,
            optional: true,
            cell: (line: EntryLine) => (
              <>
                {line.account}
                <span class="soft under">{line.title}</span>
              </>
            ),
          },
        ]),
    {
      key: "fund",
      title: t.entries.fund,
      optional: true,
      cell: (line) => (
        <>
          {line.fund_name}
          {line.member_name ? <span class="soft under">{line.member_name}</span> : null}
        </>
      ),
    },
    {
      key: "matched",
      title: t.entryLines.matched,
      optional: true,
      cell: (line) => (line.account.startsWith("5") ? <MatchedBadge matched={line.matched} /> : ""),
    },
    { key: "debit", title: t.entryLines.debit, num: true, cell: (line) => (line.debit ? number(line.debit) : "") },
    { key: "credit", title: t.entryLines.credit, num: true, cell: (line) => (line.credit ? number(line.credit) : "") },
  ];
  return (
    <Page title={t.entryLines.title} lead={<Chosen list={list} />}>
      <BooksNav current="lines" />
      <KnownAt list={list} />
      <Tools list={list} />
      <ListView
        list={list}
        caption={t.entryLines.caption}
        columns={columns}
        rowKey={(line) => line.id}
        foot={totals.data ? <Foot totals={totals.data} blanks={oneAccount ? 2 : 3} /> : null}
        empty={<Empty title={t.entryLines.emptyTitle}>{t.entryLines.emptyDetail}</Empty>}
      />
    </Page>
  );
}

function MatchedBadge({ matched }: { matched: boolean }) {
  const { t } = useI18n();
  return matched ? (
    <Badge tone="ok" icon="check">
      {t.entryLines.matchedYes}
    </Badge>
  ) : (
    <Badge tone="mute" icon="clock">
      {t.entryLines.matchedNo}
    </Badge>
  );
}

/** The sums of all lines, whatever page is shown: what the figure said. */
function Foot({ totals, blanks }: { totals: EntryLineTotals; blanks: number }) {
  const { t } = useI18n();
  const { number, money } = useFigures();
  const blank = Array.from({ length: blanks }, (_, at) => <td key={at} class="col-opt" />);
  return (
    <>
      <tr>
        <td class="col-opt" />
        <th scope="row">
          {t.entryLines.totals}, {t.entryLines.sum(totals.count)}
        </th>
        {blank}
        <td class="num">{number(totals.debit)}</td>
        <td class="num">{number(totals.credit)}</td>
      </tr>
      <tr class="foot-balance">
        <td class="col-opt" />
        <th scope="row">{t.entryLines.solde}</th>
        {blank}
        <td class="num" colSpan={2}>
          {money(totals.balance)}
        </td>
      </tr>
    </>
  );
}

/** What the filters say, in one sentence; without any, what the page is for. */
function Chosen({ list }: { list: List<EntryLine> }) {
  const { t, date } = useI18n();
  const funds = useFunds();
  const members = useMembers();
  const projects = useProjects();
  const years = useFiscalYears();
  const { value } = list;
  const only = t.entryLines.only;
  const year = years.items.find((one) => one.id === value("fiscal_year_id"));
  const title = useAccountTitle(value("account_number"));
  const parts = [
    value("account_number") ? only.account(value("account_number"), title) : "",
    value("account") ? only.account(value("account"), "") : "",
    value("fund_id") ? only.fund(funds.find((one) => one.id === value("fund_id"))?.name ?? "…") : "",
    value("member_id") ? only.member(members.find(value("member_id"))?.name ?? "…") : "",
    value("project_id") ? only.project(projects.find((one) => one.id === value("project_id"))?.name ?? "…") : "",
    value("entry_id") ? only.entry : "",
    year ? only.year(years.name(year)) : "",
    value("from") ? only.from(date(value("from"))) : "",
    value("as_of") ? only.asOf(date(value("as_of"))) : "",
    value("matched") === "true" || value("matched_at") ? only.matched : "",
    value("matched") === "false" || value("unmatched_at") ? only.unmatched : "",
  ].filter(Boolean);
  const text = parts.join(", ");
  return <>{text ? text.charAt(0).toUpperCase() + text.slice(1) + "." : t.entryLines.lead}</>;
}

function KnownAt({ list }: { list: List<EntryLine> }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const [query] = useQuery();
  const known = list.value("known_at");
  if (!known || Number.isNaN(Date.parse(known))) return null;
  const matched = query["matched_at"] ? "true" : query["unmatched_at"] ? "false" : (query["matched"] ?? null);
  const now = { ...query, known_at: null, matched_at: null, unmatched_at: null, after: null, matched };
  return (
    <div class="gap-below">
      <Note>
        {t.entryLines.known(moment(known))}{" "}
        <a href={organisation.href("entry-lines") + search(now)}>{t.entryLines.forget}</a>
      </Note>
    </div>
  );
}

function Tools({ list }: { list: List<EntryLine> }) {
  const { t } = useI18n();
  const funds = useFunds();
  const members = useMembers();
  const named = (items: readonly { id: string; name: string }[]) =>
    items.map(({ id, name }) => ({ value: id, label: name }));
  const filters: ListFilter[] = [
    list.value("account_number")
      ? { name: "account_number", label: t.entries.account }
      : { name: "account", label: t.entries.accountStart },
    { name: "fund_id", label: t.entries.fund, options: withAll(t.entries.allFunds, named(funds)) },
    {
      name: "member_id",
      label: t.entries.member,
      options: withAll(
        t.list.all,
        members.options.map(({ id, label }) => ({ value: id, label })),
      ),
    },
    {
      name: "matched",
      label: t.entryLines.matchedFilter,
      options: withAll(t.list.allFeminine, choices(t.entryLines.matchedOptions)),
    },
    { name: "from", label: t.list.from, date: true },
    { name: "as_of", label: t.entryLines.asOf, date: true },
  ];
  return <ListTools list={list} filters={filters} />;
}
