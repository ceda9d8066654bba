// Everything the bank saw: the list of its lines, matched or not.
import type { BankTransaction } from "../model";
import { useI18n } from "../i18n";
import { lineName, lineText } from "../lib/bank";
import { useList } from "../lib/list";
import { currencySign } from "../lib/money";
import { choices } from "../lib/names";
import { useOrganisation } from "../session";
import { BankAmount, BankNav, LineBadge, useBankAccounts } from "../ui/bank";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column, ListFilter } from "../ui/table";

export function BankLinesPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const accounts = useBankAccounts().data?.items ?? [];
  const list = useList<BankTransaction>(organisation.path("bank-transactions"), {
    filters: ["q", "status", "unknown", "bank_account_id", "from", "to"],
    sort: "-booked_on",
  });
  const columns: Column<BankTransaction>[] = [
    {
      key: "date",
      title: t.bankLines.date,
      sorts: ["-booked_on", "booked_on"],
      cell: (line) => <time dateTime={line.booked_on}>{date(line.booked_on, "short")}</time>,
    },
    {
      key: "what",
      title: t.bankLines.what,
      head: true,
      cell: (line) => (
        <>
          <a href={organisation.href("bank/lines/" + line.id)}>{lineName(line, t)}</a>
          <span class="soft under raw">{lineText(line)}</span>
          <span class="only-narrow">
            <LineBadge status={line.status} />
          </span>
        </>
      ),
    },
    ...(accounts.length > 1
      ? [
          {
            key: "account",
            title: t.bankLines.account,
            optional: true,
            cell: (line: BankTransaction) => line.bank_account_name,
          },
        ]
      : []),
    {
      key: "amount",
      title: t.bankLines.amount(currencySign(organisation.currency)),
      num: true,
      sorts: ["-amount", "amount"],
      cell: (line) => <BankAmount amount={line.amount} currency={line.currency} />,
    },
    { key: "status", title: t.bankLines.status, optional: true, cell: (line) => <LineBadge status={line.status} /> },
  ];
  const filters: ListFilter[] = [
    { name: "q", label: t.list.search },
    {
      name: "status",
      label: t.bankLines.status,
      options: withAll(t.list.allFeminine, choices(t.bankLines.statusOptions)),
    },
    {
      name: "unknown",
      label: t.bankLines.unknownFilter,
      options: withAll(t.list.allFeminine, choices(t.bankLines.unknownOptions)),
    },
    ...(accounts.length > 1
      ? [
          {
            name: "bank_account_id",
            label: t.bankLines.account,
            options: withAll(
              t.bankLines.allAccounts,
              accounts.map(({ id, name }) => ({ value: id, label: name })),
            ),
          },
        ]
      : []),
    { name: "from", label: t.list.from, date: true },
    { name: "to", label: t.list.to, date: true },
  ];
  return (
    <Page title={t.bankLines.title} lead={t.bankLines.lead}>
      <BankNav current="lines" />
      <ListTools list={list} filters={filters} />
      <ListView
        list={list}
        caption={t.bankLines.caption}
        columns={columns}
        rowKey={(line) => line.id}
        empty={
          <Empty
            title={t.bankLines.emptyTitle}
            action={
              organisation.can("write_books") ? (
                <a class="btn" href={organisation.href("bank/import")}>
                  {t.bank.importButton}
                </a>
              ) : null
            }
          >
            {t.bankLines.emptyDetail}
          </Empty>
        }
      />
    </Page>
  );
}
