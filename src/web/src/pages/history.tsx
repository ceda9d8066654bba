// What was done, by whom, when and why: the audit events as sentences.
import type { AuditEvent } from "../model";
import { useI18n } from "../i18n";
import { useInstants } from "../lib/instant";
import { ALL, useList } from "../lib/list";
import { useOrganisation } from "../session";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";
import { ListTools, ListView } from "../ui/table";
import type { Column } from "../ui/table";

export function HistoryPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const list = useList<AuditEvent>(organisation.path("audit-events"), { filters: ["what", "subject_kind", "subject_id", "actor", "action", "from", "to"], sort: "-at", defaults: { what: "changes" } });
  const columns: Column<AuditEvent>[] = [
    { key: "at", title: t.history.at, sorts: ["-at", "at"], cell: (event) => <time dateTime={event.at}>{moment(event.at)}</time> },
    { key: "what", title: t.history.what, head: true, cell: (event) => [event.action, event.subject_kind].filter(Boolean).join(" ") },
    { key: "who", title: t.history.who, cell: (event) => event.actor_name ?? event.actor },
    { key: "reason", title: t.history.reason, optional: true, cell: (event) => event.reason ?? "" },
  ];
  return (
    <Page title={t.history.title} lead={t.history.lead}>
      <ListTools list={list} filters={[
        { name: "what", label: t.history.kinds, options: [{ value: "changes", label: t.history.changes }, { value: "access", label: t.history.access }, { value: ALL, label: t.history.everything }] },
        { name: "from", label: t.list.from, date: true },
        { name: "to", label: t.list.to, date: true },
      ]} />
      <ListView list={list} caption={t.history.caption} columns={columns} rowKey={(event) => event.id} empty={<Empty title={t.history.empty} />} />
    </Page>
  );
}
