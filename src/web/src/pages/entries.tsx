// Entries and drafts: the list.
import { apiUrl } from "../client";
import type { Collection, Entry, Journal } from "../model";
import { useI18n } from "../i18n";
import { useFiscalYears } from "../lib/books";
import { useList } from "../lib/list";
import { currencySign } from "../lib/money";
import { choices, useFunds, useMembers, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { useFigures, useOrganisation } from "../session";
import { BooksNav, EntryBadge } from "../ui/books";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column, ListFilter } from "../ui/table";

/** Debited accounts, then credited ones: "512 à 7561". */
function accountsOf(entry: Entry, say: (debit: string, credit: string) => string): string {
  const side = (key: "debit" | "credit") =>
    [...new Set(entry.lines.filter((line) => line[key]).map((line) => line.account))].join(", ");
  return say(side("debit"), side("credit"));
}

export function EntriesPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const writes = organisation.can("write_books");
  const list = useList<Entry>(organisation.path("entries"), {
    filters: [
      "q",
      "status",
      "journal",
      "account",
      "fund_id",
      "member_id",
      "project_id",
      "fiscal_year_id",
      "source_kind",
      "from",
      "to",
    ],
    sort: "-date",
  });
  const nameOf = (entry: Entry) =>
    entry.number === null ? entry.journal : t.entries.name(entry.journal, entry.number);
  const add = writes ? (
    <a class="btn" href={organisation.href("entries/new")}>
      {t.entries.add}
    </a>
  ) : null;
  const columns: Column<Entry>[] = [
    {
      key: "date",
      title: t.entries.date,
      sorts: ["-date", "date"],
      cell: (entry) => <time dateTime={entry.date}>{date(entry.date, "short")}</time>,
    },
    {
      key: "number",
      title: t.entries.number,
      optional: true,
      sorts: ["-number"],
      cell: (entry) => <span class="nowrap">{nameOf(entry)}</span>,
    },
    {
      key: "label",
      title: t.entries.label,
      head: true,
      cell: (entry) => (
        <>
          <a href={organisation.href("entries/" + entry.id)}>{entry.label}</a>
          <span class="only-narrow soft under">{nameOf(entry)}</span>
          {entry.status === "draft" || entry.reversed_by_entry_id ? (
            <span class="only-narrow">
              <EntryBadge entry={entry} />
            </span>
          ) : null}
        </>
      ),
    },
    {
      key: "accounts",
      title: t.entries.accounts,
      optional: true,
      cell: (entry) => accountsOf(entry, t.entries.accountsHint),
    },
    {
      key: "total",
      title: t.entries.total(currencySign(organisation.currency)),
      num: true,
      cell: (entry) => <span class={entry.reversed_by_entry_id ? "struck" : undefined}>{number(entry.total)}</span>,
    },
    { key: "status", title: t.entries.status, optional: true, cell: (entry) => <EntryBadge entry={entry} /> },
  ];
  return (
    <Page title={t.entries.title} lead={t.entries.lead} actions={add}>
      <BooksNav current="entries" />
      <Tools list={list} />
      <ListView
        list={list}
        caption={t.entries.caption}
        columns={columns}
        rowKey={(entry) => entry.id}
        empty={
          <Empty title={t.entries.emptyTitle} action={add}>
            {t.entries.emptyDetail}
          </Empty>
        }
      />
      <p class="small gap noprint">
        <a href={apiUrl(organisation.path("exports/ledger-journal"))} download={organisation.slug + ".journal"}>
          {t.books.exportJournal}
        </a>
      </p>
    </Page>
  );
}

function Tools({ list }: { list: ReturnType<typeof useList<Entry>> }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const members = useMembers();
  const funds = useFunds();
  const projects = useProjects();
  const years = useFiscalYears();
  const journals = useGet<Collection<Journal>>(organisation.path("journals")).data?.items ?? [];
  const named = (items: readonly { id: string; name: string }[]) =>
    items.map(({ id, name }) => ({ value: id, label: name }));
  const filters: ListFilter[] = [
    { name: "q", label: t.list.search },
    { name: "status", label: t.entries.status, options: withAll(t.list.allFeminine, choices(t.entries.statuses)) },
    {
      name: "journal",
      label: t.entries.journal,
      options: withAll(
        t.list.all,
        journals.map(({ code, name }) => ({ value: code, label: `${code} ${name}` })),
      ),
    },
    { name: "account", label: t.entries.accountStart },
    { name: "fund_id", label: t.entries.fund, options: withAll(t.entries.allFunds, named(funds)) },
    {
      name: "member_id",
      label: t.entries.member,
      options: withAll(
        t.list.all,
        members.options.map(({ id, label }) => ({ value: id, label })),
      ),
    },
    ...(list.value("project_id")
      ? [{ name: "project_id", label: t.entries.project, options: withAll(t.list.all, named(projects)) }]
      : []),
    ...(years.items.length > 1 || list.value("fiscal_year_id")
      ? [
          {
            name: "fiscal_year_id",
            label: t.entries.year,
            options: withAll(
              t.entries.allYears,
              years.items.map((year) => ({ value: year.id, label: years.name(year) })),
            ),
          },
        ]
      : []),
    ...(list.value("source_kind")
      ? [
          {
            name: "source_kind",
            label: t.entries.source,
            options: withAll(t.list.allFeminine, choices(t.entries.sources)),
          },
        ]
      : []),
    { name: "from", label: t.list.from, date: true },
    { name: "to", label: t.list.to, date: true },
  ];
  return <ListTools list={list} filters={filters} />;
}
