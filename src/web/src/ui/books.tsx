// What the pages of the books show alike: the state of an entry, the section's own navigation.
import type { Entry } from "../model";
import { useI18n } from "../i18n";
import { useOrganisation } from "../session";
import { Badge } from "./badge";
import { SubNav } from "./subnav";

/** Draft, final, reversed, or the reversal of another. */
export function EntryBadge({ entry }: { entry: Pick<Entry, "status" | "reversed_by_entry_id" | "reverses_entry_id"> }) {
  const { t } = useI18n();
  if (entry.status === "draft")
    return (
      <Badge tone="warn" icon="pen">
        {t.entries.draft}
      </Badge>
    );
  if (entry.reversed_by_entry_id)
    return (
      <Badge tone="mute" icon="cross">
        {t.entries.reversed}
      </Badge>
    );
  if (entry.reverses_entry_id)
    return (
      <Badge tone="info" icon="undo">
        {t.entries.reversal}
      </Badge>
    );
  return (
    <Badge tone="mute" icon="lock">
      {t.entries.validated}
    </Badge>
  );
}

export function BooksNav({ current }: { current: "entries" | "lines" | "balance" }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  return (
    <SubNav
      label={t.books.section}
      current={current}
      items={[
        { key: "entries", label: t.books.entries, href: organisation.href("entries") },
        { key: "lines", label: t.books.lines, href: organisation.href("entry-lines") },
        { key: "balance", label: t.books.balance, href: organisation.href("trial-balance") },
      ]}
    />
  );
}
