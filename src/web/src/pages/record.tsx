// Recording money received: who, how much, when, how; everything else is proposed and shown before it is written.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, request } from "../client";
import type { Collection, Contribution, ContributionCreate, ContributionNature, ContributionNote, ContributionPreview, LegalForm, Means, Member, Nature } from "../model";
import { Rich, useI18n } from "../i18n";
import { emptyRecord, naturesFor, proposedNature, recordBody, recordFaults } from "../lib/contribution";
import type { RecordValues } from "../lib/contribution";
import { dayNumber, parseDate } from "../lib/date";
import { useForm } from "../lib/form";
import type { Form } from "../lib/form";
import { formatMoney, parseMoney } from "../lib/money";
import { choices, defaultFund, giver, useFunds, useMembers, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { navigate, usePlace } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Button } from "../ui/button";
import { Combo } from "../ui/combo";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { useToast } from "../ui/feedback";
import { CheckField, ChoiceField, DateField, MoneyField, SelectField, TextField } from "../ui/fields";
import { EntryTable } from "../ui/ledger";
import { Note, Page } from "../ui/page";

export const RECORD_SUBMIT_ID = "record-submit";

/** Two payments of the same amount this close together may be one typed twice. */
const TWIN_DAYS = 10;

export function RecordPage() {
  const { t, language, date } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const { travel } = usePlace();
  const toast = useToast();
  const again = useRef(false);
  const { today } = organisation;
  const setting = { today, currency: organisation.money, language };
  const giverState = useRef<Giver>({ form: "", natures: [], needs: [], proposed: "", member: undefined, last: undefined, recent: [] });
  const initial = emptyRecord(date(today, "short"));
  const form = useForm<RecordValues, Contribution>({
    name: "record",
    initial,
    prefill: travel.prefill,
    draft: true,
    validate: (values) => recordFaults(values, natureOf(values, giverState.current), giverState.current.needs, setting, t),
    send: async (values, key) => {
      const nature = natureOf(values, giverState.current) as Nature;
      return (await request<Contribution>("POST", organisation.path("contributions"), { body: recordBody(values, nature, setting), key })).data;
    },
    done: (saved, values) => {
      const href = organisation.href("contributions/" + saved.id);
      toast(t.record.done(money(saved.amount), giver(saved) || values.who), again.current ? { label: t.record.see, href } : undefined);
      if (!again.current) { navigate(href); return; }
      form.clear({ ...initial, received_on: values.received_on, means: values.means });
      window.scrollTo(0, 0);
      document.getElementById("f-member_id")?.focus();
    },
  });
  const who = useGiver(form.values);
  giverState.current = who;
  const amount = parseMoney(form.values.amount, { digits: organisation.money.digits, language });
  const save = (another: boolean) => (event?: Event) => { again.current = another; void form.submit(event); };
  return (
    <Page title={t.record.title} crumbs={[{ label: t.contributions.title, href: organisation.href("contributions") }, { label: t.record.title }]}
      lead={<span class="only-wide">{t.record.leadBefore} <kbd>{t.record.tab}</kbd> {t.record.leadTab} <kbd>{t.record.enter}</kbd> {t.record.leadEnter}</span>}>
      <ErrorSummary form={form} />
      <form class="with-preview" onSubmit={save(false)} noValidate>
        <div class="with-preview__fields stack-l">
          <WhoFields form={form} who={who} />
          <div class="cols cols--6-6 pair">
            <MoneyField {...form.field("amount")} label={t.record.amount} hint={t.money.hint} currency={organisation.money} words />
            {form.values.pending ? null : <DateField {...form.field("received_on")} label={t.record.date} hint={t.date.hint} today={today} />}
          </div>
          <ChoiceField<Means> {...form.field("means")} label={t.record.means} options={choices(t.enums.means)} />
          <NatureField form={form} who={who} />
          <MoreFields form={form} who={who} nature={natureOf(form.values, who)} />
        </div>
        <Preview values={form.values} who={who} />
        <div class="with-preview__acts stack">
          <div class="row acts">
            <Button id={RECORD_SUBMIT_ID} type="submit" tone="main" busy={form.busy}>
              {t.record.submit(amount.ok ? formatMoney(amount.minor, organisation.money, language) : "")}
            </Button>
            <Button busy={form.busy} onClick={save(true)}>{t.record.again}</Button>
            <a class="btn btn--plain" href={organisation.href("contributions")}>{t.form.abandon}</a>
          </div>
          <DraftNote form={form} />
        </div>
      </form>
    </Page>
  );
}

// ---- who gives ----

interface Giver {
  form: LegalForm | "";
  natures: Nature[];
  /** Fields that the nature repayable wants of such a giver. */
  needs: readonly string[];
  proposed: Nature | "";
  member: Member | undefined;
  /** The latest payment that counts. */
  last: Contribution | undefined;
  recent: readonly Contribution[];
}

/** The nature chosen, or proposed when none is or when the giver changed to one who may not have it. */
function natureOf(values: RecordValues, who: Giver): Nature | "" {
  return values.nature && who.natures.includes(values.nature) ? values.nature : who.proposed;
}

function useGiver(values: RecordValues): Giver {
  const organisation = useOrganisation();
  const { t } = useI18n();
  const members = useMembers(values.who);
  const rules = useGet<Collection<ContributionNature>>(organisation.path("contribution-natures"));
  const recent = useGet<Collection<Contribution>>(values.member_id ? organisation.path("contributions") : null, { member_id: values.member_id, sort: "-received_on", limit: 10 });
  const member = values.member_id ? members.find(values.member_id) : undefined;
  const form = member ? member.legal_form : values.member_id ? "" : values.donor_form;
  return useMemo(() => {
    const natures = naturesFor(form, rules.data?.items ?? [], Object.keys(t.enums.nature) as Nature[]);
    const counted = (recent.data?.items ?? []).filter((one) => one.status === "recorded");
    const needs = rules.data?.items.find((rule) => rule.legal_form === form && rule.nature === "repayable")?.needs ?? [];
    return { form, natures, needs, member, recent: counted, last: counted[0], proposed: proposedNature(natures, counted[0]) };
  }, [form, member, rules.data, recent.data]);
}

function WhoFields({ form, who }: { form: Form<RecordValues>; who: Giver }) {
  const { t, date } = useI18n();
  const { money } = useFigures();
  const members = useMembers(form.values.who);
  const { id, error, onValue } = form.field("member_id");
  const stranger = form.values.who.trim() !== "" && !form.values.member_id;
  const donor = form.field("donor_form", "/donor/legal_form");
  return (
    <>
      <Combo id={id} label={t.record.who} hint={t.record.whoHint} error={error} text={form.values.who} chosen={form.values.member_id} options={members.options}
        freeLabel={t.record.otherDonor} onChange={(text, chosen) => { onValue(chosen); form.patch({ who: text, nature: "" }); }}
        echo={who.member ? t.record.memberEcho(t.enums.legalForm[who.member.legal_form], who.member.joined_on ? date(who.member.joined_on) : "", money(who.member.contributed_this_year)) : null} />
      {stranger ? (
        <SelectField<LegalForm | ""> {...donor} label={t.record.donorForm} hint={t.record.donorFormHint}
          options={[{ value: "", label: "" }, ...choices(t.enums.legalForm)]} />
      ) : null}
    </>
  );
}

function NatureField({ form, who }: { form: Form<RecordValues>; who: Giver }) {
  const { t, date } = useI18n();
  const nature = natureOf(form.values, who);
  const field = form.field("nature");
  const hint = !who.form || who.natures.length === 0 ? null
    : who.last && who.last.nature === nature && who.last.received_on ? t.record.natureLast(date(who.last.received_on)) : t.record.natureCommon(t.enums.legalForm[who.form]);
  return (
    <SelectField<Nature | ""> {...field} value={nature} label={t.record.nature} hint={hint} echo={nature ? t.enums.natureHelp[nature] : null}
      options={who.natures.length ? who.natures.map((value) => ({ value, label: t.enums.nature[value] })) : [{ value: "", label: who.form ? t.record.natureNone : t.record.natureWaiting }]} />
  );
}

function MoreFields({ form, who, nature }: { form: Form<RecordValues>; who: Giver; nature: Nature | "" }) {
  const { t } = useI18n();
  const { today } = useOrganisation();
  const funds = useFunds();
  const projects = useProjects();
  const standard = defaultFund(funds, nature);
  const { fund_id, project_id, agreement_signed_on, pending, label } = form.values;
  const [open] = useState(Boolean(fund_id || project_id || agreement_signed_on || pending || label));
  return (
    <>
      {nature === "repayable" ? (
        <div class="stack-l">
          <Note tone="warn">{t.record.repayableNote}</Note>
          <DateField {...form.field("repayable_on")} label={t.record.repayableOn} today={today} prefer="future" />
          <TextField {...form.field("legal_basis")} label={t.record.legalBasis} hint={t.record.legalBasisHint} />
          {who.needs.includes("accountant_note") ? <TextField {...form.field("accountant_note")} label={t.record.accountantNote} hint={t.record.accountantNoteHint} /> : null}
        </div>
      ) : null}
      <details open={open || pending}>
        <summary>{t.record.more}</summary>
        <div class="stack-l gap-s">
          <div class="cols cols--6-6 pair">
            <SelectField {...form.field("fund_id")} label={t.record.fund}
              options={[{ value: "", label: t.record.fundAuto(standard?.name ?? "") }, ...funds.map((fund) => ({ value: fund.id, label: fund.name }))]} />
            <SelectField {...form.field("project_id")} label={t.record.project}
              options={[{ value: "", label: t.record.noProject }, ...projects.map((project) => ({ value: project.id, label: project.name }))]} />
          </div>
          <DateField {...form.field("agreement_signed_on")} label={t.record.agreement} hint={t.record.agreementHint} today={today} optional />
          {agreement_signed_on.trim() || pending ? <CheckField {...form.field("pending")} label={t.record.pending} hint={t.record.pendingHint} /> : null}
          <TextField {...form.field("label")} label={t.record.label} hint={t.record.labelHint} optional maxLength={200} />
        </div>
      </details>
    </>
  );
}

// ---- what will be written ----

type Previewed = { body: string; preview?: ContributionPreview; error?: unknown };
const PREVIEW_MS = 250;

/** Asks the server what these answers would write, once they suffice; nothing is written. */
function usePreview(body: ContributionCreate | null): Previewed | null {
  const organisation = useOrganisation();
  const [state, setState] = useState<Previewed | null>(null);
  const text = body ? JSON.stringify(body) : "";
  useEffect(() => {
    if (!body) { setState(null); return; }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      request<ContributionPreview>("POST", organisation.path("contribution-previews"), { body, harmless: true, signal: abort.signal }).then(
        ({ data }) => setState({ body: text, preview: data }),
        (error: unknown) => { if (!abort.signal.aborted) setState({ body: text, error }); },
      );
    }, PREVIEW_MS);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [text]);
  return state;
}

function Preview({ values, who }: { values: RecordValues; who: Giver }) {
  const { t, language } = useI18n();
  const organisation = useOrganisation();
  const setting = { today: organisation.today, currency: organisation.money, language };
  const nature = natureOf(values, who);
  const ready = nature !== "" && recordFaults(values, nature, who.needs, setting, t).length === 0;
  const body = ready ? recordBody(values, nature, setting) : null;
  const state = usePreview(body);
  return (
    <section class="with-preview__side sheet stack stick" aria-labelledby="record-preview">
      <h2 id="record-preview">{t.record.preview}</h2>
      <div aria-live="polite" class="stack">
        {body ? <Sentence values={values} body={body} /> : <p class="soft">{t.record.previewWaiting}</p>}
        {body && state?.error ? <PreviewRefusal error={state.error} /> : null}
        <TwinNote values={values} who={who} />
      </div>
      {body && state?.preview?.notes.map((note) => <Note key={note} tone="warn">{t.record.notes[note as ContributionNote] ?? note}</Note>)}
      {body && state?.preview ? <PreviewEntries preview={state.preview} /> : null}
      <p class="small soft">{t.record.final}</p>
    </section>
  );
}

function Sentence({ values, body }: { values: RecordValues; body: ContributionCreate }) {
  const { t, date } = useI18n();
  const { money } = useFigures();
  const funds = useFunds();
  const fund = funds.find((one) => one.id === body.fund_id) ?? defaultFund(funds, body.nature);
  const text = body.received_on
    ? t.record.sentence(values.means, date(body.received_on), money(body.amount), values.who.trim())
    : t.record.sentenceAwaited(date(body.agreement_signed_on ?? ""), money(body.amount), values.who.trim());
  return (
    <>
      <p class="lede"><Rich text={text} /></p>
      <p>{t.record.goesTo(t.enums.nature[body.nature], fund?.name ?? "")}</p>
    </>
  );
}

function PreviewRefusal({ error }: { error: unknown }) {
  const { t } = useI18n();
  if (!(error instanceof ApiError) || error.status >= 500) return null;
  const details = error.faults.length ? error.faults.map((fault) => fault.detail) : [error.problem.detail ?? error.problem.title];
  return (
    <Note tone="bad" title={t.record.previewRefused}>
      {details.map((detail) => <p key={detail}>{detail}</p>)}
      <p class="gap-s">{t.record.previewKept}</p>
    </Note>
  );
}

function PreviewEntries({ preview }: { preview: ContributionPreview }) {
  const { t, date } = useI18n();
  const several = preview.entries.length > 1;
  return (
    <details>
      <summary>{t.record.previewAccounts}</summary>
      <div class="stack">
        {preview.entries.map((entry, index) => (
          <div key={index}>
            {several ? <p class="small gap-below">{t.record.previewEntry(date(entry.date), entry.label)}</p> : null}
            <EntryTable caption={several ? t.record.previewEntry(date(entry.date), entry.label) : t.record.previewCaption}
              lines={entry.lines.map((line) => ({ account: line.account, title: line.title, debit: line.debit, credit: line.credit, note: line.fund_name }))} />
          </div>
        ))}
      </div>
    </details>
  );
}

/** Says so when the same amount from the same member was recorded some days around. */
function TwinNote({ values, who }: { values: RecordValues; who: Giver }) {
  const { t, date, language } = useI18n();
  const { minor, money } = useFigures();
  const organisation = useOrganisation();
  const amount = parseMoney(values.amount, { digits: organisation.money.digits, language });
  const day = parseDate(values.received_on, { today: organisation.today });
  if (!amount.ok || !day.ok || values.pending) return null;
  const twin = who.recent.find((one) => one.received_on !== null && minor(one.amount) === amount.minor
    && Math.abs(dayNumber(one.received_on) - dayNumber(day.date)) <= TWIN_DAYS);
  return twin?.received_on ? <Note tone="warn">{t.record.twin(money(twin.amount), date(twin.received_on))}</Note> : null;
}
