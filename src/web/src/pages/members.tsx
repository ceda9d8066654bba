// The members: found, filtered, sorted, exported; one line each.
import type { Member } from "../model";
import { useI18n } from "../i18n";
import { choices } from "../lib/names";
import { ALL, useList } from "../lib/list";
import { currencySign } from "../lib/money";
import { useFigures, useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column } from "../ui/table";

export function MembersPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const writes = organisation.can("write_books");
  const list = useList<Member>(organisation.path("members"), { filters: ["q", "legal_form", "status"], sort: "name", defaults: { status: "current" } });
  const columns: Column<Member>[] = [
    { key: "name", title: t.members.name, head: true, sorts: ["name"], cell: (member) => (
      <><a href={organisation.href("members/" + member.id)}>{member.name}</a>{member.left_on ? <> <Badge>{t.members.left}</Badge></> : null}</>
    ) },
    { key: "number", title: t.members.number, num: true, optional: true, sorts: ["number"], cell: (member) => member.number },
    { key: "form", title: t.members.legalForm, optional: true, cell: (member) => t.enums.legalForm[member.legal_form] },
    { key: "city", title: t.members.city, optional: true, cell: (member) => member.city ?? "" },
    { key: "joined", title: t.members.joined, optional: true, sorts: ["-joined_on"], cell: (member) => (member.joined_on ? <time dateTime={member.joined_on}>{date(member.joined_on, "short")}</time> : "") },
    { key: "year", title: t.members.thisYear(currencySign(organisation.currency)), num: true, cell: (member) => number(member.contributed_this_year) },
  ];
  return (
    <Page title={t.members.title} lead={t.members.lead} actions={writes ? (
      <><a class="btn" href={organisation.href("members/import")}>{t.members.import}</a><a class="btn btn--main" href={organisation.href("members/new")}>{t.members.add}</a></>
    ) : null}>
      <ListTools list={list} filters={[
        { name: "q", label: t.list.search },
        { name: "legal_form", label: t.members.legalForm, options: withAll(t.list.allFeminine, choices(t.enums.legalForm)) },
        { name: "status", label: t.members.status, options: [
          { value: "current", label: t.members.statusCurrent }, { value: "left", label: t.members.statusLeft }, { value: ALL, label: t.members.statusAll },
        ] },
      ]} />
      <ListView list={list} caption={t.members.caption} columns={columns} rowKey={(member) => member.id} empty={
        <Empty title={t.members.emptyTitle} action={writes ? <a class="btn" href={organisation.href("members/import")}>{t.members.import}</a> : null}>{t.members.emptyDetail}</Empty>
      } />
    </Page>
  );
}
