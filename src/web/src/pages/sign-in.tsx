// Signing in: the page, and the dialog that appears over a page whose session has ended, without losing what was typed.
import { useEffect, useRef, useState } from "preact/hooks";
import { configureClient, newKey, request } from "../client";
import type { SignIn } from "../model";
import { useForm } from "../lib/form";
import type { Fault, Form } from "../lib/form";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { navigate, usePlace } from "../router";
import { readSession, useSessionState } from "../session";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { Dialog } from "../ui/feedback";
import { TextField } from "../ui/fields";
import { Note, Page } from "../ui/page";
import { PasswordField } from "../ui/password";

/** Addresses of this application only: never another site, never the API. */
function safeTarget(to: string | null): string {
  return to && /^\/(?![/\\])/.test(to) && !to.startsWith("/sign-in") && !to.startsWith("/api/") ? to : "/";
}

function missing(values: SignIn, t: Messages): Fault[] {
  const faults: Fault[] = [];
  if (!values.email.trim()) faults.push({ pointer: "/email", detail: t.signIn.emailRequired });
  if (!values.password) faults.push({ pointer: "/password", detail: t.signIn.passwordRequired });
  return faults;
}

async function signIn(values: SignIn, key: string): Promise<void> {
  await request("POST", "/sessions", { body: { email: values.email.trim(), password: values.password }, key, quiet: true });
}

function SignInFields({ form, known }: { form: Form<SignIn>; known?: boolean }) {
  const { t } = useI18n();
  return (
    <>
      <TextField {...form.field("email")} label={t.signIn.email} type="email" autocomplete="username" inputMode="email" spellcheck={false} />
      <PasswordField {...form.field("password")} label={t.signIn.password} autocomplete="current-password" first={known ?? false} />
    </>
  );
}

export function SignInPage() {
  const { t } = useI18n();
  const { query } = usePlace();
  const { session, refresh } = useSessionState();
  const target = safeTarget(query.get("to"));
  const form = useForm<SignIn, void>({
    name: "sign-in",
    initial: { email: query.get("email") ?? "", password: "" },
    validate: (values) => missing(values, t),
    send: signIn,
    done: () => { void refresh(); },
  });
  useEffect(() => { if (session) navigate(target, { replace: true }); }, [session]);
  return (
    <div class="narrow-form">
      <Page title={t.signIn.title} lead={t.signIn.lead}>
        {query.get("after") === "link" ? <Note tone="ok">{t.signIn.afterLink}</Note> : null}
        <form class="sheet stack-l gap" onSubmit={form.submit} noValidate>
          <ErrorSummary form={form} />
          <SignInFields form={form} />
          <Button type="submit" tone="main" busy={form.busy}>{t.signIn.submit}</Button>
          <p class="small soft">{t.signIn.lost}</p>
        </form>
      </Page>
    </div>
  );
}

/** Opens by itself when a request finds the session over; the request goes on once the same person is back. */
export function SignInAgain() {
  const { session } = useSessionState();
  const [waiting, setWaiting] = useState<((done: boolean) => void) | null>(null);
  const who = useRef(session);
  who.current = session;
  useEffect(() => {
    configureClient({
      signIn: () => (who.current ? new Promise<boolean>((resolve) => setWaiting(() => resolve)) : Promise.resolve(false)),
    });
  }, []);
  const finish = (done: boolean) => {
    waiting?.(done);
    setWaiting(null);
  };
  return waiting && session ? <SignInAgainDialog email={session.me.email ?? ""} user={session.user} finish={finish} /> : null;
}

function SignInAgainDialog({ email, user, finish }: { email: string; user: string; finish: (done: boolean) => void }) {
  const { t } = useI18n();
  const form = useForm<SignIn, boolean>({
    name: "sign-in-again",
    initial: { email, password: "" },
    validate: (values) => missing(values, t),
    send: async (values) => {
      await signIn(values, newKey());
      return (await readSession())?.user === user;
    },
    done: (same) => { if (same) finish(true); else window.location.assign("/"); },
  });
  return (
    <Dialog title={t.signIn.againTitle} open onClose={() => finish(false)}>
      <p class="gap-s">{t.signIn.againLead}</p>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <SignInFields form={form} known />
        <div class="dialog__acts">
          <Button onClick={() => finish(false)}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{t.signIn.submit}</Button>
        </div>
      </form>
    </Dialog>
  );
}
