import type { Messages } from "..";

export const history: Messages["history"] = {
  title: "History",
  lead: "What was done, by whom, when and why. Nothing is ever erased here.",
  caption: "What happened, the latest first",
  at: "When",
  who: "Who",
  what: "What",
  kinds: "Show",
  changes: "Changes",
  access: "Visits and sign-ins",
  everything: "Everything",
  reason: "Reason",
  empty: "Nothing has happened yet",
};
