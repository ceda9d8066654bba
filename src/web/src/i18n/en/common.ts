import { englishPlural as plural } from "../typography";
import type { Messages } from "..";

export const common: Messages["common"] = {
  product: "Grenier",
  skip: "Skip to content",
  loading: "Loading…",
  retry: "Try again",
  cancel: "Cancel",
  close: "Close",
  dismiss: "Close",
  optional: "(optional)",
  no: "no",
  none: "none",
  crumbs: "You are here",
  printedPage: "page {page} of {pages}",
  sameInTable: "The same figures as a table",
  print: "Print",
  showPassword: "Show",
  hidePassword: "Hide",
};

export const failure: Messages["failure"] = {
  lostTitle: "The connection was lost: it is not known whether this was saved",
  lostDetail: "Everything you typed is kept. Send it again: if the first try arrived, nothing will be saved twice.",
  sentTitle: "A first try, with other answers, has already been saved",
  sentDetail: "Nothing more is saved. Look at the list first: if you send again, there will be two.",
  busyTitle: "The service is not available for the moment",
  busyDetail: "Everything you typed is kept. Try again in a moment: nothing will be saved twice.",
  otherTitle: "Something went wrong in the service",
  otherDetail: "Everything you typed is kept. Try again; if it lasts, tell the person who looks after Grenier.",
  offlineTitle: "No connection to the service",
  offlineDetail: "Check your access to the Internet, then try again.",
  notFoundTitle: "This page does not exist",
  notFoundDetail: "The address is wrong, or what it named cannot be seen with your rights.",
  forbiddenTitle: "Your rights do not let you see this page",
  forbiddenDetail: "Ask the person who administers the association if you need it.",
};

export const form: Messages["form"] = {
  refused: (faults) => (faults < 2 ? "Nothing is saved: one answer needs correcting" : `Nothing is saved: ${faults} answers need correcting`),
  fieldFault: (label, detail) => `${label.replace(/[?:]$/, "")}: ${detail}`,
  required: "This answer is needed.",
  draftKept: (hour, minute) => `Draft kept on this device at ${hour}:${String(minute).padStart(2, "0")}.`,
  draftRestored: "Your draft was found on this device.",
  draftDrop: "Discard the draft",
  save: "Save",
  abandon: "Leave",
};

export const list: Messages["list"] = {
  filters: "Filter the list",
  clear: "Show all",
  exportAs: "Export:",
  search: "Search",
  all: "All",
  allFeminine: "All",
  pages: "Pages of the list",
  previous: "Previous",
  next: "Next",
  nothingFound: "Nothing matches these filters.",
  shown: (count, part) => (part ? `${count} ${plural(count, "row", "rows")} on this page` : `${count} ${plural(count, "row", "rows")}`),
  from: "From",
  to: "To",
};

export const money: Messages["money"] = {
  syntax: "This amount is not understood: write for instance 1,250.50.",
  precision: "Two decimals at most.",
  ambiguous: "Thousands or decimals? Write 1250, 1,250 or 1.25.",
  negative: "Write the amount without a minus sign.",
  zero: "The amount must be more than zero.",
  too_big: "This amount is too large.",
  empty: "Give the amount.",
  hint: "For instance 1,250.5 or 1250.50",
};

export const date: Messages["date"] = {
  syntax: "This date is not understood: write for instance 12/03/2026, day first.",
  unknown_day: "This day is not in the calendar.",
  range: "The year must be between 1900 and 2199.",
  empty: "Give the date.",
  hint: "12/03/2026 (day first), 12 March, yesterday",
  openCalendar: (label) => `Pick from a calendar: ${label}`,
};

export const file: Messages["file"] = {
  choose: "Choose a file",
  other: "Choose another file",
  chosen: (name, kilobytes) => `${name} (${kilobytes} kB)`,
  required: "Choose a file.",
};

export const combo: Messages["combo"] = {
  list: "Suggestions",
  none: "No name matches",
  count: (count) => `${count} ${plural(count, "suggestion", "suggestions")}, arrows to choose`,
  more: (count) => `And ${count} ${plural(count, "other", "others")}: keep typing.`,
};

export const ledger: Messages["ledger"] = {
  account: "Account",
  debit: "Debit",
  credit: "Credit",
  total: "Total",
};
