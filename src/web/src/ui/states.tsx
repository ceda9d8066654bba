// The states of things as badges, the same everywhere.
import type { ContributionStatus } from "../api";
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

export function ContributionBadge({ status }: { status: ContributionStatus }) {
  const { t } = useI18n();
  const [tone, icon] = CONTRIBUTION[status];
  return <Badge tone={tone} icon={icon}>{t.enums.contributionStatus[status]}</Badge>;
}
