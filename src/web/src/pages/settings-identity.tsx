// The identity of the association: who it is on every document, and what its dues give.
import { request } from "../client";
import type { Organisation } from "../model";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { useForm } from "../lib/form";
import type { Fault } from "../lib/form";
import { useGet } from "../lib/query";
import { changed, merging } from "../lib/settings";
import { navigate } from "../router";
import { useOrganisation } from "../session";
import { Button } from "../ui/button";
import { Conflict, useBased } from "../ui/conflict";
import type { ConflictChange } from "../ui/conflict";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { useToast } from "../ui/feedback";
import { ChoiceField, TextField } from "../ui/fields";
import { Loaded, Note, Page, Section } from "../ui/page";

const TEXTS = ["siret", "rna", "email", "street", "postal_code", "city"] as const;
type Text = (typeof TEXTS)[number];
type Dues = "plain" | "sold";
type Values = Record<Text, string> & { name: string; dues: Dues };

function valuesOf(organisation: Organisation): Values {
  const texts = Object.fromEntries(TEXTS.map((key) => [key, organisation[key] ?? ""])) as Record<Text, string>;
  return { ...texts, name: organisation.name, dues: organisation.dues_with_counterpart ? "sold" : "plain" };
}

/** Identifiers are typed with spaces and sent without; "" means none. */
function bodyOf(values: Values): Record<string, string | boolean | null> {
  const compact = (text: string) => text.replace(/[\s\u00a0\u202f.]+/g, "").toUpperCase();
  const text = (key: Text) => (key === "siret" || key === "rna" ? compact(values[key]) : values[key].trim()) || null;
  return { name: values.name.trim(), dues_with_counterpart: values.dues === "sold", ...Object.fromEntries(TEXTS.map((key) => [key, text(key)])) };
}

function compare(before: Organisation, now: Organisation, t: Messages): ConflictChange[] {
  const dues = (one: Organisation) => (one.dues_with_counterpart ? t.settings.duesSold : t.settings.duesPlain);
  const labels: Record<Text, string> = { siret: t.settings.siret, rna: t.settings.rna, email: t.settings.email, street: t.settings.street, postal_code: t.settings.postalCode, city: t.settings.city };
  return [
    { label: t.settings.name, before: before.name, now: now.name },
    ...TEXTS.map((key) => ({ label: labels[key], before: before[key] ?? "", now: now[key] ?? "" })),
    { label: t.settings.dues, before: dues(before), now: dues(now) },
  ].filter((row) => row.before !== row.now);
}

export function SettingsIdentityPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Organisation>(organisation.path());
  return (
    <Page narrow title={t.settings.identityTitle} crumbs={[{ label: t.settings.title, href: organisation.href("settings") }, { label: t.settings.identityTitle }]}>
      {organisation.can("settings")
        ? <Loaded got={got}>{(data) => <IdentityForm organisation={data} etag={got.etag} />}</Loaded>
        : <Note tone="warn" title={t.failure.forbiddenTitle}>{t.settings.readOnlyIdentity}</Note>}
    </Page>
  );
}

function IdentityForm({ organisation: read, etag }: { organisation: Organisation; etag: string | null }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const based = useBased(read, etag);
  const before = valuesOf(based.data);
  const here = organisation.href("settings");
  const form = useForm<Values, Organisation | null>({
    name: "settings-identity",
    initial: before,
    draft: "changes",
    validate: (values): Fault[] => (values.name.trim() ? [] : [{ pointer: "/name", detail: t.settings.nameRequired }]),
    send: async (values) => {
      const body = changed(bodyOf(before), bodyOf(values));
      if (Object.keys(body).length === 0) return null;
      return (await request<Organisation>("PATCH", organisation.path(), { body, etag: based.etag })).data;
    },
    done: (saved) => {
      if (saved) toast(t.settings.saved);
      navigate(here);
    },
  });
  return (
    <form onSubmit={form.submit} noValidate>
      <ErrorSummary form={form} />
      <Conflict form={form} path={organisation.path()} based={merging(based, form, valuesOf)} compare={(old, now) => compare(old, now, t)} valuesOf={valuesOf} />
      <Section id="identity-who" title={t.settings.identity}>
        <div class="fields">
          <div class="fields__wide"><TextField {...form.field("name")} label={t.settings.name} hint={t.settings.nameHint} maxLength={200} required /></div>
          <TextField {...form.field("siret")} label={t.settings.siret} hint={t.settings.siretHint} inputMode="numeric" optional />
          <TextField {...form.field("rna")} label={t.settings.rna} hint={t.settings.rnaHint} spellcheck={false} optional />
          <div class="fields__wide"><TextField {...form.field("email")} label={t.settings.email} type="email" inputMode="email" spellcheck={false} optional /></div>
          <div class="fields__wide"><TextField {...form.field("street")} label={t.settings.street} autocomplete="street-address" optional /></div>
          <TextField {...form.field("postal_code")} label={t.settings.postalCode} autocomplete="postal-code" optional />
          <TextField {...form.field("city")} label={t.settings.city} autocomplete="address-level2" optional />
        </div>
      </Section>
      <Section id="identity-dues" title={t.settings.dues}>
        <ChoiceField<Dues> {...form.field("dues", "/dues_with_counterpart")} label={t.settings.duesQuestion} options={[{ value: "plain", label: t.settings.duesPlain }, { value: "sold", label: t.settings.duesSold }]}
          echo={form.values.dues === "sold" ? t.settings.duesSoldDetail : t.settings.duesPlainDetail} hint={t.settings.duesWhen} />
      </Section>
      <div class="row acts gap-l">
        <Button type="submit" tone="main" busy={form.busy}>{t.settings.saveIdentity}</Button>
        <a class="btn btn--plain" href={here} onClick={() => form.clear(before)}>{t.form.abandon}</a>
      </div>
      <DraftNote form={form} />
    </form>
  );
}
