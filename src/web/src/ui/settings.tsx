// What the sections of the settings share.
import { useI18n } from "../i18n";
import { search } from "../router";
import { useOrganisation } from "../session";

/** The way to what was changed here, for whoever may see it. */
export function HistoryLink({ kind, of }: { kind: string; of: string }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  if (!organisation.can("audit")) return null;
  return <a class="small noprint" href={organisation.href("history") + search({ subject_kind: kind })}>{t.settings.history}<span class="hide">{" : " + of}</span></a>;
}
