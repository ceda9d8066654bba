// A link that works once: choose a password, or create the first association of a new installation.
import { useEffect, useState } from "preact/hooks";
import { ApiError, request } from "../client";
import type { OneTimeLink, OneTimeLinkUse } from "../model";
import { dateIn, iso, parseDate, parts } from "../lib/date";
import { useForm } from "../lib/form";
import type { Fault } from "../lib/form";
import { slugOf } from "../lib/text";
import { useI18n, Rich } from "../i18n";
import { navigate, search } from "../router";
import { readSession, useSessionState } from "../session";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { DateField, TextField } from "../ui/fields";
import { Note, Page, ReadFailure, Section, Waiting } from "../ui/page";
import { PasswordField } from "../ui/password";

const PASSWORD_MIN = 12;
/** The organisation has no time zone yet: France's, as in its default settings. */
const TIME_ZONE = "Europe/Paris";

export function LinkPage({ token }: { token: string }) {
  const { t } = useI18n();
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = () => {
    setError(null);
    request<OneTimeLink>("GET", "/one-time-links/" + encodeURIComponent(token), { quiet: true })
      .then((reply) => setLink(reply.data), (failure: unknown) => setError(failure));
  };
  useEffect(read, [token]);
  if (error instanceof ApiError && error.status < 500) {
    return (
      <div class="narrow-form">
        <Page title={error.problem.title}><Note tone="warn">{error.problem.detail ?? t.link.usedDetail}</Note><p class="gap"><a class="btn" href="/sign-in">{t.link.toSignIn}</a></p></Page>
      </div>
    );
  }
  if (error) return <div class="shell"><ReadFailure error={error} retry={read} /></div>;
  if (!link) return <div class="shell"><Waiting /></div>;
  return <div class="narrow-form">{link.purpose === "setup" ? <SetupForm token={token} /> : <PasswordForm token={token} link={link} />}</div>;
}

/** After the link is used: into the application when the server opened a session, to the sign-in otherwise. */
function useArrival(): (email: string) => Promise<void> {
  const { refresh } = useSessionState();
  return async (email) => {
    const session = await readSession().catch(() => null);
    await refresh();
    navigate(session ? "/" : "/sign-in" + search({ after: "link", email }), { replace: true });
  };
}

function use(token: string, body: OneTimeLinkUse, key: string): Promise<unknown> {
  return request("POST", "/one-time-links/" + encodeURIComponent(token) + "/uses", { body, key, quiet: true });
}

function PasswordForm({ token, link }: { token: string; link: OneTimeLink }) {
  const { t } = useI18n();
  const arrive = useArrival();
  const form = useForm<{ password: string }, unknown>({
    name: "password",
    initial: { password: "" },
    validate: (values) => (values.password.length < PASSWORD_MIN ? [{ pointer: "/password", detail: t.link.passwordShort }] : []),
    send: (values, key) => use(token, { password: values.password }, key),
    done: () => { void arrive(link.user_email ?? ""); },
  });
  return (
    <Page title={t.link.passwordTitle} lead={link.user_email ? <Rich text={t.link.passwordLead(link.user_email)} /> : null}>
      <form class="sheet stack-l" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <input type="hidden" autocomplete="username" value={link.user_email ?? ""} />
        <PasswordField {...form.field("password")} label={t.link.password} hint={t.link.passwordHint} autocomplete="new-password" />
        <Button type="submit" tone="main" busy={form.busy}>{t.link.passwordSubmit}</Button>
      </form>
    </Page>
  );
}

interface Setup {
  organisation_name: string;
  slug: string;
  /** The person changed the proposed slug. */
  ownSlug: boolean;
  year: string;
  name: string;
  email: string;
  password: string;
}

function SetupForm({ token }: { token: string }) {
  const { t, date } = useI18n();
  const arrive = useArrival();
  const today = dateIn(TIME_ZONE);
  const start = date(iso(parts(today).year, 1, 1), "short");
  const form = useForm<Setup, unknown>({
    name: "setup",
    initial: { organisation_name: "", slug: "", ownSlug: false, year: start, name: "", email: "", password: "" },
    validate: (values) => {
      const faults: Fault[] = [];
      const year = parseDate(values.year, { today });
      if (!values.organisation_name.trim()) faults.push({ pointer: "/organisation_name", detail: t.link.nameRequired });
      if (!values.slug.trim()) faults.push({ pointer: "/slug", detail: t.link.slugRequired });
      if (!year.ok) faults.push({ pointer: "/fiscal_year_starts_on", detail: t.date[year.fault] });
      if (!values.name.trim()) faults.push({ pointer: "/name", detail: t.link.yourNameRequired });
      if (!values.email.trim()) faults.push({ pointer: "/email", detail: t.signIn.emailRequired });
      if (values.password.length < PASSWORD_MIN) faults.push({ pointer: "/password", detail: t.link.passwordShort });
      return faults;
    },
    send: (values, key) => {
      const year = parseDate(values.year, { today });
      return use(token, {
        organisation_name: values.organisation_name.trim(), slug: values.slug.trim(), name: values.name.trim(),
        email: values.email.trim(), password: values.password, ...(year.ok ? { fiscal_year_starts_on: year.date } : {}),
      }, key);
    },
    done: (_, values) => { void arrive(values.email.trim()); },
  });
  const name = form.field("organisation_name");
  const slug = form.field("slug");
  return (
    <Page title={t.link.setupTitle} lead={t.link.setupLead}>
      <form class="stack-l" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <Section id="setup-organisation" title={t.link.organisationPart}>
          <div class="stack-l">
            <TextField {...name} label={t.link.organisationName} hint={t.link.organisationNameHint}
              onValue={(value) => { name.onValue(value); if (!form.values.ownSlug) form.patch({ slug: slugOf(value) }); }} />
            <TextField {...slug} label={t.link.slug} hint={t.link.slugHint} spellcheck={false} echo={form.values.slug ? "/o/" + form.values.slug : null}
              onValue={(value) => { slug.onValue(value); form.patch({ ownSlug: value !== "" }); }} />
            <DateField {...form.field("year", "/fiscal_year_starts_on")} label={t.link.fiscalYear} hint={t.link.fiscalYearHint} today={today} />
          </div>
        </Section>
        <Section id="setup-person" title={t.link.personPart}>
          <div class="stack-l">
            <TextField {...form.field("name")} label={t.link.yourName} autocomplete="name" />
            <TextField {...form.field("email")} label={t.link.yourEmail} hint={t.link.yourEmailHint} type="email" autocomplete="username" spellcheck={false} />
            <PasswordField {...form.field("password")} label={t.link.password} hint={t.link.passwordHint} autocomplete="new-password" />
          </div>
        </Section>
        <Button type="submit" tone="main" busy={form.busy}>{t.link.setupSubmit}</Button>
      </form>
    </Page>
  );
}
