// Made by `grenier openapi --typescript` from the tables of the API: do not edit.

/** A page of a collection. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface BankAccount {
  /** Bank account */
  id: string;
  /** Name */
  name: string;
  /** IBAN, as the bank gives it */
  iban: string | null;
  /** Another number that names it */
  identifier: string | null;
  /** ISO 4217 */
  currency: string;
  /** Its account of the ledger; null until it is confirmed */
  account: string | null;
  /** unconfirmed: found by an import, not to be booked from yet; other_currency: read only */
  status: "confirmed" | "unconfirmed" | "other_currency";
  /** What the bank says there was at the end of balance_on */
  bank_balance: string | null;
  /** as_of, or the last day of its statements if that is earlier */
  balance_on: string | null;
  /** What the books say at the end of the same day */
  ledger_balance: string | null;
  /** Bank − books */
  difference: string | null;
  /** Whether they are equal */
  agrees: boolean | null;
  /** Bank lines nobody has matched */
  unmatched_count: number;
  /** Their sum */
  unmatched_amount: string;
  /** Lines of the books the bank has not shown */
  ledger_unmatched_count: number;
  /** Their sum */
  ledger_unmatched_amount: string;
  /** Statements imported */
  statements: number;
  /** When the last one came */
  last_imported_at: string | null;
  /** Where statements are missing */
  gaps: {
    /** The statement before which something is missing */
    statement_id: string;
    /** Last day of the statement before */
    from_on: string;
    /** First day of the statement */
    to_on: string;
    /** Balance at the end of the one before */
    previous_closing: string;
    /** Balance at the beginning of this one */
    opening: string;
    /** By how much the balance moved that no statement explains */
    missing: string;
  }[];
  /** When a person said that it is the association's */
  confirmed_at: string | null;
  /** Counts the changes */
  version: number;
  /** Made at */
  created_at: string;
}

export interface BankStatement {
  /** Statement */
  id: string;
  /** Its bank account */
  bank_account_id: string;
  /** Its name */
  bank_account_name: string;
  /** Whether it can be booked from */
  account_status: "confirmed" | "unconfirmed" | "other_currency";
  /** The account as the file names it */
  account: string;
  /** Its IBAN */
  iban: string | null;
  /** ISO 4217 */
  currency: string;
  /** Format of the file */
  format: "ofx" | "camt.053";
  /** Its name */
  file_name: string | null;
  /** Its digest */
  file_sha256: string;
  /** The bank's identification of the statement */
  reference: string | null;
  /** Its number */
  number: string | null;
  /** First day */
  from_on: string | null;
  /** Last day */
  to_on: string | null;
  /** Balance before; null where the file does not say */
  opening_balance: string | null;
  /** Balance after */
  closing_balance: string | null;
  /** Day of the balance after */
  closing_on: string | null;
  /** Sum of what came in */
  sum_in: string;
  /** Sum of what went out, negative */
  sum_out: string;
  /** Booked entries */
  transactions: number;
  /** Those no earlier import had brought */
  new_transactions: number;
  /** Opening + entries = closing; null where a balance is missing */
  balanced: boolean | null;
  /** Something is missing before it */
  gap: boolean;
  /** What is worth knowing about it */
  notes: {
    /** Code, as in docs/errors.md */
    code: string;
    /** The sentence, in the reader's language */
    detail: string;
  }[];
  /** Imported at */
  recorded_at: string;
  /** By whom */
  recorded_by: string;
}

export interface BankStatementImport {
  /** The statements of the file, in its order */
  items: {
    /** Statement */
    id: string;
    /** Its bank account */
    bank_account_id: string;
    /** Its name */
    bank_account_name: string;
    /** Whether it can be booked from */
    account_status: "confirmed" | "unconfirmed" | "other_currency";
    /** The account as the file names it */
    account: string;
    /** Its IBAN */
    iban: string | null;
    /** ISO 4217 */
    currency: string;
    /** Format of the file */
    format: "ofx" | "camt.053";
    /** Its name */
    file_name: string | null;
    /** Its digest */
    file_sha256: string;
    /** The bank's identification of the statement */
    reference: string | null;
    /** Its number */
    number: string | null;
    /** First day */
    from_on: string | null;
    /** Last day */
    to_on: string | null;
    /** Balance before; null where the file does not say */
    opening_balance: string | null;
    /** Balance after */
    closing_balance: string | null;
    /** Day of the balance after */
    closing_on: string | null;
    /** Sum of what came in */
    sum_in: string;
    /** Sum of what went out, negative */
    sum_out: string;
    /** Booked entries */
    transactions: number;
    /** Those no earlier import had brought */
    new_transactions: number;
    /** Opening + entries = closing; null where a balance is missing */
    balanced: boolean | null;
    /** Something is missing before it */
    gap: boolean;
    /** What is worth knowing about it */
    notes: {
      /** Code, as in docs/errors.md */
      code: string;
      /** The sentence, in the reader's language */
      detail: string;
    }[];
    /** Imported at */
    recorded_at: string;
    /** By whom */
    recorded_by: string;
  }[];
}

export interface BankOpening {
  /** Match */
  id: string;
  /** Its bank account */
  bank_account_id: string;
  /** Sum of its bank lines */
  amount: string;
  /** Accounting date of what it books: the day of the last of its bank lines */
  date: string;
  /** Active, or undone */
  status: "active" | "cancelled";
  /** Its bank lines */
  transaction_ids: string[];
  /** The statement whose opening balance it explains */
  statement_id: string | null;
  /** The match of the other side of a transfer between own accounts */
  pair_id: string | null;
  /** What the lines are */
  parts: {
    /** Rank in the match */
    position: number;
    /** linked: it was in the books; settled: brought from where it waited; received: awaited before; created: booked now */
    act: "linked" | "settled" | "received" | "created";
    /** What it is */
    kind: "entry_line" | "contribution" | "expense" | "interest" | "internal_transfer" | "refund" | "returned" | "third_party" | "unknown";
    /** Signed as the bank line */
    amount: string;
    /** The contribution, as it is now after corrections */
    contribution_id: string | null;
    /** The entry this part wrote */
    entry_id: string | null;
    /** The line of the books it found */
    line_id: string | null;
    /** The entry of that line */
    line_entry_id: string | null;
    /** Its label */
    line_label: string | null;
    /** Kind of expense */
    category: string | null;
    /** Nature of the contribution */
    nature: string | null;
    /** Member */
    member_id: string | null;
    /** Its name */
    member_name: string | null;
    /** Name of the member or the donor */
    giver_name: string | null;
    /** Fund */
    fund_id: string | null;
    /** Its name */
    fund_name: string | null;
    /** Project */
    project_id: string | null;
    /** Label */
    label: string | null;
    /** The unknown part it takes back or explains */
    clears: number | null;
    /** An unknown part that was explained */
    cleared: boolean;
  }[];
  /** Entries it wrote */
  entry_ids: string[];
  /** When */
  matched_at: string;
  /** By whom */
  matched_by: string;
  /** By whom, by name */
  matched_by_name: string | null;
  /** When it was undone */
  cancelled_at: string | null;
  /** By whom */
  cancelled_by: string | null;
  /** By whom, by name */
  cancelled_by_name: string | null;
  /** Why */
  cancel_reason: string | null;
  /** Counts the acts on it */
  version: number;
}

export interface Contribution {
  /** Contribution */
  id: string;
  /** Day of receipt or, while it is awaited, of the agreement */
  date: string;
  /** The member that gives */
  member_id: string | null;
  /** Its number */
  member_number: number | null;
  /** Its name */
  member_name: string | null;
  /** The donor, where it is no member */
  donor: {
    /** Name of the donor */
    name: string;
    /** What the donor is */
    legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  } | null;
  /** Name of the member or the donor */
  giver_name: string;
  /** Its legal form */
  giver_legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  /** Amount */
  amount: string;
  /** The day the money or the cheque came; null while it is awaited */
  received_on: string | null;
  /** How it came, or is announced to come */
  means: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
  /** As what it was given */
  nature: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable";
  /** The fund that gets it */
  fund_id: string;
  /** Its name */
  fund_name: string;
  /** Project */
  project_id: string | null;
  /** Its name */
  project_name: string | null;
  /** Label */
  label: string | null;
  /** Signature of the agreement, notification of the subsidy */
  agreement_signed_on: string | null;
  /** Date at which a repayable amount is owed back */
  repayable_on: string | null;
  /** Why the association may receive repayable money */
  legal_basis: string | null;
  /** Reference of the accountant's written advice */
  accountant_note: string | null;
  /** recorded: the money is here; awaited: an agreement is booked; cancelled, corrected: taken back; returned: the bank took the money back */
  status: "recorded" | "awaited" | "cancelled" | "corrected" | "returned";
  /** Entry of the income: at signature where an agreement was booked */
  entry_id: string;
  /** Entry that settles an agreement booked before */
  receipt_entry_id: string | null;
  /** Entry by which returned money left again */
  return_entry_id: string | null;
  /** Entry that takes entry_id back */
  reversal_entry_id: string | null;
  /** The contribution it replaces */
  corrects_id: string | null;
  /** The contribution that replaces it */
  corrected_by_id: string | null;
  /** Why it was cancelled, corrected or returned */
  reason: string | null;
  /** Matched with a line of the bank */
  matched: boolean;
  /** Worth a look: before_joining, after_leaving, patronage_without_agreement, to_repay */
  notes: string[];
  /** Recorded at */
  recorded_at: string;
  /** By whom */
  recorded_by: string;
}

export interface ContributionPreview {
  /** The entries that would be written */
  entries: {
    /** Accounting date */
    date: string;
    /** Journal */
    journal: string;
    /** Label */
    label: string;
    /** Lines */
    lines: {
      /** Account */
      account: string;
      /** Its title */
      title: string;
      /** Debit */
      debit: string | null;
      /** Credit */
      credit: string | null;
      /** Fund */
      fund_id: string;
      /** Its name */
      fund_name: string;
    }[];
  }[];
  /** The fund that would get it */
  fund_id: string;
  /** Its name */
  fund_name: string;
  /** recorded or awaited */
  status: "recorded" | "awaited" | "cancelled" | "corrected" | "returned";
  /** As in a contribution */
  notes: string[];
}

export interface ContributionNature {
  /** Legal form and nature */
  id: string;
  /** Who gives */
  legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  /** As what */
  nature: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable";
  /** Account credited */
  account: string;
  /** Claim booked when an agreement is signed; null: only the receipt is booked */
  agreement_account: string | null;
  /** Kind of the fund it goes to unless said */
  default_fund_kind: "general" | "solidarity";
  /** That fund */
  default_fund_id: string | null;
  /** Fields without which it is refused */
  needs: string[];
  /** False: owed back, never counted in what can be lent */
  lendable: boolean;
  /** Article the rule comes from */
  source: string;
}

export interface InKindContribution {
  /** Gift in kind */
  id: string;
  /** Given on */
  given_on: string;
  /** What was given */
  kind: "volunteer_time" | "goods" | "premises" | "services";
  /** What it is worth */
  value: string;
  /** Hours of volunteer time, as a decimal string */
  hours: string | null;
  /** The member that gives */
  member_id: string | null;
  /** Its number */
  member_number: number | null;
  /** Its name */
  member_name: string | null;
  /** The donor, where it is no member */
  donor: {
    /** Name of the donor */
    name: string;
    /** What the donor is */
    legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  } | null;
  /** Name of the member or the donor */
  giver_name: string;
  /** Project */
  project_id: string | null;
  /** Its name */
  project_name: string | null;
  /** Label */
  label: string | null;
  /** recorded or cancelled */
  status: "recorded" | "cancelled";
  /** Its entry in classes 86 and 87 */
  entry_id: string;
  /** The entry that takes it back */
  reversal_entry_id: string | null;
  /** Why it was cancelled */
  reason: string | null;
  /** Recorded at */
  recorded_at: string;
  /** By whom */
  recorded_by: string;
}

export interface Fund {
  /** Fund */
  id: string;
  /** Name */
  name: string;
  /** Running the association, solidarity, designated by the board, restricted by a funder */
  kind: "general" | "solidarity" | "designated" | "restricted";
  /** What the board wants to keep */
  floor: string;
  /** Where money of its kind goes when nothing is said */
  is_default: boolean;
  /** Counts the changes */
  version: number;
  /** Made at */
  created_at: string;
}

export interface Project {
  /** Project */
  id: string;
  /** Short code */
  code: string | null;
  /** Name */
  name: string;
  /** Counts the changes */
  version: number;
}

export interface Account {
  /** Number and first day of validity: "512@2020-01-01" */
  id: string;
  /** Number */
  number: string;
  /** Official title */
  title: string;
  /** What becomes of it at the end of a year */
  kind: "asset" | "liability" | "expense" | "income" | "contingent";
  /** A sub-account of the association's own */
  own: boolean;
  /** Opened in the books; the others open at first use */
  used: boolean;
  /** For fiscal years opened from this day on */
  valid_from: string;
  /** For fiscal years opened up to this day */
  valid_to: string | null;
}

export interface Journal {
  /** Code */
  code: string;
  /** Name */
  name: string;
}

export interface FiscalYear {
  /** Fiscal year */
  id: string;
  /** First day */
  starts_on: string;
  /** Last day */
  ends_on: string;
  /** Nothing is posted on or before this day */
  locked_through: string | null;
  /** Open, or closed for good */
  state: "open" | "closed";
  /** Counts the changes */
  version: number;
}

export interface Entry {
  /** Entry */
  id: string;
  /** A draft can change; a validated entry never */
  status: "draft" | "validated";
  /** Journal */
  journal: string;
  /** Number in journal and fiscal year, without gap; null in a draft */
  number: number | null;
  /** Accounting date */
  date: string;
  /** Label */
  label: string;
  /** Sum of the debits */
  total: string;
  /** Lines */
  lines: {
    /** Line; null in a draft */
    id: string | null;
    /** Account number */
    account: string;
    /** Its title */
    title: string | null;
    /** Debit, null where it is a credit */
    debit: string | null;
    /** Credit, null where it is a debit */
    credit: string | null;
    /** Fund */
    fund_id: string;
    /** Its name */
    fund_name: string | null;
    /** Project */
    project_id: string | null;
    /** Member */
    member_id: string | null;
    /** Its name */
    member_name: string | null;
    /** Label of the line */
    label: string | null;
  }[];
  /** What wrote it: manual, contribution, match… */
  source_kind: string;
  /** The object of that kind */
  source_id: string | null;
  /** The entry it takes back */
  reverses_entry_id: string | null;
  /** The entry that takes it back */
  reversed_by_entry_id: string | null;
  /** Why it takes the other back */
  reason: string | null;
  /** Fiscal year; null in a draft */
  fiscal_year_id: string | null;
  /** When it was validated */
  recorded_at: string | null;
  /** Who validated it, or wrote the draft */
  recorded_by: string;
  /** The same by name */
  recorded_by_name: string | null;
  /** Counts the changes */
  version: number;
}

export interface EntryLine {
  /** Line */
  id: string;
  /** Its entry */
  entry_id: string;
  /** Accounting date */
  date: string;
  /** Journal */
  journal: string;
  /** Number of the entry */
  number: number;
  /** Label of the entry */
  entry_label: string;
  /** Label of the line */
  label: string | null;
  /** Account number */
  account: string;
  /** Its title */
  title: string;
  /** Debit */
  debit: string | null;
  /** Credit */
  credit: string | null;
  /** Fund */
  fund_id: string;
  /** Its name */
  fund_name: string;
  /** Member */
  member_id: string | null;
  /** Its name */
  member_name: string | null;
  /** Project */
  project_id: string | null;
  /** Matched with a bank line */
  matched: boolean;
  /** The match */
  match_id: string | null;
  /** When the entry was validated */
  recorded_at: string;
}

export interface EntryLineTotals {
  /** Number of lines */
  count: number;
  /** Sum of their debits */
  debit: string;
  /** Sum of their credits */
  credit: string;
  /** Debit − credit, signed: the figure these lines are behind */
  balance: string;
}

export interface Trial {
  /** Accounts with movements */
  items: {
    /** Account number */
    account: string;
    /** Its title in that vintage of the chart */
    title: string;
    /** What becomes of it at the end of a year */
    kind: "asset" | "liability" | "expense" | "income" | "contingent";
    /** With a fiscal year: what the account stood at before it */
    opening: string | null;
    /** Sum of the debits */
    debit: string;
    /** Sum of the credits */
    credit: string;
    /** Debit − credit, signed */
    balance: string;
    /** With a fiscal year: opening + balance */
    closing: string | null;
  }[];
  /** Sum of the debits */
  total_debit: string;
  /** Sum of the credits, equal to it unless one fund is asked for */
  total_credit: string;
  /** Accounting date up to which lines are summed */
  as_of: string;
  /** Instant up to which entries were recorded: ask with it to get the same again */
  known_at: string;
  /** The fiscal year asked for */
  fiscal_year_id: string | null;
}

export interface BankTransaction {
  /** Bank line */
  id: string;
  /** Its bank account */
  bank_account_id: string;
  /** Its name */
  bank_account_name: string;
  /** Booked on */
  booked_on: string;
  /** Value date */
  value_on: string;
  /** In positive, out negative */
  amount: string;
  /** ISO 4217 */
  currency: string;
  /** Who paid, or was paid */
  counterparty_name: string | null;
  /** Their account */
  counterparty_iban: string | null;
  /** For whom */
  ultimate_name: string | null;
  /** The text */
  remittance: string;
  /** The bank's own words */
  additional_text: string | null;
  /** not_bookable: a line of zero, or in another currency */
  status: "unmatched" | "matched" | "not_bookable";
  /** Its match */
  match_id: string | null;
  /** The bank's reference */
  bank_reference: string | null;
  /** The payer's reference */
  end_to_end_id: string | null;
  /** Mandate of a direct debit */
  mandate_id: string | null;
  /** Cheque */
  cheque_number: string | null;
  /** The bank's code for the kind of operation */
  type_code: string | null;
  /** ISO code, where it is a return */
  return_reason: string | null;
  /** Takes an earlier line back */
  is_reversal: boolean;
  /** Parts of a batch */
  details: unknown;
  /** What it could be, best first; none once it is matched */
  suggestions: {
    /** What the line probably is */
    kind: "entry_line" | "contribution" | "expense" | "interest" | "internal_transfer" | "refund" | "returned" | "third_party" | "unknown";
    /** How sure, from 0 to 99 */
    score: number;
    /** Why, in the reader's language */
    reason: string;
    /** The same as codes */
    reasons: string[];
    /** The same to show, with names */
    parts: {
      /** What it is */
      kind: "entry_line" | "contribution" | "expense" | "interest" | "internal_transfer" | "refund" | "returned" | "third_party" | "unknown";
      /** Signed as the bank line */
      amount: string;
      /** When what it links was recorded or signed */
      date: string | null;
      /** Member, donor, or label of the line */
      giver_name: string | null;
      /** Member */
      member_id: string | null;
      /** Nature of the contribution */
      nature: string | null;
      /** Kind of expense */
      category: string | null;
      /** The contribution it links, returns or refunds */
      contribution_id: string | null;
      /** The line of the books it links */
      line_id: string | null;
      /** The bank line of the other account */
      transaction_id: string | null;
      /** Fund, where it is not the default */
      fund_id: string | null;
    }[];
    /** Ready to be sent to POST matches */
    match: {
      /** Contributions recorded or awaited that came with this line */
      contribution_ids: string[];
      /** Lines of the books that the bank shows, or settles, with this line */
      entry_line_ids: string[];
      /** What was not recorded yet: booked and matched in this act */
      create: {
        /** contribution, expense, interest, internal_transfer (between own accounts), refund (of an expense, or to a giver), returned (the bank takes a payment back), third_party (held for someone else), unknown (to be explained later) */
        kind: "contribution" | "expense" | "interest" | "internal_transfer" | "refund" | "returned" | "third_party" | "unknown";
        /** Signed as the bank line */
        amount: string;
        /** The member that gives, or whom it concerns */
        member_id: string | null;
        /** contribution: a giver who is no member */
        donor: {
          /** Name of the donor */
          name: string;
          /** What the donor is */
          legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
        } | null;
        /** contribution: as what it is given */
        nature: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable" | null;
        /** expense, or refund of one: see expense-categories */
        category: string | null;
        /** returned, or refund to a giver: the payment */
        contribution_id: string | null;
        /** internal_transfer: the other account's line, matched in the same act */
        transaction_id: string | null;
        /** Fund; unless said by the nature of a contribution, else the general fund */
        fund_id: string | null;
        /** Project */
        project_id: string | null;
        /** Label of its entry */
        label: string | null;
        /** contribution: how it came; transfer unless said */
        means: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
        /** contribution: signature of its agreement */
        agreement_signed_on: string | null;
        /** repayable contribution: when it is owed back */
        repayable_on: string | null;
        /** repayable contribution: why it may be received */
        legal_basis: string | null;
        /** repayable contribution: the accountant's written advice */
        accountant_note: string | null;
      }[];
      /** Further lines of the same bank account that belong to it */
      transaction_ids: string[];
    };
  }[];
  /** Imported at */
  recorded_at: string;
}

export interface BankOpenItem {
  /** The contribution or the entry line */
  id: string;
  /** Which of the two */
  kind: "contribution" | "entry_line";
  /** The contribution: for contribution_ids of a match */
  contribution_id: string | null;
  /** The line of the books: for entry_line_ids of a match */
  line_id: string | null;
  /** Signed as the bank line would have it */
  amount: string;
  /** Recorded, or signed, on */
  date: string;
  /** An agreement whose money has not come */
  awaited: boolean;
  /** Member, donor, or label of the line */
  giver_name: string;
  /** Member */
  member_id: string | null;
  /** Nature of the contribution */
  nature: string | null;
  /** How it came, or where it waits */
  means: string | null;
}

export interface ExpenseCategory {
  /** Code */
  category: string;
  /** Account it is booked on */
  account: string;
  /** In the organisation's language */
  title: string;
  /** In French */
  fr: string;
  /** In English */
  en: string;
}

export interface Member {
  /** Member */
  id: string;
  /** Given by the association's counter */
  number: number;
  /** Name */
  name: string;
  /** What it is: decides what its money can be */
  legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  /** current, or left from left_on on */
  status: "current" | "left";
  /** SIRET */
  siret: string | null;
  /** SIREN */
  siren: string | null;
  /** RNA number */
  rna: string | null;
  /** E-mail */
  email: string | null;
  /** Telephone */
  phone: string | null;
  /** Street */
  street: string | null;
  /** Postal code */
  postal_code: string | null;
  /** City */
  city: string | null;
  /** Country (ISO 3166-1) */
  country: string;
  /** IBAN */
  iban: string | null;
  /** Holder of that account, where it is not the member's name */
  account_holder: string | null;
  /** Who to speak to */
  contact_name: string | null;
  /** In which role */
  contact_role: string | null;
  /** Joined on; null where a list taken over does not say */
  joined_on: string | null;
  /** First day it is no longer a member */
  left_on: string | null;
  /** The treasurer's notes; not shown to the member */
  notes: string | null;
  /** Received from it in the current fiscal year, dues included */
  contributed_this_year: string;
  /** Received from it in all, dues included */
  contributed_total: string;
  /** Last received on */
  last_contribution_on: string | null;
  /** Dues received in the current fiscal year */
  dues_paid_this_year: string;
  /** Counts the changes */
  version: number;
  /** Made at */
  created_at: string;
}

export interface MemberImport {
  /** Only a preview was asked for */
  dry_run: boolean;
  /** Whether the members were changed */
  written: boolean;
  /** Character set the file was read in: UTF-8, Windows-1252… */
  encoding: string;
  /** What separates its cells */
  delimiter: string;
  /** What the columns are read as */
  columns: {
    /** As in the file */
    heading: string;
    /** What it is read as; null: not used */
    field: string | null;
  }[];
  /** Lines below the headings */
  lines: number;
  /** Of which create */
  created: number;
  /** Of which update */
  updated: number;
  /** Of which unchanged */
  unchanged: number;
  /** Of which refused; if there is one, nothing is written */
  refused: number;
  /** Line by line */
  items: {
    /** Line of the file, the headings are line 1 */
    line: number;
    /** What the line does, or would do */
    action: "create" | "update" | "unchanged" | "refused";
    /** Name of the member */
    name: string | null;
    /** The member; null for one not made */
    member_id: string | null;
    /** Its number */
    number: number | null;
    /** What told that the line is about this member */
    identified_by: "siret" | "rna" | "iban" | "email" | "name" | null;
    /** Why it is refused */
    errors: {
      /** Field of the member; null: the line */
      field: string | null;
      /** Problem, as in docs/errors.md */
      code: string;
      /** In short */
      title: string;
      /** What is wrong and what to do */
      detail: string;
    }[];
    /** What it changes; an empty cell changes nothing */
    changes: {
      /** Field of the member */
      field: string;
      /** As it is; null for a new member */
      before: string | null;
      /** As it would be */
      after: string | null;
    }[];
  }[];
}

export interface FundPosition {
  /** Funds, solidarity first */
  items: {
    /** Fund */
    fund_id: string;
    /** Its name */
    name: string;
    /** Its kind */
    kind: "general" | "solidarity" | "designated" | "restricted";
    /** In the bank: validated lines on 512 that are matched to a bank line */
    held: string;
    /** Of which others': credit balances on 467, 468, 471, and money to be given back (1681) */
    held_for_others: string;
    /** Promised, not yet paid */
    promised: string;
    /** Reserved to a project by a funder */
    reserved: string;
    /** What the board wants to keep */
    floor: string;
    /** What the fund can promise */
    available: string;
    /** Beside, never counted: cheques not yet at the bank (5112) */
    cheques: string;
    /** Beside, never counted: cards and platforms not yet paid out (517) */
    platforms: string;
    /** Beside, never counted: cash (53) */
    cash: string;
    /** Beside, never counted: lines on 512 that the bank has not confirmed */
    unmatched: string;
  }[];
  /** Twelve months of the solidarity funds, or of the fund asked for */
  months: {
    /** Month, YYYY-MM */
    month: string;
    /** Its last day, or the day asked for */
    ends_on: string;
    /** Money in at the bank */
    in: string;
    /** Money out at the bank */
    out: string;
    /** In the bank at its end */
    held: string;
    /** Of which others' */
    held_for_others: string;
    /** Promised, not yet paid */
    promised: string;
    /** Reserved to a project */
    reserved: string;
    /** What the board wants to keep */
    floor: string;
    /** What could be promised at its end */
    available: string;
  }[];
  /** Accounting date */
  as_of: string;
  /** As known at: ask with it to get the same again */
  known_at: string;
  /** Currency (ISO 4217) */
  currency: string;
  /** Layers that are 0 because what fills them is not built yet: promised, reserved, debts_due */
  not_yet: string[];
}

export interface To {
  /** What waits, by kind */
  items: {
    /** unmatched_transactions, unconfirmed_accounts, unknown, drafts, awaited_contributions, undeposited_cheques, statement_gaps */
    kind: string;
    /** How many */
    count: number;
    /** How much, where that says something */
    amount: string | null;
    /** Since when */
    oldest_on: string | null;
  }[];
  /** Do bank and books agree */
  bank: {
    /** Bank and books agree on every confirmed account */
    agrees: boolean;
    /** What the bank has more */
    difference: string;
    /** At the last statement's day; null before any */
    on: string | null;
  };
}

export interface Session {
  /** Always true */
  signed_in: boolean;
}

export interface SessionList {
  /** Session */
  id: string;
  /** Signed in at */
  created_at: string;
  /** Last seen at */
  last_seen_at: string;
  /** Ends at the latest */
  expires_at: string;
  /** Address at sign-in */
  address: string | null;
  /** Last address */
  last_address: string | null;
  /** Browser */
  user_agent: string | null;
  /** This session */
  current: boolean;
}

export interface Me {
  /** Who the audit log names */
  actor: string;
  /** User; null for an access key */
  id: string | null;
  /** Name */
  name: string | null;
  /** E-mail */
  email: string | null;
  /** Where I have a role */
  organisations: {
    /** Organisation */
    id: string;
    /** Short name in addresses */
    slug: string;
    /** Name */
    name: string;
    /** Currency (ISO 4217) */
    currency: string;
    /** Digits of the currency */
    currency_digits: number;
    /** Time zone */
    time_zone: string;
    /** Language of its documents */
    language: string;
    /** My roles */
    roles: string[];
    /** The member I act for */
    member_id: string | null;
  }[];
}

export interface Organisation {
  /** Organisation */
  id: string;
  /** Short name in addresses */
  slug: string;
  /** Name */
  name: string;
  /** Currency (ISO 4217) */
  currency: string;
  /** Digits of the currency */
  currency_digits: number;
  /** Time zone */
  time_zone: string;
  /** Language of its documents */
  language: string;
  /** My roles */
  roles: string[];
  /** The member I act for */
  member_id: string | null;
}

export interface OneTimeLink {
  /** password: choose one; setup: create the association */
  purpose: string;
  /** For whom */
  user_name: string | null;
  /** E-mail */
  user_email: string | null;
  /** Language */
  language: string;
  /** Valid until */
  expires_at: string;
}

export interface OneTimeLinkUse {
  /** Who signed in */
  email: string;
  /** setup: the association made */
  organisation: string | null;
}

export interface OrganisationShow {
  /** Organisation */
  id: string;
  /** Short name in addresses */
  slug: string;
  /** Name */
  name: string;
  /** SIRET */
  siret: string | null;
  /** RNA number */
  rna: string | null;
  /** E-mail */
  email: string | null;
  /** Street */
  street: string | null;
  /** Postal code */
  postal_code: string | null;
  /** City */
  city: string | null;
  /** Dues buy something (services, access): booked on 7562 instead of 7561 (ANC 2018-06, art. 142-1) */
  dues_with_counterpart: boolean;
  /** Currency (ISO 4217) */
  currency: string;
  /** Digits of the currency */
  currency_digits: number;
  /** Time zone */
  time_zone: string;
  /** Language of its documents */
  language: string;
  /** Counts the changes */
  version: number;
  /** Created at */
  created_at: string;
}

export interface AuditEvent {
  /** Event */
  id: string;
  /** When */
  at: string;
  /** Who, as an identifier */
  actor: string;
  /** Who, by name */
  actor_name: string | null;
  /** With which roles */
  roles: string[] | null;
  /** insert, update, delete, read, sign_in… */
  action: string;
  /** What kind of thing */
  subject_kind: string | null;
  /** Which one */
  subject_id: string | null;
  /** Through which operation */
  route: string | null;
  /** In which request */
  request_id: string | null;
  /** What changed */
  columns: string[] | null;
  /** Before and after */
  changes: unknown | null;
  /** Why */
  reason: string | null;
}

export interface Health {
  /** ok or ready */
  status: string;
}

/** Body of bank_account_create: Make a bank account, confirmed at once. */
export interface BankAccountCreateInput {
  /** Name */
  name: string;
  /** IBAN; else identifier */
  iban?: string;
  /** Another number that names it; else iban */
  identifier?: string;
}

/** Body of bank_account_update: Rename a bank account. */
export interface BankAccountUpdateInput {
  /** Name */
  name?: string;
}

/** Body of bank_account_confirm: Say that an account found by an import is the association's: its lines can be matched then. */
export interface BankAccountConfirmInput {
  /** Name */
  name?: string;
}

/** Body of bank_statement_import: Import a bank file: the same or an overlapping one adds nothing twice. */
export interface BankStatementImportInput {
  /** OFX 1.x or 2.x, or camt.053 version 02 to 08 */
  file: File;
}

/** Body of bank_opening_match: Say which entries are the opening balance of an account's first statement. */
export interface BankOpeningMatchInput {
  /** Lines on the account of the ledger that make the opening balance of its first statement */
  entry_line_ids: string[];
}

/** Body of bank_opening_cancel: Undo the match of an opening balance. */
export interface BankOpeningCancelInput {
  /** Why, for the log */
  reason?: string;
}

/** Body of contribution_create: Record money in, or a signed agreement; its validated entry is written in the same transaction. */
export interface ContributionCreateInput {
  /** The member that gives; else donor */
  member_id?: string | null;
  /** A giver who is no member; else member_id */
  donor?: {
    /** Name of the donor */
    name: string;
    /** What the donor is */
    legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  } | null;
  /** Amount */
  amount: string;
  /** The day it came; absent only with agreement_signed_on */
  received_on?: string | null;
  /** How it came; absent only while it is awaited */
  means?: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
  /** The bank account a transfer or direct debit came to; the first one unless said */
  bank_account_id?: string | null;
  /** As what it is given: see contribution-natures */
  nature: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable";
  /** Unless said, the general fund for dues, the solidarity fund for all else */
  fund_id?: string | null;
  /** Project */
  project_id?: string | null;
  /** Signature of the agreement or notification of the subsidy: the income of some natures is booked then */
  agreement_signed_on?: string | null;
  /** Required for repayable: when it is owed back */
  repayable_on?: string | null;
  /** Required for repayable: why it may be received */
  legal_basis?: string | null;
  /** Required for repayable from persons and companies: reference of the accountant's written advice on an isolated loan */
  accountant_note?: string | null;
  /** Label of its entries; nature and giver unless said */
  label?: string | null;
}

/** Body of contribution_receive: The money of an awaited contribution came. */
export interface ContributionReceiveInput {
  /** The day the money came */
  received_on: string;
  /** How; as announced unless said */
  means?: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform";
  /** The bank account a transfer or direct debit came to; the first one unless said */
  bank_account_id?: string | null;
}

/** Body of contribution_cancel: Take a contribution back: its entries are reversed. */
export interface ContributionCancelInput {
  /** Why */
  reason: string;
  /** Accounting date; unless said its own while that period is open, else today */
  date?: string;
}

/** Body of contribution_correct: Correct a contribution in one act: reversal and new entry; answers the one that replaces it. */
export interface ContributionCorrectInput {
  /** Why */
  reason: string;
  /** Another member */
  member_id?: string | null;
  /** A donor instead */
  donor?: {
    /** Name of the donor */
    name: string;
    /** What the donor is */
    legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  } | null;
  /** Another amount */
  amount?: string;
  /** Another day of receipt; null: not received yet */
  received_on?: string | null;
  /** Another means */
  means?: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
  /** The bank account a transfer or direct debit came to; the first one unless said */
  bank_account_id?: string | null;
  /** Another nature */
  nature?: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable";
  /** Another fund; a default one follows the nature */
  fund_id?: string | null;
  /** Another project, or none */
  project_id?: string | null;
  /** Another date of the agreement, or none */
  agreement_signed_on?: string | null;
  /** Another date of repayment */
  repayable_on?: string | null;
  /** Another legal basis */
  legal_basis?: string | null;
  /** Another reference of the accountant's advice */
  accountant_note?: string | null;
  /** Another label, or the default */
  label?: string | null;
}

/** Body of contribution_preview: The entries a contribution would write; writes nothing. */
export interface ContributionPreviewInput {
  /** The member that gives; else donor */
  member_id?: string | null;
  /** A giver who is no member; else member_id */
  donor?: {
    /** Name of the donor */
    name: string;
    /** What the donor is */
    legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  } | null;
  /** Amount */
  amount: string;
  /** The day it came; absent only with agreement_signed_on */
  received_on?: string | null;
  /** How it came; absent only while it is awaited */
  means?: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
  /** The bank account a transfer or direct debit came to; the first one unless said */
  bank_account_id?: string | null;
  /** As what it is given: see contribution-natures */
  nature: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable";
  /** Unless said, the general fund for dues, the solidarity fund for all else */
  fund_id?: string | null;
  /** Project */
  project_id?: string | null;
  /** Signature of the agreement or notification of the subsidy: the income of some natures is booked then */
  agreement_signed_on?: string | null;
  /** Required for repayable: when it is owed back */
  repayable_on?: string | null;
  /** Required for repayable: why it may be received */
  legal_basis?: string | null;
  /** Required for repayable from persons and companies: reference of the accountant's written advice on an isolated loan */
  accountant_note?: string | null;
  /** Label of its entries; nature and giver unless said */
  label?: string | null;
}

/** Body of in_kind_contribution_create: Record volunteer time, goods, premises or services given: no money, classes 86 and 87. */
export interface InKindContributionCreateInput {
  /** The member that gives; else donor */
  member_id?: string | null;
  /** A giver who is no member; else member_id */
  donor?: {
    /** Name of the donor */
    name: string;
    /** What the donor is */
    legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  } | null;
  /** What is given: booked on 864/875, 860/870, 861/871 or 862/871 */
  kind: "volunteer_time" | "goods" | "premises" | "services";
  /** What it is worth */
  value: string;
  /** Given on */
  given_on: string;
  /** Hours of volunteer time, as a decimal string: "12.50" */
  hours?: string | null;
  /** Project */
  project_id?: string | null;
  /** Label of its entry */
  label?: string | null;
}

/** Body of in_kind_contribution_cancel: Take a gift in kind back: its entry is reversed. */
export interface InKindContributionCancelInput {
  /** Why */
  reason: string;
  /** Accounting date; unless said its own while that period is open, else today */
  date?: string;
}

/** Body of fund_create: Make a fund. */
export interface FundCreateInput {
  /** Name */
  name: string;
  /** Kind; it does not change later */
  kind: "general" | "solidarity" | "designated" | "restricted";
  /** What the board wants to keep; 0 unless said */
  floor?: string;
}

/** Body of fund_update: Change the name or the floor of a fund. */
export interface FundUpdateInput {
  /** Name */
  name?: string;
  /** What the board wants to keep */
  floor?: string;
}

/** Body of project_create: Make a project. */
export interface ProjectCreateInput {
  /** Name */
  name: string;
  /** Short code, unique */
  code?: string | null;
}

/** Body of project_update: Change a project. */
export interface ProjectUpdateInput {
  /** Name */
  name?: string;
  /** Short code, unique; null removes it */
  code?: string | null;
}

/** Body of account_create: Open a sub-account. */
export interface AccountCreateInput {
  /** Begins with the number of an existing account */
  number: string;
  /** Title */
  title: string;
  /** In the chart of this year; of the latest one unless said */
  fiscal_year_id?: string;
}

/** Body of fiscal_year_create: Open a fiscal year. */
export interface FiscalYearCreateInput {
  /** First day: the day after the last year, unless it ends before the first */
  starts_on: string;
  /** Last day, 1 to 24 months later */
  ends_on: string;
}

/** Body of fiscal_year_lock: Lock a year up to the end of a month. */
export interface FiscalYearLockInput {
  /** The end of a month of the year */
  through: string;
  /** Why, for the log */
  reason: string;
}

/** Body of fiscal_year_unlock: Bring the lock of a year back. */
export interface FiscalYearUnlockInput {
  /** The earlier month's end that stays locked; null: nothing stays locked */
  through: string | null;
  /** Why, for the log */
  reason: string;
}

/** Body of entry_create: Write a draft. */
export interface EntryCreateInput {
  /** Code of a journal */
  journal: string;
  /** Accounting date, in an open period */
  date: string;
  /** Label */
  label: string;
  /** Lines; a draft need not balance yet */
  lines: {
    /** Account number; opened at first use */
    account: string;
    /** Debit: one of the two, the other absent, null or zero */
    debit?: string | null;
    /** Credit */
    credit?: string | null;
    /** Fund; unless said the only one the other lines name, else the general fund */
    fund_id?: string | null;
    /** Project */
    project_id?: string | null;
    /** Member */
    member_id?: string | null;
    /** Label of the line, where it differs from the entry's */
    label?: string | null;
  }[];
}

/** Body of entry_update: Change a draft. */
export interface EntryUpdateInput {
  /** Code of a journal */
  journal?: string;
  /** Accounting date, in an open period */
  date?: string;
  /** Label */
  label?: string;
  /** Lines, replaced as a whole */
  lines?: {
    /** Account number; opened at first use */
    account: string;
    /** Debit: one of the two, the other absent, null or zero */
    debit?: string | null;
    /** Credit */
    credit?: string | null;
    /** Fund; unless said the only one the other lines name, else the general fund */
    fund_id?: string | null;
    /** Project */
    project_id?: string | null;
    /** Member */
    member_id?: string | null;
    /** Label of the line, where it differs from the entry's */
    label?: string | null;
  }[];
}

/** Body of entry_reverse: Take a manual entry back by its opposite. */
export interface EntryReverseInput {
  /** Date of the reversal: not before the entry's, in an open period */
  date: string;
  /** Why; it stays beside the entry */
  reason: string;
}

/** Body of bank_match_create: Say what a line is; books and matches in one act. */
export interface BankMatchCreateInput {
  /** Contributions recorded or awaited that came with this line */
  contribution_ids?: string[];
  /** Lines of the books that the bank shows, or settles, with this line */
  entry_line_ids?: string[];
  /** What was not recorded yet: booked and matched in this act */
  create?: {
    /** contribution, expense, interest, internal_transfer (between own accounts), refund (of an expense, or to a giver), returned (the bank takes a payment back), third_party (held for someone else), unknown (to be explained later) */
    kind: "contribution" | "expense" | "interest" | "internal_transfer" | "refund" | "returned" | "third_party" | "unknown";
    /** Signed as the bank line */
    amount: string;
    /** The member that gives, or whom it concerns */
    member_id?: string | null;
    /** contribution: a giver who is no member */
    donor?: {
      /** Name of the donor */
      name: string;
      /** What the donor is */
      legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
    } | null;
    /** contribution: as what it is given */
    nature?: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable" | null;
    /** expense, or refund of one: see expense-categories */
    category?: string | null;
    /** returned, or refund to a giver: the payment */
    contribution_id?: string | null;
    /** internal_transfer: the other account's line, matched in the same act */
    transaction_id?: string | null;
    /** Fund; unless said by the nature of a contribution, else the general fund */
    fund_id?: string | null;
    /** Project */
    project_id?: string | null;
    /** Label of its entry */
    label?: string | null;
    /** contribution: how it came; transfer unless said */
    means?: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
    /** contribution: signature of its agreement */
    agreement_signed_on?: string | null;
    /** repayable contribution: when it is owed back */
    repayable_on?: string | null;
    /** repayable contribution: why it may be received */
    legal_basis?: string | null;
    /** repayable contribution: the accountant's written advice */
    accountant_note?: string | null;
  }[];
  /** Further lines of the same bank account that belong to it */
  transaction_ids?: string[];
}

/** Body of bank_match_cancel: Undo a match while its period is open. */
export interface BankMatchCancelInput {
  /** Why, for the log */
  reason?: string;
}

/** Body of bank_match_clear: Explain an unknown part, also after its period was locked. */
export interface BankMatchClearInput {
  /** Which unknown part; the first unless said */
  position?: number;
  /** What it was; the amounts sum to the unknown part */
  create: {
    /** contribution, expense, interest, internal_transfer (between own accounts), refund (of an expense, or to a giver), returned (the bank takes a payment back), third_party (held for someone else), unknown (to be explained later) */
    kind: "contribution" | "expense" | "interest" | "internal_transfer" | "refund" | "returned" | "third_party" | "unknown";
    /** Signed as the bank line */
    amount: string;
    /** The member that gives, or whom it concerns */
    member_id?: string | null;
    /** contribution: a giver who is no member */
    donor?: {
      /** Name of the donor */
      name: string;
      /** What the donor is */
      legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
    } | null;
    /** contribution: as what it is given */
    nature?: "dues" | "donation" | "patronage" | "sponsorship" | "financial_contribution" | "subsidy" | "equity_without_return" | "equity_with_return" | "repayable" | null;
    /** expense, or refund of one: see expense-categories */
    category?: string | null;
    /** returned, or refund to a giver: the payment */
    contribution_id?: string | null;
    /** internal_transfer: the other account's line, matched in the same act */
    transaction_id?: string | null;
    /** Fund; unless said by the nature of a contribution, else the general fund */
    fund_id?: string | null;
    /** Project */
    project_id?: string | null;
    /** Label of its entry */
    label?: string | null;
    /** contribution: how it came; transfer unless said */
    means?: "transfer" | "cheque" | "cash" | "card" | "direct_debit" | "platform" | null;
    /** contribution: signature of its agreement */
    agreement_signed_on?: string | null;
    /** repayable contribution: when it is owed back */
    repayable_on?: string | null;
    /** repayable contribution: why it may be received */
    legal_basis?: string | null;
    /** repayable contribution: the accountant's written advice */
    accountant_note?: string | null;
  }[];
}

/** Body of member_create: Make a member. */
export interface MemberCreateInput {
  /** Name */
  name: string;
  /** What it is: decides what its money can be */
  legal_form: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  /** SIRET; brings the SIREN with it */
  siret?: string | null;
  /** SIREN */
  siren?: string | null;
  /** RNA number */
  rna?: string | null;
  /** E-mail */
  email?: string | null;
  /** Telephone */
  phone?: string | null;
  /** Street */
  street?: string | null;
  /** Postal code */
  postal_code?: string | null;
  /** City */
  city?: string | null;
  /** Country (ISO 3166-1), FR unless said */
  country?: string;
  /** IBAN */
  iban?: string | null;
  /** Holder of that account, where it is not the member's name */
  account_holder?: string | null;
  /** Who to speak to */
  contact_name?: string | null;
  /** In which role */
  contact_role?: string | null;
  /** Joined on */
  joined_on: string;
  /** First day it is no longer a member */
  left_on?: string | null;
  /** The treasurer's notes */
  notes?: string | null;
}

/** Body of member_update: Change a member. */
export interface MemberUpdateInput {
  /** Name */
  name?: string;
  /** What it is: decides what its money can be */
  legal_form?: "association" | "scop" | "scic" | "sole_trader" | "company" | "local_authority" | "elected_official" | "person";
  /** SIRET; brings the SIREN with it */
  siret?: string | null;
  /** SIREN */
  siren?: string | null;
  /** RNA number */
  rna?: string | null;
  /** E-mail */
  email?: string | null;
  /** Telephone */
  phone?: string | null;
  /** Street */
  street?: string | null;
  /** Postal code */
  postal_code?: string | null;
  /** City */
  city?: string | null;
  /** Country (ISO 3166-1), FR unless said */
  country?: string;
  /** IBAN */
  iban?: string | null;
  /** Holder of that account, where it is not the member's name */
  account_holder?: string | null;
  /** Who to speak to */
  contact_name?: string | null;
  /** In which role */
  contact_role?: string | null;
  /** Joined on */
  joined_on?: string;
  /** First day it is no longer a member */
  left_on?: string | null;
  /** The treasurer's notes */
  notes?: string | null;
}

/** Body of member_import: Import members from a CSV file, all lines or none; ?dry_run=true shows what would happen. */
export interface MemberImportInput {
  /** CSV with headings in French or English; UTF-8 or Windows-1252; at most 2,000 lines */
  file: File;
}

/** Body of session_create: Sign in; sets the session cookie. */
export interface SessionCreateInput {
  /** E-mail */
  email: string;
  /** Password */
  password: string;
}

/** Body of one_time_link_use: Use a one-time link: choose a password, or set up the first association; signs in. */
export interface OneTimeLinkUseInput {
  /** The password chosen */
  password: string;
  /** setup: the association's name */
  organisation_name?: string;
  /** setup: its short name in addresses */
  slug?: string;
  /** setup: first day of the current fiscal year */
  fiscal_year_starts_on?: string;
  /** setup: your name */
  name?: string;
  /** setup: your e-mail */
  email?: string;
}

/** Body of organisation_update: Change settings. */
export interface OrganisationUpdateInput {
  /** Name */
  name?: string;
  /** SIRET */
  siret?: string | null;
  /** RNA number */
  rna?: string | null;
  /** E-mail */
  email?: string | null;
  /** Street */
  street?: string | null;
  /** Postal code */
  postal_code?: string | null;
  /** City */
  city?: string | null;
  /** Dues buy something (services, access): booked on 7562 instead of 7561 (ANC 2018-06, art. 142-1) */
  dues_with_counterpart?: boolean;
}

/** What forms may hold, as the server checks it. */
export const limits = {
  bank_account_create: { name: { max: 100, required: true }, identifier: { max: 100 } },
  bank_account_update: { name: { max: 100 } },
  bank_account_confirm: { name: { max: 100 } },
  bank_statement_import: { file: { required: true } },
  bank_opening_match: { entry_line_ids: { required: true } },
  bank_opening_cancel: { reason: { max: 500 } },
  contribution_create: { amount: { required: true }, nature: { required: true }, legal_basis: { max: 500 }, accountant_note: { max: 500 }, label: { max: 200 } },
  contribution_receive: { received_on: { required: true } },
  contribution_cancel: { reason: { max: 500, required: true } },
  contribution_correct: { reason: { max: 500, required: true }, legal_basis: { max: 500 }, accountant_note: { max: 500 }, label: { max: 200 } },
  contribution_preview: { amount: { required: true }, nature: { required: true }, legal_basis: { max: 500 }, accountant_note: { max: 500 }, label: { max: 200 } },
  in_kind_contribution_create: { kind: { required: true }, value: { required: true }, given_on: { required: true }, hours: { max: 10 }, label: { max: 200 } },
  in_kind_contribution_cancel: { reason: { max: 500, required: true } },
  fund_create: { name: { max: 100, required: true }, kind: { required: true } },
  fund_update: { name: { max: 100 } },
  project_create: { name: { max: 200, required: true }, code: { max: 20 } },
  project_update: { name: { max: 200 }, code: { max: 20 } },
  account_create: { number: { max: 8, required: true }, title: { max: 200, required: true } },
  fiscal_year_create: { starts_on: { required: true }, ends_on: { required: true } },
  fiscal_year_lock: { through: { required: true }, reason: { max: 500, required: true } },
  fiscal_year_unlock: { through: { required: true }, reason: { max: 500, required: true } },
  entry_create: { journal: { max: 6, required: true }, date: { required: true }, label: { max: 200, required: true }, lines: { required: true } },
  entry_update: { journal: { max: 6 }, label: { max: 200 } },
  entry_reverse: { date: { required: true }, reason: { max: 500, required: true } },
  bank_match_create: {},
  bank_match_cancel: { reason: { max: 500 } },
  bank_match_clear: { create: { required: true } },
  member_create: { name: { max: 200, required: true }, legal_form: { required: true }, phone: { max: 40 }, street: { max: 400 }, postal_code: { max: 20 }, city: { max: 200 }, country: { max: 2 }, account_holder: { max: 140 }, contact_name: { max: 200 }, contact_role: { max: 200 }, joined_on: { required: true }, notes: { max: 10000 } },
  member_update: { name: { max: 200 }, phone: { max: 40 }, street: { max: 400 }, postal_code: { max: 20 }, city: { max: 200 }, country: { max: 2 }, account_holder: { max: 140 }, contact_name: { max: 200 }, contact_role: { max: 200 }, notes: { max: 10000 } },
  member_import: { file: { required: true } },
  session_create: { email: { required: true }, password: { max: 200, required: true } },
  one_time_link_use: { password: { max: 200, required: true }, organisation_name: { max: 200 }, name: { max: 200 } },
  organisation_update: { name: { max: 200 }, street: { max: 400 }, postal_code: { max: 20 }, city: { max: 100 } },
} as const;
