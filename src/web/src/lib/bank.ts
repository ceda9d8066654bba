// The bank in words: amounts in any currency, how sure a suggestion is, what a part of a line is, and the body that says so.
import type {
  BankAccount,
  BankMatchCreate,
  BankMatchPart,
  BankNewPart,
  BankOpenItem,
  BankTransaction,
  Collection,
  ExpenseCategory,
  LegalForm,
  MatchKind,
  Nature,
  Suggestion,
  SuggestionPart,
} from "../model";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { useOrganisation } from "../session";
import { parseDate } from "./date";
import type { Iso } from "./date";
import type { Fault } from "./form";
import { formatMoney, fromDecimal, parseMoney, toDecimal } from "./money";
import type { Currency } from "./money";
import { defaultFund, useFunds } from "./names";
import { useGet } from "./query";

// ---- amounts: a bank account may have another currency than the books ----

export function digitsOf(amount: string): number {
  return amount.split(".")[1]?.length ?? 0;
}

/** "1 250,50 €" from an amount of the API in its own currency. */
export function useBankMoney(): (amount: string, currency: string) => string {
  const { language } = useI18n();
  return (amount, currency) => {
    const digits = digitsOf(amount);
    return formatMoney(fromDecimal(amount, digits), { code: currency, digits }, language);
  };
}

/** With a plus sign for what came in: "+1 250,50 €". */
export function signed(text: string): string {
  return text.startsWith("\u2212") ? text : "+" + text;
}

/** "FR76 3000 4028 3798 7654 3210 943" */
export function groupedIban(iban: string): string {
  return iban.replace(/(.{4})(?=.)/g, "$1\u00a0");
}

/** An account as one recognises it: its IBAN's or number's last four figures. */
export function accountMark(account: Pick<BankAccount, "iban" | "identifier">): string {
  const text = account.iban ?? account.identifier ?? "";
  return text.length > 8 ? text.slice(0, 4) + "\u00a0…\u00a0" + text.slice(-4) : text;
}

// ---- lines ----

/** So much of the bank's text stands for a name where there is none. */
const NAME_MAX = 60;

/** Who a line of the bank speaks of. */
export function lineName(line: Pick<BankTransaction, "counterparty_name" | "remittance">, t: Messages): string {
  return (
    line.counterparty_name?.trim() ||
    line.remittance
      .split(/\s{2,}|\n/)[0]
      ?.slice(0, NAME_MAX)
      .trim() ||
    t.bank.nameless
  );
}

/** The bank's words without the name that stands above them already. */
export function lineText(line: BankTransaction): string {
  const name = line.counterparty_name?.trim() ?? "";
  if (!name && line.remittance.trim().length <= NAME_MAX && !/\s{2,}|\n/.test(line.remittance))
    return line.additional_text ?? "";
  const rest = name && line.remittance.startsWith(name) ? line.remittance.slice(name.length).trim() : line.remittance;
  return [rest || (name ? "" : line.remittance), line.additional_text].filter(Boolean).join(" · ");
}

// ---- suggestions ----

export type Certainty = "sure" | "probable" | "possible" | "none";

/** From these scores on a suggestion is called sure, or probable. */
const SURE = 85;
const PROBABLE = 60;

export function certainty(suggestion: Suggestion | undefined): Certainty {
  if (!suggestion) return "none";
  return suggestion.score >= SURE ? "sure" : suggestion.score >= PROBABLE ? "probable" : "possible";
}

/** Do its parts make the whole line? */
export function explainsAll(suggestion: Suggestion, line: BankTransaction): boolean {
  const digits = digitsOf(line.amount);
  const sum = suggestion.parts.reduce((total, part) => total + fromDecimal(part.amount, digits), 0n);
  return sum === fromDecimal(line.amount, digits);
}

/** The body of POST matches, without what a suggestion leaves empty. */
export function suggestionBody({ match }: Suggestion): BankMatchCreate {
  const full = Object.entries(match).filter(([, value]) => Array.isArray(value) && value.length > 0);
  return Object.fromEntries(full) as BankMatchCreate;
}

// ---- words for parts ----

export interface PartWords {
  /** "Cotisation de X", "Dépense : Loyer". */
  title: string;
  /** Where it stands: recorded on a day, awaited, or to be recorded. */
  note: string;
}

export interface Naming {
  t: Messages;
  date: (day: Iso) => string;
  category: (code: string | null) => string;
  /** Name of the fund a part goes to: the one it says, else the one its rule says. */
  fund: (id: string | null, nature: string | null) => string;
}

/** Names of expenses and funds, for the words of parts. */
export function useNaming(): Naming {
  const { t, language, date } = useI18n();
  const categories = useExpenseCategories();
  const funds = useFunds();
  return {
    t,
    date: (day) => date(day),
    category: (code) => {
      const found = categories.find((one) => one.category === code);
      return found ? found[language] : (code ?? "");
    },
    fund: (id, nature) =>
      (id ? funds.find((fund) => fund.id === id) : defaultFund(funds, nature ?? "dues"))?.name ?? "",
  };
}

export function useExpenseCategories(): ExpenseCategory[] {
  const organisation = useOrganisation();
  return useGet<Collection<ExpenseCategory>>(organisation.path("expense-categories"), { limit: 100 }).data?.items ?? [];
}

function natureName(nature: string | null, t: Messages): string {
  return nature && nature in t.enums.nature ? t.enums.nature[nature as Nature] : t.bank.payment;
}

/** What a part is, linked or to be written. */
export function partTitle(
  part: Pick<SuggestionPart, "kind" | "giver_name" | "nature" | "category"> & { label?: string | null; amount: string },
  naming: Naming,
): string {
  const { t, category } = naming;
  const who = part.giver_name ?? "";
  switch (part.kind) {
    case "contribution":
      return t.bank.part.contribution(natureName(part.nature, t), who);
    case "entry_line":
      return t.bank.part.entryLine(part.label ?? who);
    case "expense":
      return t.bank.part.expense(category(part.category));
    case "refund":
      return part.amount.startsWith("-") ? t.bank.part.refundOut(who) : t.bank.part.refundIn(category(part.category));
    case "returned":
      return t.bank.part.returned(who);
    case "interest":
      return part.amount.startsWith("-") ? t.bank.part.interestOut : t.bank.part.interestIn;
    case "internal_transfer":
      return t.bank.part.internalTransfer;
    case "third_party":
      return t.bank.part.thirdParty(who);
    case "unknown":
      return t.bank.part.unknown;
  }
}

/** A part of a suggestion: what it is, and whether it is in the books already. */
export function suggestionWords(part: SuggestionPart, naming: Naming): PartWords {
  const { t, date, fund } = naming;
  const linked = part.kind === "entry_line" || (part.kind === "contribution" && part.contribution_id !== null);
  const where = linked
    ? part.date
      ? t.bank.recordedOn(date(part.date))
      : t.bank.recorded
    : t.bank.toRecord(fund(part.fund_id, part.nature));
  return { title: partTitle(part, naming), note: where };
}

/** A part of a match that was made. */
export function matchPartWords(part: BankMatchPart, naming: Naming): PartWords {
  const { t } = naming;
  return {
    title: partTitle({ ...part, label: part.line_label ?? part.label }, naming),
    note: [t.bank.acts[part.act], part.fund_name, part.kind === "entry_line" ? null : part.label]
      .filter(Boolean)
      .join(", "),
  };
}

// ---- saying oneself what a line is ----

/** One part as typed: something that waits in the books, or something new. */
export interface PartValues {
  item: BankOpenItem | null;
  kind: MatchKind;
  /** Without a sign: the kind and the line give it. */
  amount: string;
  who: string;
  member_id: string;
  donor_form: LegalForm | "";
  nature: Nature | "";
  category: string;
  fund_id: string;
  project_id: string;
  label: string;
  contribution_id: string;
  contributionText: string;
  transaction_id: string;
  agreement_signed_on: string;
  repayable_on: string;
  legal_basis: string;
  accountant_note: string;
}

export interface MatchValues {
  parts: PartValues[];
  /** Further lines of the bank that belong to it. */
  with: string[];
}

export const emptyPart = (kind: MatchKind, amount = ""): PartValues => ({
  item: null,
  kind,
  amount,
  who: "",
  member_id: "",
  donor_form: "",
  nature: "",
  category: "",
  fund_id: "",
  project_id: "",
  label: "",
  contribution_id: "",
  contributionText: "",
  transaction_id: "",
  agreement_signed_on: "",
  repayable_on: "",
  legal_basis: "",
  accountant_note: "",
});

export interface Setting {
  today: Iso;
  currency: Currency;
  language: "fr" | "en";
  /** Does money come in with this line? */
  incoming: boolean;
}

/** Kinds that a line of this direction can be, in the order of the choice. */
export function kindsFor(incoming: boolean): MatchKind[] {
  return incoming
    ? ["contribution", "internal_transfer", "refund", "interest", "third_party", "expense", "unknown"]
    : ["expense", "internal_transfer", "returned", "refund", "interest", "third_party", "unknown"];
}

/** The sign a part's amount has: a fee kept back goes out of a line that comes in. */
export function partSign(kind: MatchKind, incoming: boolean): 1n | -1n {
  if (kind === "contribution") return 1n;
  if (kind === "expense" || kind === "returned") return -1n;
  return incoming ? 1n : -1n;
}

/** A part in minor units, signed as the line; nil while its amount is not understood. */
export function partAmount(part: PartValues, setting: Setting): bigint {
  if (part.item) return fromDecimal(part.item.amount, setting.currency.digits);
  const read = parseMoney(part.amount, { digits: setting.currency.digits, language: setting.language });
  return read.ok ? read.minor * partSign(part.kind, setting.incoming) : 0n;
}

/** Faults of the new parts that need no server; `nature` is the one that counts when none is chosen. */
export function partFaults(
  values: MatchValues,
  natureOf: (part: PartValues) => Nature | "",
  setting: Setting,
  t: Messages,
): Fault[] {
  const faults: Fault[] = [];
  values.parts
    .filter((part) => !part.item)
    .forEach((part, index) => {
      const at = "/create/" + index;
      const add = (name: string, detail: string) => faults.push({ pointer: `${at}/${name}`, detail });
      const amount = parseMoney(part.amount, { digits: setting.currency.digits, language: setting.language });
      if (!amount.ok) add("amount", t.money[amount.fault]);
      if (part.kind === "contribution") {
        if (!part.who.trim()) add("member_id", t.record.whoRequired);
        else if (!part.member_id && !part.donor_form) add("donor/legal_form", t.record.donorFormRequired);
        const nature = natureOf(part);
        if (part.who.trim() && !nature) add("nature", t.record.natureRequired);
        if (nature === "repayable") {
          const day = parseDate(part.repayable_on, { today: setting.today, prefer: "future" });
          if (!day.ok) add("repayable_on", t.date[day.fault]);
          if (!part.legal_basis.trim()) add("legal_basis", t.form.required);
        }
      }
      if ((part.kind === "expense" || (part.kind === "refund" && setting.incoming)) && !part.category)
        add("category", t.bank.categoryRequired);
      if ((part.kind === "returned" || (part.kind === "refund" && !setting.incoming)) && !part.contribution_id)
        add("contribution_id", t.bank.paymentRequired);
    });
  return faults;
}

function newPart(part: PartValues, nature: Nature | "", setting: Setting): BankNewPart {
  const amount = toDecimal(partAmount(part, setting), setting.currency.digits);
  const text = (
    name:
      | "fund_id"
      | "project_id"
      | "member_id"
      | "label"
      | "category"
      | "contribution_id"
      | "transaction_id"
      | "legal_basis"
      | "accountant_note",
  ) => (part[name].trim() ? { [name]: part[name].trim() } : {});
  const day = (name: "agreement_signed_on" | "repayable_on", prefer: "past" | "future") => {
    const read = parseDate(part[name], { today: setting.today, prefer });
    return read.ok ? { [name]: read.date } : {};
  };
  const base = { kind: part.kind, amount };
  switch (part.kind) {
    case "contribution":
      return {
        ...base,
        ...(nature ? { nature } : {}),
        ...(part.member_id
          ? { member_id: part.member_id }
          : { donor: { name: part.who.trim(), legal_form: part.donor_form as LegalForm } }),
        ...text("fund_id"),
        ...text("project_id"),
        ...text("label"),
        ...day("agreement_signed_on", "past"),
        ...(nature === "repayable"
          ? { ...day("repayable_on", "future"), ...text("legal_basis"), ...text("accountant_note") }
          : {}),
      };
    case "expense":
      return {
        ...base,
        ...text("category"),
        ...text("fund_id"),
        ...text("project_id"),
        ...text("member_id"),
        ...text("label"),
      };
    case "refund":
      return {
        ...base,
        ...text(setting.incoming ? "category" : "contribution_id"),
        ...text("fund_id"),
        ...text("project_id"),
        ...text("label"),
      };
    case "returned":
      return { ...base, ...text("contribution_id"), ...text("label") };
    case "internal_transfer":
      return { ...base, ...text("transaction_id"), ...text("fund_id"), ...text("label") };
    case "third_party":
      return { ...base, ...text("fund_id"), ...text("project_id"), ...text("member_id"), ...text("label") };
    case "interest":
    case "unknown":
      return { ...base, ...text("fund_id"), ...text("label") };
  }
}

/** The body of POST matches; for values without faults. */
export function matchBody(
  values: MatchValues,
  natureOf: (part: PartValues) => Nature | "",
  setting: Setting,
): BankMatchCreate {
  const items = values.parts.flatMap((part) => (part.item ? [part.item] : []));
  const contributions = items.flatMap((item) => (item.contribution_id ? [item.contribution_id] : []));
  const lines = items.flatMap((item) => (item.line_id ? [item.line_id] : []));
  const create = values.parts.filter((part) => !part.item).map((part) => newPart(part, natureOf(part), setting));
  return {
    ...(contributions.length ? { contribution_ids: contributions } : {}),
    ...(lines.length ? { entry_line_ids: lines } : {}),
    ...(create.length ? { create } : {}),
    ...(values.with.length ? { transaction_ids: values.with } : {}),
  };
}

/** What a suggestion proposes, as if it had been typed: to be changed before it is accepted. */
export function suggestionValues(
  suggestion: Suggestion,
  open: readonly BankOpenItem[],
  written: (minor: bigint) => string,
  digits: number,
): MatchValues {
  const { match, parts } = suggestion;
  const linked = open.filter(
    (item) =>
      (item.contribution_id && match.contribution_ids?.includes(item.contribution_id)) ||
      (item.line_id && match.entry_line_ids?.includes(item.line_id)),
  );
  const created = (match.create ?? []).map((part) => {
    const shown = parts.find(
      (one) =>
        one.kind === part.kind && one.amount === part.amount && (one.member_id ?? null) === (part.member_id ?? null),
    );
    const minor = fromDecimal(part.amount, digits);
    return {
      ...emptyPart(part.kind, written(minor < 0n ? -minor : minor)),
      who: part.donor?.name ?? shown?.giver_name ?? "",
      member_id: part.member_id ?? "",
      donor_form: part.donor?.legal_form ?? ("" as const),
      nature: part.nature ?? ("" as const),
      category: part.category ?? "",
      fund_id: part.fund_id ?? "",
      project_id: part.project_id ?? "",
      label: part.label ?? "",
      contribution_id: part.contribution_id ?? "",
      contributionText: part.contribution_id ? (shown?.giver_name ?? "") : "",
      transaction_id: part.transaction_id ?? "",
    };
  });
  return { parts: [...linked.map((item) => ({ ...emptyPart("contribution"), item })), ...created], with: [] };
}
