// Statements as the bank gave them, and what was checked about each.
import type { BankStatement } from "../model";
import { useI18n } from "../i18n";
import { useInstants } from "../lib/instant";
import { useList } from "../lib/list";
import { useOrganisation } from "../session";
import { BankAmount, BankNav, StatementBadges, useBankAccounts } from "../ui/bank";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column } from "../ui/table";

export function BankStatementsPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { day } = useInstants();
  const accounts = useBankAccounts().data?.items ?? [];
  const list = useList<BankStatement>(organisation.path("bank-statements"), {
    filters: ["bank_account_id", "from", "to"],
    sort: "-to_on",
  });
  const add = organisation.can("write_books") ? (
    <a class="btn" href={organisation.href("bank/import")}>
      {t.bank.importButton}
    </a>
  ) : null;
  const columns: Column<BankStatement>[] = [
    {
      key: "period",
      title: t.bankStatements.period,
      sorts: ["-to_on", "to_on"],
      cell: (one) => (
        <>
          <span class="nowrap">{one.from_on ? date(one.from_on, "short") : "…"} –</span>{" "}
          <span class="nowrap">{one.to_on ? date(one.to_on, "short") : "…"}</span>
        </>
      ),
    },
    {
      key: "account",
      title: t.bankStatements.account,
      head: true,
      cell: (one) => (
        <>
          <a
            href={organisation.href(
              `bank/lines?bank_account_id=${one.bank_account_id}${one.from_on ? "&from=" + one.from_on : ""}${one.to_on ? "&to=" + one.to_on : ""}`,
            )}
          >
            {one.bank_account_name}
          </a>
          {one.notes.map((note) => (
            <span key={note.code + note.detail} class="soft under only-wide">
              {note.detail}
            </span>
          ))}
        </>
      ),
    },
    { key: "lines", title: t.bankStatements.lines, num: true, optional: true, cell: (one) => one.transactions },
    {
      key: "opening",
      title: t.bankStatements.opening,
      num: true,
      optional: true,
      cell: (one) => <BankAmount amount={one.opening_balance} currency={one.currency} plain />,
    },
    {
      key: "closing",
      title: t.bankStatements.closing,
      num: true,
      cell: (one) => <BankAmount amount={one.closing_balance} currency={one.currency} plain />,
    },
    { key: "state", title: t.bankStatements.state, cell: (one) => <StatementBadges statement={one} /> },
    {
      key: "imported",
      title: t.bankStatements.importedAt,
      optional: true,
      sorts: ["-recorded_at"],
      cell: (one) => (
        <>
          {date(day(one.recorded_at), "short")}
          {one.file_name ? <span class="soft under">{one.file_name}</span> : null}
        </>
      ),
    },
  ];
  return (
    <Page title={t.bankStatements.title} lead={t.bankStatements.lead} actions={add}>
      <BankNav current="statements" />
      <ListTools
        list={list}
        filters={[
          {
            name: "bank_account_id",
            label: t.bankStatements.account,
            options: withAll(
              t.bankStatements.allAccounts,
              accounts.map(({ id, name }) => ({ value: id, label: name })),
            ),
          },
          { name: "from", label: t.list.from, date: true },
          { name: "to", label: t.list.to, date: true },
        ]}
      />
      <ListView
        list={list}
        caption={t.bankStatements.caption}
        columns={columns}
        rowKey={(one) => one.id}
        empty={
          <Empty title={t.bankStatements.emptyTitle} action={add}>
            {t.bankStatements.emptyDetail}
          </Empty>
        }
      />
    </Page>
  );
}
