// My account: who I am, how Grenier looks to me, and the devices where I am signed in.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { Collection, Session } from "../model";
import { dateIn, timeIn } from "../lib/date";
import { newKey } from "../client";
import { failureOf } from "../lib/form";
import { roleNames } from "../lib/names";
import { useGet } from "../lib/query";
import { chooseTheme, storedTheme } from "../lib/theme";
import type { Theme } from "../lib/theme";
import { useI18n } from "../i18n";
import type { Language, Messages } from "../i18n";
import { navigate } from "../router";
import { useSession, useSessionState } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { ConfirmDialog, useToast } from "../ui/feedback";
import { ChoiceField } from "../ui/fields";
import { Facts } from "../ui/ledger";
import { Loaded, Note, Page, Section } from "../ui/page";
import { Table } from "../ui/table";

export function AccountPage() {
  const { t, language, setLanguage } = useI18n();
  const { me, memberships } = useSession();
  const { signOut } = useSessionState();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const [failure, setFailure] = useState<unknown>(null);
  const leave = () => {
    signOut().then(() => navigate("/sign-in"), (error: unknown) => setFailure(error));
  };
  const failed = failure ? failureOf(failure, t.failure) : null;
  return (
    <Page title={t.account.title} actions={<Button onClick={leave}>{t.account.signOut}</Button>} lead={t.account.signOutHint}>
      {failed ? <Note tone="bad" title={failed.title} live>{failed.detail}</Note> : null}
      <div class="cols cols--6-6">
        <Section id="account-who" title={t.account.who}>
          <Facts items={[
            { label: t.account.name, value: me.name ?? "" },
            { label: t.account.email, value: me.email ?? "" },
            { label: t.account.rights, value: memberships.length ? (
              <ul class="plain">{memberships.map((one) => <li key={one.slug}>{t.account.roles(one.name, roleNames(one.roles, t))}</li>)}</ul>
            ) : t.common.none },
          ]} />
        </Section>
        <Section id="account-display" title={t.account.display}>
          <div class="stack-l">
            <ChoiceField<Language> id="language" label={t.account.language} value={language} onValue={setLanguage}
              options={[{ value: "fr", label: "Français" }, { value: "en", label: "English" }]} />
            <ChoiceField<Theme> id="theme" label={t.account.theme} value={theme} onValue={(value) => { setTheme(value); chooseTheme(value); }}
              options={[{ value: "system", label: t.account.themeSystem }, { value: "light", label: t.account.themeLight }, { value: "dark", label: t.account.themeDark }]} />
          </div>
        </Section>
      </div>
      <Sessions />
    </Page>
  );
}

const BROWSERS: [RegExp, string][] = [[/Firefox\//, "Firefox"], [/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Chrom(?:e|ium)\//, "Chrome"], [/Safari\//, "Safari"], [/curl\//, "curl"]];
const SYSTEMS: [RegExp, string][] = [[/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]];

/** "Firefox sur Linux" from what the browser says of itself. */
function deviceName(agent: string | null, t: Messages): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent ?? ""))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent ?? ""))?.[1] ?? "";
  return browser ? t.account.browser(browser, system) : t.account.unknownDevice;
}

function Sessions() {
  const { t, date } = useI18n();
  const toast = useToast();
  const got = useGet<Collection<Session>>("/sessions");
  const [closing, setClosing] = useState<Session | null>(null);
  const [busy, setBusy] = useState(false);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const moment = (instant: string) => {
    const { hour, minute } = timeIn(zone, new Date(instant));
    return t.account.at(date(dateIn(zone, new Date(instant)), "long"), hour, minute);
  };
  const close = async () => {
    if (!closing) return;
    setBusy(true);
    try {
      await request("POST", `/sessions/${closing.id}/revocations`, { body: {}, key: newKey() });
      toast(t.account.revoked);
    } catch (error) {
      toast(failureOf(error, t.failure).title);
    } finally {
      setBusy(false);
      setClosing(null);
    }
  };
  return (
    <div class="block block--after">
      <div class="block__head"><h2 id="account-sessions">{t.account.sessions}</h2></div>
      <p class="soft small gap-below">{t.account.sessionsLead}</p>
      <Loaded got={got}>{(data) => (
        <Table caption={t.account.sessions} rows={data.items} rowKey={(session) => session.id} columns={[
          { key: "device", title: t.account.device, head: true, cell: (session) => <>{deviceName(session.user_agent, t)} {session.current ? <Badge tone="ok">{t.account.thisOne}</Badge> : null}</> },
          { key: "address", title: t.account.address, optional: true, cell: (session) => session.last_address ?? session.address ?? "" },
          { key: "since", title: t.account.since, optional: true, cell: (session) => moment(session.created_at) },
          { key: "seen", title: t.account.seen, cell: (session) => moment(session.last_seen_at) },
          { key: "act", title: t.account.revoke, silent: true, cell: (session) => (session.current ? "" : <Button small onClick={() => setClosing(session)}>{t.account.revoke}</Button>) },
        ]} />
      )}</Loaded>
      <ConfirmDialog title={t.account.revokeTitle} open={closing !== null} confirmLabel={t.account.revoke} busy={busy} onConfirm={() => void close()} onClose={() => setClosing(null)}>
        <p class="gap-s">{closing ? t.account.revokeDetail(deviceName(closing.user_agent, t)) : ""}</p>
      </ConfirmDialog>
    </div>
  );
}
