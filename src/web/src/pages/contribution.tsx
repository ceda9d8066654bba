// One payment received: what it is, the entry it wrote, and how to correct or cancel it.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { Collection, Contribution, ContributionNature, Entry, LegalForm, Means, Member, Nature } from "../model";
import { Rich, useI18n } from "../i18n";
import { naturesFor } from "../lib/contribution";
import { dateIn, parseDate } from "../lib/date";
import { useForm } from "../lib/form";
import type { Fault } from "../lib/form";
import { formatMoney, parseMoney, toDecimal } from "../lib/money";
import { choices, giver, meansName, useFunds, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { navigate, search } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { Dialog, useToast } from "../ui/feedback";
import { ChoiceField, DateField, MoneyField, SelectField, TextField } from "../ui/fields";
import { EntryTable, Facts } from "../ui/ledger";
import { Note, Page, ReadFailure, Section, Waiting } from "../ui/page";
import { ContributionBadge } from "../ui/states";

export function ContributionPage({ params }: { params: Params }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const got = useGet<Contribution>(organisation.path("contributions/" + encodeURIComponent(params["id"] ?? "")));
  const [dialog, setDialog] = useState<"cancel" | "correct" | "receive" | null>(null);
  const one = got.data;
  const crumbs = [{ label: t.contributions.title, href: organisation.href("contributions") }, { label: one ? giver(one) : "…" }];
  if (!one) return <Page title={got.error ? t.contributions.title : t.common.loading} crumbs={crumbs}>{got.error ? <ReadFailure error={got.error} retry={got.reload} /> : <Waiting />}</Page>;
  const changeable = organisation.can("write_books") && (one.status === "recorded" || one.status === "awaited");
  return (
    <Page title={t.contributions.oneTitle(money(one.amount), giver(one))} crumbs={crumbs} lead={<ContributionBadge of={one} />} actions={changeable ? (
      <>
        <Button onClick={() => setDialog("cancel")}>{t.contributions.cancel}</Button>
        <Button onClick={() => setDialog("correct")}>{t.contributions.correct}</Button>
        {one.status === "awaited" ? <Button tone="main" onClick={() => setDialog("receive")}>{t.contributions.receive}</Button> : null}
      </>
    ) : null}>
      <div class="stack gap-below"><StateNotes one={one} /></div>
      <div class="cols cols--5-7">
        <Section id="contribution-facts" title={t.contributions.facts}>
          <ContributionFacts one={one} />
          {organisation.can("audit") ? <p class="small gap noprint"><a href={organisation.href("history") + search({ subject_kind: "contribution", subject_id: one.id })}>{t.history.ofContribution}</a></p> : null}
        </Section>
        <div class="stack-l">
          {organisation.can("read_books") && one.entry_id ? <EntryBlock id={one.entry_id} title={t.contributions.entryTitle} /> : null}
          {organisation.can("read_books") && one.receipt_entry_id ? <EntryBlock id={one.receipt_entry_id} title={t.contributions.receiptTitle} /> : null}
        </div>
      </div>
      {dialog === "cancel" ? <CancelDialog one={one} onClose={() => setDialog(null)} /> : null}
      {dialog === "receive" ? <ReceiveDialog one={one} onClose={() => setDialog(null)} /> : null}
      {dialog === "correct" ? <CorrectDialog one={one} onClose={() => setDialog(null)} /> : null}
    </Page>
  );
}

function StateNotes({ one }: { one: Contribution }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const reason = one.reason ? <p>{t.contributions.reason(one.reason)}</p> : null;
  const link = (id: string, label: string) => <p><a href={organisation.href("contributions/" + id)}>{label}</a></p>;
  return (
    <>
      {one.corrected_by_id ? <Note tone="warn" title={t.contributions.correctedBy}>{reason}{link(one.corrected_by_id, t.contributions.correctedByLink)}</Note> : null}
      {one.corrects_id ? <Note title={t.contributions.corrects}>{one.corrected_by_id ? null : reason}{link(one.corrects_id, t.contributions.correctsLink)}</Note> : null}
      {one.status === "cancelled" ? <Note tone="warn" title={t.contributions.cancelledTitle}>{reason}</Note> : null}
      {one.status === "returned" ? <Note tone="bad" title={t.contributions.returnedTitle}>{reason}</Note> : null}
    </>
  );
}

function ContributionFacts({ one }: { one: Contribution }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const recorded = dateIn(organisation.time_zone, new Date(one.recorded_at));
  return (
    <Facts items={[
      { label: t.contributions.from, value: one.member_id ? <a href={organisation.href("members/" + one.member_id)}>{giver(one)}</a> : giver(one) },
      { label: t.contributions.date, value: one.received_on ? date(one.received_on, "full") : t.contributions.awaitedDate },
      { label: t.contributions.means, value: meansName(one.means, t) },
      { label: t.contributions.nature, value: <>{t.enums.nature[one.nature]}<span class="soft under">{t.enums.natureHelp[one.nature]}</span></> },
      { label: t.contributions.fund, value: one.fund_name },
      { label: t.contributions.project, value: one.project_name ?? "" },
      { label: t.contributions.label, value: one.label ?? "" },
      { label: t.contributions.agreement, value: one.agreement_signed_on ? date(one.agreement_signed_on) : "" },
      { label: t.contributions.repayableOn, value: one.repayable_on ? date(one.repayable_on) : "" },
      { label: t.contributions.legalBasis, value: one.legal_basis ?? "" },
      { label: t.contributions.recorded, value: date(recorded) },
    ]} />
  );
}

function EntryBlock({ id, title }: { id: string; title: string }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Entry>(organisation.path("entries/" + id));
  const entry = got.data;
  return (
    <Section id={"entry-" + id} title={title} aside={entry ? <a class="small" href={organisation.href("entries/" + id)}>{t.contributions.openEntry(entry.journal, entry.number)}</a> : null}>
      {entry ? (
        <>
          <p class="small soft gap-below">{t.record.previewEntry(date(entry.date), entry.label)}</p>
          <EntryTable caption={title} lines={entry.lines.map((line) => ({
            account: line.account, title: line.title ?? "", debit: line.debit, credit: line.credit, note: [line.fund_name, line.member_name].filter(Boolean).join(", "),
          }))} />
        </>
      ) : got.error ? <ReadFailure error={got.error} retry={got.reload} /> : <Waiting />}
    </Section>
  );
}

// ---- cancel ----

interface DialogProps {
  one: Contribution;
  onClose: () => void;
}

function CancelDialog({ one, onClose }: DialogProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money, minor } = useFigures();
  const toast = useToast();
  const member = useGet<Member>(one.member_id ? organisation.path("members/" + one.member_id) : null);
  const form = useForm<{ reason: string }, Contribution>({
    name: "cancel-" + one.id,
    initial: { reason: "" },
    validate: (values) => (values.reason.trim() ? [] : [{ pointer: "/reason", detail: t.contributions.reasonRequired }]),
    send: async (values, key) =>
      (await request<Contribution>("POST", organisation.path(`contributions/${one.id}/cancellations`), { body: { reason: values.reason.trim() }, key })).data,
    done: () => { toast(t.contributions.cancelled(money(one.amount))); onClose(); },
  });
  const total = member.data && one.status === "recorded" ? minor(member.data.contributed_total) : null;
  return (
    <Dialog title={t.contributions.cancelTitle(money(one.amount), giver(one), date(one.received_on ?? one.agreement_signed_on ?? one.recorded_at))} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <div class="stack">
          <p><Rich text={t.contributions.cancelWhat(money(one.amount))} /></p>
          {total !== null ? <p><Rich text={t.contributions.cancelTotals(giver(one), money(total), money(total - minor(one.amount)))} /></p> : null}
        </div>
        <TextField {...form.field("reason")} label={t.contributions.reasonLabel} hint={t.contributions.reasonHint} maxLength={500} />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.contributions.keep}</Button>
          <Button type="submit" tone="bad" busy={form.busy}>{t.contributions.cancelGo(money(one.amount))}</Button>
        </div>
      </form>
    </Dialog>
  );
}

// ---- the money of a signed agreement ----

function ReceiveDialog({ one, onClose }: DialogProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const toast = useToast();
  const { today } = organisation;
  const form = useForm<{ received_on: string; means: Means }, Contribution>({
    name: "receive-" + one.id,
    initial: { received_on: date(today, "short"), means: one.means ?? "transfer" },
    validate: (values) => {
      const received = parseDate(values.received_on, { today });
      return received.ok ? [] : [{ pointer: "/received_on", detail: t.date[received.fault] }];
    },
    send: async (values, key) => {
      const received = parseDate(values.received_on, { today });
      const body = { received_on: received.ok ? received.date : "", means: values.means };
      return (await request<Contribution>("POST", organisation.path(`contributions/${one.id}/receipts`), { body, key })).data;
    },
    done: () => { toast(t.contributions.received(money(one.amount))); onClose(); },
  });
  return (
    <Dialog title={t.contributions.receiveTitle(money(one.amount), giver(one))} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <p>{t.contributions.receiveWhat}</p>
        <DateField {...form.field("received_on")} label={t.record.date} hint={t.date.hint} today={today} />
        <ChoiceField<Means> {...form.field("means")} label={t.record.means} options={choices(t.enums.means)} />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{t.contributions.receiveGo(money(one.amount))}</Button>
        </div>
      </form>
    </Dialog>
  );
}

// ---- correct ----

interface Correction {
  amount: string;
  received_on: string;
  means: Means;
  nature: Nature;
  fund_id: string;
  project_id: string;
  label: string;
  reason: string;
}

function CorrectDialog({ one, onClose }: DialogProps) {
  const { t, date, language } = useI18n();
  const organisation = useOrganisation();
  const { money, minor, number } = useFigures();
  const toast = useToast();
  const funds = useFunds();
  const projects = useProjects();
  const natures = useAllowedNatures(one);
  const { today } = organisation;
  const before: Correction = {
    amount: number(one.amount), received_on: one.received_on ? date(one.received_on, "short") : "", means: one.means ?? "transfer", nature: one.nature,
    fund_id: one.fund_id, project_id: one.project_id ?? "", label: one.label ?? "", reason: "",
  };
  const readAmount = (text: string) => parseMoney(text, { digits: organisation.money.digits, language });
  const changes = (values: Correction): Record<string, string | null> => {
    const amount = readAmount(values.amount);
    const received = parseDate(values.received_on, { today });
    return {
      ...(amount.ok && amount.minor !== minor(one.amount) ? { amount: toDecimal(amount.minor, organisation.money.digits) } : {}),
      ...(received.ok && received.date !== one.received_on ? { received_on: received.date } : {}),
      ...(values.means !== one.means ? { means: values.means } : {}),
      ...(values.nature !== one.nature ? { nature: values.nature } : {}),
      ...(values.fund_id !== one.fund_id ? { fund_id: values.fund_id } : {}),
      ...(values.project_id !== (one.project_id ?? "") ? { project_id: values.project_id || null } : {}),
      ...(values.label.trim() !== (one.label ?? "") ? { label: values.label.trim() || null } : {}),
    };
  };
  const form = useForm<Correction, Contribution>({
    name: "correct-" + one.id,
    initial: before,
    validate: (values) => {
      const faults: Fault[] = [];
      const amount = readAmount(values.amount);
      const received = parseDate(values.received_on, { today });
      if (!amount.ok) faults.push({ pointer: "/amount", detail: t.money[amount.fault] });
      if (!received.ok && (one.received_on || received.fault !== "empty")) faults.push({ pointer: "/received_on", detail: t.date[received.fault] });
      if (!values.reason.trim()) faults.push({ pointer: "/reason", detail: t.contributions.reasonRequired });
      if (faults.length === 0 && Object.keys(changes(values)).length === 0) faults.push({ pointer: "/amount", detail: t.contributions.correctNothing });
      return faults;
    },
    send: async (values, key) => (await request<Contribution>("POST", organisation.path(`contributions/${one.id}/corrections`), {
      body: { reason: values.reason.trim(), ...changes(values) }, key,
    })).data,
    done: (saved) => {
      toast(t.contributions.corrected(money(saved.amount)));
      onClose();
      navigate(organisation.href("contributions/" + saved.id));
    },
  });
  const amount = readAmount(form.values.amount);
  const after = amount.ok ? formatMoney(amount.minor, organisation.money, language) : "";
  const changed = Object.keys(changes(form.values)).length > 0;
  return (
    <Dialog title={t.contributions.correctTitle(money(one.amount), giver(one))} open wide onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <p>{t.contributions.correctLead}</p>
        <div class="pair cols cols--6-6">
          <MoneyField {...form.field("amount")} label={t.record.amount} currency={organisation.money} />
          {one.received_on ? <DateField {...form.field("received_on")} label={t.record.date} today={today} /> : null}
        </div>
        <ChoiceField<Means> {...form.field("means")} label={t.record.means} options={choices(t.enums.means)} />
        <SelectField<Nature> {...form.field("nature")} label={t.record.nature} options={natures.map((value) => ({ value, label: t.enums.nature[value] }))} />
        <div class="pair cols cols--6-6">
          <SelectField {...form.field("fund_id")} label={t.record.fund} options={funds.map((fund) => ({ value: fund.id, label: fund.name }))} />
          <SelectField {...form.field("project_id")} label={t.record.project} options={[{ value: "", label: t.record.noProject }, ...projects.map((project) => ({ value: project.id, label: project.name }))]} />
        </div>
        <TextField {...form.field("label")} label={t.record.label} optional maxLength={200} />
        <TextField {...form.field("reason")} label={t.contributions.reasonLabel} hint={t.contributions.reasonHint} maxLength={500} />
        <p class="note" role="status">{changed && after ? <Rich text={t.contributions.correctWhat(money(one.amount), after)} /> : t.contributions.correctSame}</p>
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{after ? t.contributions.correctGo(after) : t.contributions.correctGoPlain}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Natures the giver may have, the present one among them. */
function useAllowedNatures(one: Contribution): Nature[] {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const rules = useGet<Collection<ContributionNature>>(organisation.path("contribution-natures"));
  const member = useGet<Member>(one.member_id ? organisation.path("members/" + one.member_id) : null);
  const form: LegalForm | "" = member.data?.legal_form ?? one.giver_legal_form;
  const allowed = naturesFor(form, rules.data?.items ?? [], Object.keys(t.enums.nature) as Nature[]);
  return allowed.includes(one.nature) ? allowed : [one.nature, ...allowed];
}
