// Adding a member, or changing one.
import { useRef } from "preact/hooks";
import { request } from "../client";
import type { LegalForm, Member } from "../model";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { parseDate } from "../lib/date";
import type { Iso } from "../lib/date";
import { useForm } from "../lib/form";
import type { Fault, Form } from "../lib/form";
import { choices } from "../lib/names";
import { useGet } from "../lib/query";
import { navigate } from "../router";
import type { Params } from "../router";
import { useOrganisation } from "../session";
import { Button } from "../ui/button";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { useToast } from "../ui/feedback";
import { DateField, SelectField, TextArea, TextField } from "../ui/fields";
import { Page, ReadFailure, Section, Waiting } from "../ui/page";

/** Text fields of a member that are sent as they are typed, trimmed; "" means none. */
const TEXTS = ["siret", "rna", "email", "phone", "street", "postal_code", "city", "country", "iban", "account_holder", "contact_name", "contact_role", "notes"] as const;
type TextKey = (typeof TEXTS)[number];

type Values = Record<TextKey, string> & { name: string; legal_form: LegalForm | ""; joined_on: string; left_on: string };

function emptyValues(joined: string): Values {
  const texts = Object.fromEntries(TEXTS.map((key) => [key, ""])) as Record<TextKey, string>;
  return { ...texts, country: "FR", name: "", legal_form: "", joined_on: joined, left_on: "" };
}

function valuesOf(member: Member, short: (date: Iso) => string): Values {
  const texts = Object.fromEntries(TEXTS.map((key) => [key, member[key] ?? ""])) as Record<TextKey, string>;
  return { ...texts, name: member.name, legal_form: member.legal_form, joined_on: member.joined_on ? short(member.joined_on) : "", left_on: member.left_on ? short(member.left_on) : "" };
}

/** Identifiers are typed with spaces and dots, and sent without. */
const COMPACT: ReadonlySet<TextKey> = new Set<TextKey>(["siret", "rna", "iban"]);

function sentText(key: TextKey, typed: string): string | null {
  const text = COMPACT.has(key) ? typed.replace(/[\s\u00a0\u202f.]+/g, "").toUpperCase() : key === "country" ? typed.trim().toUpperCase() : typed.trim();
  return text === "" ? null : text;
}

type Body = Record<string, string | null>;

function bodyOf(values: Values, today: Iso): Body {
  const joined = parseDate(values.joined_on, { today });
  const left = parseDate(values.left_on, { today });
  return {
    name: values.name.trim(), legal_form: values.legal_form,
    joined_on: joined.ok ? joined.date : null, left_on: left.ok ? left.date : null,
    ...Object.fromEntries(TEXTS.map((key) => [key, sentText(key, values[key])])),
  };
}

function faultsOf(values: Values, today: Iso, t: Messages): Fault[] {
  const faults: Fault[] = [];
  if (!values.name.trim()) faults.push({ pointer: "/name", detail: t.members.nameRequired });
  if (!values.legal_form) faults.push({ pointer: "/legal_form", detail: t.members.formRequired });
  const joined = parseDate(values.joined_on, { today });
  if (!joined.ok) faults.push({ pointer: "/joined_on", detail: joined.fault === "empty" ? t.members.joinedRequired : t.date[joined.fault] });
  const left = parseDate(values.left_on, { today });
  if (!left.ok && left.fault !== "empty") faults.push({ pointer: "/left_on", detail: t.date[left.fault] });
  return faults;
}

export function MemberNewPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const again = useRef(false);
  const initial = emptyValues(date(organisation.today, "short"));
  const form = useForm<Values, Member>({
    name: "member-new",
    initial,
    draft: true,
    validate: (values) => faultsOf(values, organisation.today, t),
    send: async (values, key) => {
      const body = Object.fromEntries(Object.entries(bodyOf(values, organisation.today)).filter(([, value]) => value !== null));
      return (await request<Member>("POST", organisation.path("members"), { body, key })).data;
    },
    done: (member) => {
      const href = organisation.href("members/" + member.id);
      toast(t.members.added(member.name), again.current ? { label: t.record.see, href } : undefined);
      if (!again.current) { navigate(href); return; }
      form.clear(initial);
      document.getElementById("f-name")?.focus();
    },
  });
  return (
    <Page title={t.members.newTitle} crumbs={[{ label: t.members.title, href: organisation.href("members") }, { label: t.members.newTitle }]}>
      <form class="member-form" onSubmit={(event) => { again.current = false; void form.submit(event); }} noValidate>
        <ErrorSummary form={form} />
        <MemberFields form={form} />
        <div class="row acts gap-l">
          <Button type="submit" tone="main" busy={form.busy}>{t.members.saveNew}</Button>
          <Button busy={form.busy} onClick={() => { again.current = true; void form.submit(); }}>{t.members.saveAndAnother}</Button>
          <a class="btn btn--plain" href={organisation.href("members")}>{t.form.abandon}</a>
        </div>
        <DraftNote form={form} />
      </form>
    </Page>
  );
}

export function MemberEditPage({ params }: { params: Params }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const id = params["id"] ?? "";
  const got = useGet<Member>(organisation.path("members/" + encodeURIComponent(id)));
  if (got.error && !got.data) return <Page title={t.members.title}><ReadFailure error={got.error} retry={got.reload} /></Page>;
  if (!got.data || !got.etag || got.loading) return <Page title={t.common.loading}><Waiting /></Page>;
  return <MemberEdit key={got.etag} member={got.data} etag={got.etag} reload={got.reload} />;
}

function MemberEdit({ member, etag, reload }: { member: Member; etag: string; reload: () => void }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const here = organisation.href("members/" + member.id);
  const before = valuesOf(member, (day) => date(day, "short"));
  const form = useForm<Values, Member | null>({
    name: "member-" + member.id,
    initial: before,
    draft: "changes",
    validate: (values) => faultsOf(values, organisation.today, t),
    send: async (values) => {
      const old = bodyOf(before, organisation.today);
      const change = Object.fromEntries(Object.entries(bodyOf(values, organisation.today)).filter(([key, value]) => value !== old[key]));
      if (Object.keys(change).length === 0) return null;
      return (await request<Member>("PATCH", organisation.path("members/" + member.id), { body: change, etag })).data;
    },
    done: (saved) => {
      if (saved) toast(t.members.saved(saved.name));
      navigate(here);
    },
  });
  return (
    <Page title={t.members.editTitle(member.name)} crumbs={[
      { label: t.members.title, href: organisation.href("members") }, { label: member.name, href: here }, { label: t.members.edit },
    ]}>
      <form class="member-form" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        {form.failure?.code.startsWith("precondition") ? <p class="gap-below"><Button onClick={reload}>{t.members.reload}</Button></p> : null}
        <MemberFields form={form} existing />
        <div class="row acts gap-l">
          <Button type="submit" tone="main" busy={form.busy}>{t.members.saveEdit}</Button>
          <a class="btn btn--plain" href={here} onClick={() => form.clear(before)}>{t.form.abandon}</a>
        </div>
        <DraftNote form={form} />
      </form>
    </Page>
  );
}

function MemberFields({ form, existing }: { form: Form<Values>; existing?: boolean }) {
  const { t } = useI18n();
  const { today } = useOrganisation();
  return (
    <>
      <Section id="member-identity" title={t.members.identity}>
        <div class="fields">
          <div class="fields__wide"><TextField {...form.field("name")} label={t.members.name} hint={t.members.nameHint} maxLength={200} /></div>
          <SelectField<LegalForm | ""> {...form.field("legal_form")} label={t.members.legalForm} options={[{ value: "", label: "" }, ...choices(t.enums.legalForm)]} />
          <DateField {...form.field("joined_on")} label={t.members.joinedOn} today={today} />
          <TextField {...form.field("siret")} label={t.members.siret} hint={t.members.siretHint} inputMode="numeric" optional />
          <TextField {...form.field("rna")} label={t.members.rna} hint={t.members.rnaHint} spellcheck={false} optional />
          {existing ? <DateField {...form.field("left_on")} label={t.members.leftOnLabel} today={today} optional /> : null}
        </div>
      </Section>
      <Section id="member-reach" title={t.members.reach}>
        <div class="fields">
          <TextField {...form.field("contact_name")} label={t.members.contactName} optional />
          <TextField {...form.field("contact_role")} label={t.members.contactRole} optional />
          <TextField {...form.field("email")} label={t.members.email} type="email" inputMode="email" spellcheck={false} optional />
          <TextField {...form.field("phone")} label={t.members.phone} type="tel" inputMode="tel" optional />
          <div class="fields__wide"><TextField {...form.field("street")} label={t.members.street} optional /></div>
          <TextField {...form.field("postal_code")} label={t.members.postalCode} optional />
          <TextField {...form.field("city")} label={t.members.city} optional />
          <TextField {...form.field("country")} label={t.members.country} hint={t.members.countryHint} maxLength={2} spellcheck={false} optional />
        </div>
      </Section>
      <Section id="member-bank" title={t.members.bank} aside={<span class="small soft">{t.members.bankHint}</span>}>
        <div class="fields">
          <TextField {...form.field("iban")} label={t.members.iban} spellcheck={false} optional />
          <TextField {...form.field("account_holder")} label={t.members.accountHolder} optional />
        </div>
      </Section>
      <Section id="member-notes" title={t.members.notes}>
        <TextArea {...form.field("notes")} label={t.members.notes} rows={3} optional />
      </Section>
    </>
  );
}
