// State is shape + word + colour, never colour alone.
import { Icon } from "./icons";
import type { IconName } from "./icons";

export type BadgeTone = "ok" | "warn" | "bad" | "info" | "mute";

const SHAPES: Record<BadgeTone, IconName> = { ok: "check", warn: "clock", bad: "cross", info: "half", mute: "pause" };

export function Badge({ tone = "mute", icon, children }: { tone?: BadgeTone; icon?: IconName; children: string }) {
  return <span class={tone === "mute" ? "badge" : "badge badge--" + tone}><Icon name={icon ?? SHAPES[tone]} />{children}</span>;
}
