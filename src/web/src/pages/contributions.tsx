// Money received: the list.
import type { Contribution } from "../model";
import { useI18n } from "../i18n";
import { choices, giver, meansName, useMembers } from "../lib/names";
import { useList } from "../lib/list";
import { currencySign } from "../lib/money";
import { useFigures, useOrganisation } from "../session";
import { ContributionBadge } from "../ui/states";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column, ListFilter } from "../ui/table";

export function ContributionsPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const writes = organisation.can("write_books");
  const reads = organisation.can("read_books");
  const list = useList<Contribution>(organisation.path("contributions"), { filters: ["q", "nature", "means", "status", "member_id", "from", "to"], sort: "-received_on" });
  const columns: Column<Contribution>[] = [
    { key: "date", title: t.contributions.date, sorts: ["-received_on", "received_on"], cell: (one) => (one.received_on
      ? <time dateTime={one.received_on}>{date(one.received_on, "short")}</time> : <span class="soft">{t.contributions.awaitedDate}</span>) },
    { key: "from", title: t.contributions.from, head: true, cell: (one) => (
      <><a href={organisation.href("contributions/" + one.id)}>{giver(one)}</a>{one.status === "recorded" ? null : <span class="only-narrow"><ContributionBadge of={one} /></span>}</>
    ) },
    { key: "nature", title: t.contributions.nature, optional: true, cell: (one) => t.enums.nature[one.nature] },
    { key: "means", title: t.contributions.means, optional: true, cell: (one) => meansName(one.means, t) },
    { key: "fund", title: t.contributions.fund, optional: true, cell: (one) => one.fund_name },
    { key: "amount", title: t.contributions.amount(currencySign(organisation.currency)), num: true, sorts: ["-amount"], cell: (one) => (
      <span class={one.status === "cancelled" || one.status === "corrected" ? "struck" : undefined}>{number(one.amount)}</span>
    ) },
    { key: "status", title: t.contributions.status, optional: true, cell: (one) => <ContributionBadge of={one} /> },
  ];
  return (
    <Page title={t.contributions.title} lead={t.contributions.lead} actions={
      <>{reads ? <a class="btn" href={organisation.href("in-kind")}>{t.contributions.inKind}</a> : null}
        {writes ? <a class="btn btn--main" href={organisation.href("record")}>{t.contributions.add}</a> : null}</>
    }>
      {reads ? <Tools list={list} /> : null}
      <ListView list={list} caption={t.contributions.caption} columns={columns} rowKey={(one) => one.id} empty={
        <Empty title={t.contributions.emptyTitle} action={writes ? <a class="btn" href={organisation.href("record")}>{t.contributions.add}</a> : null}>{t.contributions.emptyDetail}</Empty>
      } />
    </Page>
  );
}

function Tools({ list }: { list: ReturnType<typeof useList<Contribution>> }) {
  const { t } = useI18n();
  const members = useMembers();
  const filters: ListFilter[] = [
    { name: "q", label: t.list.search },
    { name: "nature", label: t.contributions.nature, options: withAll(t.list.allFeminine, choices(t.enums.nature)) },
    { name: "means", label: t.contributions.means, options: withAll(t.list.all, choices(t.enums.means)) },
    { name: "status", label: t.contributions.status, options: withAll(t.contributions.statusAll, choices(t.enums.contributionStatus)) },
    ...(list.value("member_id") ? [{ name: "member_id", label: t.contributions.member, options: withAll(t.contributions.anyMember, members.options.map(({ id, label }) => ({ value: id, label }))) }] : []),
    { name: "from", label: t.list.from, date: true },
    { name: "to", label: t.list.to, date: true },
  ];
  return <ListTools list={list} filters={filters} />;
}
