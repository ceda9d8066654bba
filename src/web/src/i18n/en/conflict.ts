import type { Messages } from "..";

export const conflict: Messages["conflict"] = {
  title: "What has changed in the meantime",
  same: "The saved version says the same as the one you started from.",
  keep: "Keep what I typed",
  take: "Take the saved version",
  keepHint: "Keeping what you typed saves nothing yet: read it again, then save.",
};
