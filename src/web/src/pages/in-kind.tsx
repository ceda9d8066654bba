// Volunteer time and gifts in kind: apart from money, since they settle nothing.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { InKindContribution, InKindKind, LegalForm } from "../model";
import { Rich, useI18n } from "../i18n";
import { parseDate } from "../lib/date";
import { useForm } from "../lib/form";
import type { Fault } from "../lib/form";
import { useList } from "../lib/list";
import { currencySign, parseMoney, toDecimal } from "../lib/money";
import { choices, giver, useMembers } from "../lib/names";
import { navigate } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Combo } from "../ui/combo";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { Dialog, Empty, useToast } from "../ui/feedback";
import { ChoiceField, DateField, MoneyField, SelectField, TextField } from "../ui/fields";
import { Note, Page } from "../ui/page";
import { ListTools, ListView, withAll } from "../ui/table";
import type { Column } from "../ui/table";

export function InKindPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const writes = organisation.can("write_books");
  const [cancelling, setCancelling] = useState<InKindContribution | null>(null);
  const list = useList<InKindContribution>(organisation.path("in-kind-contributions"), { filters: ["kind"], sort: "-given_on" });
  const columns: Column<InKindContribution>[] = [
    { key: "date", title: t.inKind.date, sorts: ["-given_on", "given_on"], cell: (one) => <time dateTime={one.given_on}>{date(one.given_on, "short")}</time> },
    { key: "from", title: t.contributions.from, head: true, cell: (one) => giver(one) },
    { key: "kind", title: t.contributions.nature, cell: (one) => <>{t.enums.inKind[one.kind]}{one.label ? <span class="soft under">{one.label}</span> : null}</> },
    { key: "hours", title: t.inKind.hours, num: true, optional: true, cell: (one) => one.hours ?? "" },
    { key: "value", title: t.inKind.valueColumn(currencySign(organisation.currency)), num: true, cell: (one) => <span class={one.status === "cancelled" ? "struck" : undefined}>{number(one.value)}</span> },
    { key: "status", title: t.contributions.status, cell: (one) => (one.status === "cancelled" ? <Badge icon="cross">{t.inKind.statusCancelled}</Badge>
      : writes ? <Button small onClick={() => setCancelling(one)}>{t.inKind.cancel}</Button> : <Badge tone="ok">{t.inKind.statusRecorded}</Badge>) },
  ];
  return (
    <Page title={t.inKind.title} lead={t.inKind.lead} crumbs={[{ label: t.contributions.title, href: organisation.href("contributions") }, { label: t.inKind.title }]}
      actions={writes ? <a class="btn btn--main" href={organisation.href("in-kind/new")}>{t.inKind.add}</a> : null}>
      <ListTools list={list} filters={[{ name: "kind", label: t.contributions.nature, options: withAll(t.list.all, choices(t.enums.inKind)) }]} />
      <ListView list={list} caption={t.inKind.caption} columns={columns} rowKey={(one) => one.id} empty={
        <Empty title={t.inKind.emptyTitle} action={writes ? <a class="btn" href={organisation.href("in-kind/new")}>{t.inKind.add}</a> : null}>{t.inKind.emptyDetail}</Empty>
      } />
      {cancelling ? <CancelDialog one={cancelling} onClose={() => setCancelling(null)} /> : null}
    </Page>
  );
}

function CancelDialog({ one, onClose }: { one: InKindContribution; onClose: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const toast = useToast();
  const form = useForm<{ reason: string }, unknown>({
    name: "cancel-in-kind",
    initial: { reason: "" },
    validate: (values) => (values.reason.trim() ? [] : [{ pointer: "/reason", detail: t.contributions.reasonRequired }]),
    send: (values, key) => request("POST", organisation.path(`in-kind-contributions/${one.id}/cancellations`), { body: { reason: values.reason.trim() }, key }),
    done: () => { toast(t.inKind.cancelled); onClose(); },
  });
  return (
    <Dialog title={t.inKind.cancelTitle(money(one.value), giver(one))} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <p>{t.inKind.cancelWhat}</p>
        <TextField {...form.field("reason")} label={t.contributions.reasonLabel} hint={t.contributions.reasonHint} maxLength={500} />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.contributions.keep}</Button>
          <Button type="submit" tone="bad" busy={form.busy}>{t.inKind.cancelGo(money(one.value))}</Button>
        </div>
      </form>
    </Dialog>
  );
}

interface Values {
  who: string;
  member_id: string;
  donor_form: LegalForm | "";
  kind: InKindKind;
  value: string;
  given_on: string;
  hours: string;
  label: string;
}

/** "7,5" and "7.5" are seven hours and a half; null is not a number of hours. */
function readHours(typed: string): string | null {
  const text = typed.trim().replace(",", ".");
  return /^\d{1,5}(?:\.\d{1,2})?$/.test(text) ? text : null;
}

export function InKindNewPage() {
  const { t, date, language } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const toast = useToast();
  const { today } = organisation;
  const read = (values: Values) => ({
    value: parseMoney(values.value, { digits: organisation.money.digits, language }),
    given: parseDate(values.given_on, { today }),
    hours: values.kind === "volunteer_time" && values.hours.trim() ? readHours(values.hours) : undefined,
  });
  const form = useForm<Values, InKindContribution>({
    name: "in-kind",
    initial: { who: "", member_id: "", donor_form: "", kind: "volunteer_time", value: "", given_on: date(today, "short"), hours: "", label: "" },
    draft: true,
    validate: (values) => {
      const faults: Fault[] = [];
      const { value, given, hours } = read(values);
      if (!values.who.trim()) faults.push({ pointer: "/member_id", detail: t.record.whoRequired });
      else if (!values.member_id && !values.donor_form) faults.push({ pointer: "/donor/legal_form", detail: t.record.donorFormRequired });
      if (!value.ok) faults.push({ pointer: "/value", detail: t.money[value.fault] });
      if (!given.ok) faults.push({ pointer: "/given_on", detail: t.date[given.fault] });
      if (hours === null) faults.push({ pointer: "/hours", detail: t.inKind.hoursWrong });
      return faults;
    },
    send: async (values, key) => {
      const { value, given, hours } = read(values);
      const body = {
        ...(values.member_id ? { member_id: values.member_id } : { donor: { name: values.who.trim(), legal_form: values.donor_form } }),
        kind: values.kind, value: value.ok ? toDecimal(value.minor, organisation.money.digits) : "", given_on: given.ok ? given.date : "",
        ...(hours ? { hours } : {}), ...(values.label.trim() ? { label: values.label.trim() } : {}),
      };
      return (await request<InKindContribution>("POST", organisation.path("in-kind-contributions"), { body, key })).data;
    },
    done: (saved) => {
      toast(t.inKind.saved(money(saved.value), giver(saved)));
      navigate(organisation.href("in-kind"));
    },
  });
  const { values } = form;
  const members = useMembers(values.who);
  const who = form.field("member_id");
  const { value, given } = read(values);
  return (
    <Page title={t.inKind.newTitle} crumbs={[{ label: t.contributions.title, href: organisation.href("contributions") }, { label: t.inKind.title, href: organisation.href("in-kind") }, { label: t.inKind.add }]}>
      <ErrorSummary form={form} />
      <form class="with-preview" onSubmit={form.submit} noValidate>
        <div class="with-preview__fields stack-l">
          <Combo id={who.id} error={who.error} label={t.inKind.who} hint={t.record.whoHint} text={values.who} chosen={values.member_id} options={members.options}
            freeLabel={t.record.otherDonor} onChange={(text, chosen) => { who.onValue(chosen); form.patch({ who: text }); }} />
          {values.who.trim() && !values.member_id ? (
            <SelectField<LegalForm | ""> {...form.field("donor_form", "/donor/legal_form")} label={t.record.donorForm} options={[{ value: "", label: "" }, ...choices(t.enums.legalForm)]} />
          ) : null}
          <ChoiceField<InKindKind> {...form.field("kind")} label={t.inKind.kind} options={choices(t.enums.inKind)} />
          <div class="cols cols--6-6 pair">
            {values.kind === "volunteer_time" ? <TextField {...form.field("hours")} label={t.inKind.hours} hint={t.inKind.hoursHint} inputMode="decimal" optional /> : null}
            <MoneyField {...form.field("value")} label={t.inKind.value} hint={t.inKind.valueHint} currency={organisation.money} />
            <DateField {...form.field("given_on")} label={t.inKind.date} today={today} />
          </div>
          <TextField {...form.field("label")} label={t.inKind.label} hint={t.inKind.labelHint} maxLength={200} optional />
        </div>
        <section class="with-preview__side sheet stack" aria-labelledby="in-kind-preview">
          <h2 id="in-kind-preview">{t.record.preview}</h2>
          <div aria-live="polite">{values.who.trim() && value.ok && given.ok
            ? <p class="lede"><Rich text={t.inKind.sentence(values.kind, money(value.minor), values.who.trim(), date(given.date))} /></p>
            : <p class="soft">{t.record.previewWaiting}</p>}</div>
          <Note>{t.inKind.noEffect}</Note>
        </section>
        <div class="with-preview__acts stack">
          <div class="row acts">
            <Button type="submit" tone="main" busy={form.busy}>{t.inKind.save}</Button>
            <a class="btn btn--plain" href={organisation.href("in-kind")}>{t.form.abandon}</a>
          </div>
          <DraftNote form={form} />
        </div>
      </form>
    </Page>
  );
}
