// Names for what the API sends and takes. The shapes are in api.ts, which the server's own tables make; here stand the words
// pages use for them. Amounts are decimal strings, dates "YYYY-MM-DD", instants RFC 3339.
import type * as api from "./api";

export type {
  Account, AuditEvent, BankAccount, BankOpenItem, BankStatement, Contribution, ContributionNature, ContributionPreview, Entry, EntryLine, ExpenseCategory, FiscalYear, Fund,
  InKindContribution, Journal, Me, Member, MemberImport, OneTimeLink, Project,
} from "./api";

export type Collection<T> = api.Page<T>;
export type Organisation = api.OrganisationShow;
/** An organisation the signed-in person belongs to. */
export type Membership = api.Me["organisations"][number];
export type Session = api.SessionList;
export type ContributionCreate = api.ContributionCreateInput;
export type OneTimeLinkUse = api.OneTimeLinkUseInput;
export type MemberImportItem = api.MemberImport["items"][number];
export type SignIn = api.SessionCreateInput;
export type BankMatch = api.BankOpening;
export type BankMatchPart = BankMatch["parts"][number];
export type BankMatchCreate = api.BankMatchCreateInput;
export type BankNewPart = NonNullable<BankMatchCreate["create"]>[number];
/** A part of a batch, as the bank details it. */
export interface BankDetail {
  amount?: string;
  currency?: string;
  counterparty_name?: string;
  remittance?: string;
}
export type BankTransaction = Omit<api.BankTransaction, "details"> & { details: BankDetail[] };
export type Suggestion = api.BankTransaction["suggestions"][number];
export type SuggestionPart = Suggestion["parts"][number];
/** What a bank line, or a part of one, can be. */
export type MatchKind = BankNewPart["kind"];
export type PreviewEntry = api.ContributionPreview["entries"][number];

export type Role = "treasurer" | "board" | "member" | "auditor" | "administrator";
export type LegalForm = api.Member["legal_form"];
export type Means = NonNullable<api.Contribution["means"]>;
export type Nature = api.Contribution["nature"];
export type FundKind = api.Fund["kind"];
export type ContributionStatus = api.Contribution["status"];
export type InKindKind = api.InKindContribution["kind"];
export type FundPosition = api.FundPosition;
export type FundPositionItem = FundPosition["items"][number];
export type ToDo = api.To;
export type ToDoItem = ToDo["items"][number];
export type FundMonth = FundPosition["months"][number];
/** What is worth a look about a contribution and refuses nothing. */
export type ContributionNote = "before_joining" | "after_leaving" | "patronage_without_agreement" | "to_repay";

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  instance?: string;
  request_id?: string;
  errors?: FieldFault[];
}

export interface FieldFault {
  pointer: string;
  code: string;
  detail: string;
}
