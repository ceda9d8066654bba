import type { Messages } from "..";

export const nav: Messages["nav"] = {
  main: "Main",
  menu: "Menu",
  home: "Home",
  members: "Members",
  mine: "My record",
  contributions: "Money in",
  bank: "Bank",
  entries: "Entries",
  position: "Fund position",
  history: "History",
  settings: "Settings",
  waitingCount: (count) => `, to be dealt with: ${count}`,
};

export const shell: Messages["shell"] = {
  searchLabel: "Find a member",
  searchPlaceholder: "Member: name, number…",
  account: "Your sign-in and sessions",
  switchOrganisation: "Switch",
  licence: "Grenier, free software (AGPL 3.0)",
  otherLanguage: "Français",
  otherLanguageCode: "fr",
};

export const chooser: Messages["chooser"] = {
  title: "Choose an association",
  lead: "You keep or follow the books of several associations.",
  none: "You have no rights in any association",
  noneDetail: "Ask the person who administers your association to give you some.",
};
