// The states of things as badges, the same everywhere.
import type { ContributionStatus } from "../model";
import { useI18n } from "../i18n";
import { Badge } from "./badge";
import type { BadgeTone } from "./badge";
import type { IconName } from "./icons";

const CONTRIBUTION: Record<ContributionStatus, [BadgeTone, IconName]> = {
  recorded: ["ok", "check"],
  awaited: ["info", "clock"],
  cancelled: ["mute", "cross"],
  corrected: ["mute", "undo"],
  returned: ["bad", "diamond"],
};

/** Recorded in the books; "matched" once a bank line says the same. */
export function ContributionBadge({ of: { status, matched } }: { of: { status: ContributionStatus; matched: boolean } }) {
  const { t } = useI18n();
  const [tone, icon] = CONTRIBUTION[status];
  if (status === "recorded" && !matched) return <Badge tone="mute" icon="pen">{t.enums.contributionStatus.recorded}</Badge>;
  return <Badge tone={tone} icon={icon}>{status === "recorded" ? t.enums.contributionMatched : t.enums.contributionStatus[status]}</Badge>;
}
