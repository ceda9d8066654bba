// Which address shows which page. A page of an organisation gets the parameters of its path.
import type { ComponentType } from "preact";
import type { NavKey } from "./shell";
import { BankPage } from "./pages/bank";
import { BankExplainPage } from "./pages/bank-explain";
import { BankImportPage } from "./pages/bank-import";
import { BankLinePage, BankMatchByIdPage } from "./pages/bank-line";
import { BankLinesPage } from "./pages/bank-lines";
import { BankMatchPage } from "./pages/bank-match";
import { BankOpeningPage } from "./pages/bank-opening";
import { BankStatementsPage } from "./pages/bank-statements";
import { ContributionPage } from "./pages/contribution";
import { ContributionsPage } from "./pages/contributions";
import { EntriesPage } from "./pages/entries";
import { EntryPage } from "./pages/entry";
import { EntryEditPage, EntryNewPage } from "./pages/entry-form";
import { EntryLinesPage } from "./pages/entry-lines";
import { FundPositionPage } from "./pages/fund-position";
import { HistoryPage } from "./pages/history";
import { HomePage } from "./pages/home";
import { InKindNewPage, InKindPage } from "./pages/in-kind";
import { MemberEditPage, MemberNewPage } from "./pages/member-form";
import { MemberImportPage } from "./pages/member-import";
import { MemberPage } from "./pages/member";
import { MembersPage } from "./pages/members";
import { RecordPage } from "./pages/record";
import { SettingsPage } from "./pages/settings";
import { SettingsIdentityPage } from "./pages/settings-identity";
import { TrialBalancePage } from "./pages/trial-balance";
import type { Params } from "./router";

export interface OrganisationRoute {
  /** Below /o/:slug; "" is the home page. */
  path: string;
  nav: NavKey;
  page: ComponentType<{ params: Params }>;
}

/** The first that fits is shown, so "members/new" stands before "members/:id". */
export const organisationRoutes: readonly OrganisationRoute[] = [
  { path: "", nav: "home", page: HomePage },
  { path: "members", nav: "members", page: MembersPage },
  { path: "members/new", nav: "members", page: MemberNewPage },
  { path: "members/import", nav: "members", page: MemberImportPage },
  { path: "members/:id", nav: "members", page: MemberPage },
  { path: "members/:id/edit", nav: "members", page: MemberEditPage },
  { path: "record", nav: "contributions", page: RecordPage },
  { path: "contributions", nav: "contributions", page: ContributionsPage },
  { path: "contributions/:id", nav: "contributions", page: ContributionPage },
  { path: "in-kind", nav: "contributions", page: InKindPage },
  { path: "in-kind/new", nav: "contributions", page: InKindNewPage },
  { path: "bank", nav: "bank", page: BankPage },
  { path: "bank/import", nav: "bank", page: BankImportPage },
  { path: "bank/statements", nav: "bank", page: BankStatementsPage },
  { path: "bank/match", nav: "bank", page: BankMatchPage },
  { path: "bank/matches/:id", nav: "bank", page: BankMatchByIdPage },
  { path: "bank/opening/:id", nav: "bank", page: BankOpeningPage },
  { path: "bank/lines", nav: "bank", page: BankLinesPage },
  { path: "bank/lines/:id", nav: "bank", page: BankLinePage },
  { path: "bank/lines/:id/explain/:position", nav: "bank", page: BankExplainPage },
  { path: "entries", nav: "entries", page: EntriesPage },
  { path: "entries/new", nav: "entries", page: EntryNewPage },
  { path: "entries/:id", nav: "entries", page: EntryPage },
  { path: "entries/:id/edit", nav: "entries", page: EntryEditPage },
  { path: "entry-lines", nav: "entries", page: EntryLinesPage },
  { path: "trial-balance", nav: "entries", page: TrialBalancePage },
  { path: "fund-position", nav: "position", page: FundPositionPage },
  { path: "history", nav: "history", page: HistoryPage },
  { path: "settings", nav: "settings", page: SettingsPage },
  { path: "settings/identity", nav: "settings", page: SettingsIdentityPage },
];
