// What the REST API sends and takes. Amounts are decimal strings, dates "YYYY-MM-DD", instants RFC 3339.

export type Money = string;
export type Uuid = string;
export type IsoDate = string;
export type Instant = string;

export interface Collection<T> {
  items: T[];
  next: string | null;
}

export interface FieldFault {
  pointer: string;
  code: string;
  detail: string;
}

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

export type Role = "treasurer" | "board" | "member" | "auditor" | "administrator";
export type LegalForm = "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority"
  | "elected_official" | "person";
export type Means = "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform";
export type Nature = "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy"
  | "equity_without_return" | "equity_with_return" | "repayable";
export type FundKind = "general" | "solidarity" | "designated" | "restricted";
export type ContributionStatus = "recorded" | "awaited" | "cancelled" | "corrected" | "returned";
export type InKindKind = "volunteer_time" | "goods" | "premises" | "services";

// ---- outside organisations ----

export interface SignIn {
  email: string;
  password: string;
}

export interface Me {
  /** Who the audit log names: "user:…" or "token:…". */
  actor: string;
  id: Uuid | null;
  name: string | null;
  email: string | null;
  organisations: Membership[];
}

export interface Session {
  id: Uuid;
  current: boolean;
  created_at: Instant;
  last_seen_at: Instant;
  expires_at: Instant;
  address: string | null;
  last_address: string | null;
  user_agent: string | null;
}

/** An organisation the signed-in person belongs to. */
export interface Membership {
  id: Uuid;
  slug: string;
  name: string;
  currency: string;
  currency_digits: number;
  time_zone: string;
  language: string;
  roles: Role[];
  member_id: Uuid | null;
}

export interface OneTimeLink {
  purpose: "password" | "setup";
  user_name: string | null;
  user_email: string | null;
  language: string;
  expires_at: Instant;
}

export interface OneTimeLinkUsed {
  email: string;
  organisation: string | null;
}

export interface OneTimeLinkUse {
  password: string;
  organisation_name?: string;
  slug?: string;
  fiscal_year_starts_on?: IsoDate;
  name?: string;
  email?: string;
}

// ---- an organisation ----

export interface Organisation {
  slug: string;
  name: string;
  currency: string;
  currency_digits: number;
  time_zone: string;
  language: "fr" | "en";
  siret: string | null;
  rna: string | null;
  email: string | null;
  street: string | null;
  postal_code: string | null;
  city: string | null;
  dues_with_counterpart: boolean;
  version: number;
  created_at: Instant;
}

export interface Fund {
  id: Uuid;
  name: string;
  kind: FundKind;
  floor: Money;
  is_default: boolean;
  version: number;
  created_at: Instant;
}

export interface Project {
  id: Uuid;
  code: string | null;
  name: string;
  version: number;
}

export interface Account {
  number: string;
  title: string;
  kind: "asset" | "liability" | "expense" | "income" | "contingent";
}

export interface Journal {
  code: string;
  name: string;
}

export interface FiscalYear {
  id: Uuid;
  starts_on: IsoDate;
  ends_on: IsoDate;
  locked_through: IsoDate | null;
  state: "open" | "locked" | "closed";
  version: number;
}

export interface EntryLine {
  id: string;
  account: string;
  title: string;
  debit: Money | null;
  credit: Money | null;
  fund_id: Uuid;
  fund_name: string;
  project_id: Uuid | null;
  member_id: Uuid | null;
  member_name: string | null;
  label: string | null;
}

export interface Entry {
  id: Uuid;
  status: "draft" | "validated";
  journal: string;
  number: number | null;
  date: IsoDate;
  label: string;
  total: Money;
  lines: EntryLine[];
  source_kind: string;
  source_id: Uuid | null;
  reverses_entry_id: Uuid | null;
  reversed_by_entry_id: Uuid | null;
  reason: string | null;
  fiscal_year_id: Uuid | null;
  recorded_at: Instant;
  recorded_by: string;
  version: number;
}

// ---- members and money in ----

export interface Member {
  id: Uuid;
  number: number;
  name: string;
  legal_form: LegalForm;
  status: "current" | "left";
  siret: string | null;
  siren: string | null;
  rna: string | null;
  email: string | null;
  phone: string | null;
  street: string | null;
  postal_code: string | null;
  city: string | null;
  country: string | null;
  iban: string | null;
  account_holder: string | null;
  contact_name: string | null;
  contact_role: string | null;
  joined_on: IsoDate;
  left_on: IsoDate | null;
  notes: string | null;
  contributed_this_year: Money;
  contributed_total: Money;
  dues_paid_this_year: Money;
  last_contribution_on: IsoDate | null;
  version: number;
  created_at: Instant;
}

export interface MemberImportItem {
  line: number;
  action: "create" | "update" | "unchanged" | "refused";
  name: string | null;
  errors: FieldFault[];
}

export interface MemberImport {
  items: MemberImportItem[];
  encoding?: string;
  notes?: string[];
}

export interface Donor {
  name: string;
  legal_form: LegalForm;
}

export interface Contribution {
  id: Uuid;
  /** The day it was received or, while it is awaited, of the agreement. */
  date: IsoDate;
  member_id: Uuid | null;
  member_number: number | null;
  member_name: string | null;
  donor: Donor | null;
  giver_name: string;
  giver_legal_form: LegalForm;
  amount: Money;
  received_on: IsoDate | null;
  means: Means;
  nature: Nature;
  fund_id: Uuid;
  fund_name: string;
  project_id: Uuid | null;
  project_name: string | null;
  label: string | null;
  agreement_signed_on: IsoDate | null;
  repayable_on: IsoDate | null;
  legal_basis: string | null;
  status: ContributionStatus;
  entry_id: Uuid | null;
  receipt_entry_id: Uuid | null;
  return_entry_id: Uuid | null;
  reversal_entry_id: Uuid | null;
  corrects_id: Uuid | null;
  corrected_by_id: Uuid | null;
  reason: string | null;
  /** Linked to a bank line. */
  matched: boolean;
  /** What is worth a look and refuses nothing. */
  notes: ContributionNote[];
  recorded_at: Instant;
  recorded_by: string;
}

export interface ContributionCreate {
  member_id?: Uuid;
  donor?: Donor;
  amount: Money;
  received_on?: IsoDate;
  means: Means;
  nature: Nature;
  fund_id?: Uuid;
  project_id?: Uuid;
  label?: string;
  agreement_signed_on?: IsoDate;
  repayable_on?: IsoDate;
  legal_basis?: string;
}

export interface PreviewLine {
  account: string;
  title: string;
  debit: Money | null;
  credit: Money | null;
  fund_name: string;
}

export interface PreviewEntry {
  date: IsoDate;
  journal: string;
  label: string;
  lines: PreviewLine[];
}

export type ContributionNote = "before_joining" | "after_leaving" | "patronage_without_agreement" | "to_repay";

export interface ContributionPreview {
  entries: PreviewEntry[];
  fund_id: Uuid;
  fund_name: string;
  status: ContributionStatus;
  notes: ContributionNote[];
}

export interface ContributionNature {
  legal_form: LegalForm;
  id: string;
  nature: Nature;
  account: string;
  agreement_account: string | null;
  default_fund_kind: FundKind;
  default_fund_id: Uuid;
  needs: string[];
  lendable: boolean;
  source: string;
}

export interface InKindContribution {
  id: Uuid;
  given_on: IsoDate;
  kind: InKindKind;
  value: Money;
  hours: string | null;
  member_id: Uuid | null;
  member_number: number | null;
  member_name: string | null;
  donor: Donor | null;
  giver_name: string;
  project_id: Uuid | null;
  project_name: string | null;
  label: string | null;
  status: "recorded" | "cancelled";
  reason: string | null;
  entry_id: Uuid | null;
  recorded_at: Instant;
}

// ---- reports ----

export interface FundPositionItem {
  fund_id: Uuid;
  name: string;
  held: Money;
  held_for_others: Money;
  promised: Money;
  reserved: Money;
  floor: Money;
  available: Money;
}

export interface FundPositionMonth {
  month: string;
  in: Money;
  out: Money;
  available: Money;
}

export interface FundPosition {
  as_of: IsoDate;
  known_at: Instant;
  items: FundPositionItem[];
  months: FundPositionMonth[];
}

export interface ToDoItem {
  kind: string;
  count: number;
  amount: Money | null;
  oldest_on: IsoDate | null;
}

export interface ToDo {
  items: ToDoItem[];
  bank: { agrees: boolean; difference: Money; on: IsoDate | null };
}
