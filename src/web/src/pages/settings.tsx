// What the association is and the rules its books follow: identity, what money is set aside for, projects, fiscal years, sub-accounts.
import { useEffect } from "preact/hooks";
import { useI18n } from "../i18n";
import { siretGroups } from "../lib/text";
import { usePlace } from "../router";
import { useOrganisation } from "../session";
import { Facts } from "../ui/ledger";
import { Page, Section } from "../ui/page";
import { AccountsSection } from "./settings-accounts";
import { FundsSection, ProjectsSection } from "./settings-funds";
import { YearsSection } from "./settings-years";

export function SettingsPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  useSectionOfAddress();
  return (
    <Page narrow title={t.settings.title} lead={t.settings.lead}>
      <Identity />
      <FundsSection />
      <ProjectsSection />
      {organisation.can("read_books") ? <><YearsSection /><AccountsSection /></> : null}
    </Page>
  );
}

/** An address may name a section ("#settings-funds"): a figure of a report leads there. */
function useSectionOfAddress(): void {
  const { arrival } = usePlace();
  useEffect(() => {
    const section = window.location.hash ? document.getElementById(window.location.hash.slice(1)) : null;
    if (!section) return;
    section.tabIndex = -1;
    section.focus({ preventScroll: true });
    // The sections above may still be read: they push this one down, and it is brought back for a moment.
    const follow = () => section.scrollIntoView({ block: "start" });
    follow();
    const watch = new ResizeObserver(follow);
    watch.observe(document.body);
    const stop = setTimeout(() => watch.disconnect(), 1_500);
    return () => { clearTimeout(stop); watch.disconnect(); };
  }, [arrival]);
}

function Identity() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const place = [organisation.postal_code, organisation.city].filter(Boolean).join(" ");
  const address = [...(organisation.street?.split("\n") ?? []), place].filter(Boolean);
  const missing = <span class="soft">{t.settings.none}</span>;
  const administers = organisation.can("settings");
  return (
    <Section id="settings-identity" title={t.settings.identity} aside={administers ? <a class="btn btn--s" href={organisation.href("settings/identity")}>{t.settings.edit}<span class="hide">{" " + t.settings.identity}</span></a> : null}>
      <div class="stack">
        <Facts items={[
          { label: t.settings.name, value: <strong>{organisation.name}</strong> },
          { label: t.settings.siret, value: organisation.siret ? siretGroups(organisation.siret) : missing },
          { label: t.settings.rna, value: organisation.rna ?? missing },
          { label: t.settings.email, value: organisation.email ? <a href={"mailto:" + organisation.email}>{organisation.email}</a> : missing },
          { label: t.settings.address, value: address.length ? address.map((line, index) => <>{index ? <br /> : null}{line}</>) : missing },
          { label: t.settings.dues, value: (
            <>{organisation.dues_with_counterpart ? t.settings.duesSold : t.settings.duesPlain}<span class="soft under">{organisation.dues_with_counterpart ? t.settings.duesSoldDetail : t.settings.duesPlainDetail}</span></>
          ) },
          { label: t.settings.currency, value: organisation.currency },
          { label: t.settings.timeZone, value: organisation.time_zone },
          { label: t.settings.language, value: t.settings.languages[organisation.language] ?? organisation.language },
          { label: t.settings.slug, value: <code>{organisation.slug}</code> },
        ]} />
        <p class="small soft">{t.settings.fixed} {administers ? "" : t.settings.readOnlyIdentity}</p>
      </div>
    </Section>
  );
}
