// What a person answers about money received, and the body of the API that it makes.
import type { Contribution, ContributionCreate, ContributionNature, LegalForm, Means, Nature } from "../model";
import type { Messages } from "../i18n";
import { parseDate } from "./date";
import type { Iso } from "./date";
import type { Fault } from "./form";
import { parseMoney, toDecimal } from "./money";
import type { Currency } from "./money";

/** The answers, as typed. */
export interface RecordValues {
  who: string;
  member_id: string;
  donor_form: LegalForm | "";
  amount: string;
  received_on: string;
  means: Means;
  /** "" follows what is proposed. */
  nature: Nature | "";
  /** "" follows the nature. */
  fund_id: string;
  project_id: string;
  agreement_signed_on: string;
  /** Under a signed agreement, the money has not arrived. */
  pending: boolean;
  repayable_on: string;
  legal_basis: string;
  accountant_note: string;
  label: string;
}

export interface Setting {
  today: Iso;
  currency: Currency;
  language: "fr" | "en";
}

export const emptyRecord = (receivedOn: string): RecordValues => ({
  who: "", member_id: "", donor_form: "", amount: "", received_on: receivedOn, means: "transfer", nature: "", fund_id: "", project_id: "",
  agreement_signed_on: "", pending: false, repayable_on: "", legal_basis: "", accountant_note: "", label: "",
});

/** Natures that this kind of giver may have, in the dictionary's order. */
export function naturesFor(form: LegalForm | "", rules: readonly ContributionNature[], order: readonly Nature[]): Nature[] {
  const allowed = new Set(rules.filter((rule) => rule.legal_form === form).map((rule) => rule.nature));
  return order.filter((nature) => allowed.has(nature));
}

/** What the giver gave last, if it may give it still; else the first that is possible. */
export function proposedNature(allowed: readonly Nature[], last: Contribution | undefined): Nature | "" {
  return last && allowed.includes(last.nature) ? last.nature : allowed[0] ?? "";
}

/** Faults that need no server; pointers are the API's. */
export function recordFaults(values: RecordValues, nature: Nature | "", needs: readonly string[], setting: Setting, t: Messages): Fault[] {
  const faults: Fault[] = [];
  const { today, currency, language } = setting;
  if (!values.who.trim()) faults.push({ pointer: "/member_id", detail: t.record.whoRequired });
  else if (!values.member_id && !values.donor_form) faults.push({ pointer: "/donor/legal_form", detail: t.record.donorFormRequired });
  const amount = parseMoney(values.amount, { digits: currency.digits, language });
  if (!amount.ok) faults.push({ pointer: "/amount", detail: t.money[amount.fault] });
  const date = (text: string, pointer: string, required: boolean, prefer: "past" | "future" = "past") => {
    const read = parseDate(text, { today, prefer });
    if (!read.ok && (required || read.fault !== "empty")) faults.push({ pointer, detail: t.date[read.fault] });
  };
  date(values.received_on, "/received_on", !values.pending);
  date(values.agreement_signed_on, "/agreement_signed_on", values.pending);
  if (values.who.trim() && !nature) faults.push({ pointer: "/nature", detail: t.record.natureRequired });
  if (nature === "repayable") {
    date(values.repayable_on, "/repayable_on", true, "future");
    if (!values.legal_basis.trim()) faults.push({ pointer: "/legal_basis", detail: t.form.required });
    if (needs.includes("accountant_note") && !values.accountant_note.trim()) faults.push({ pointer: "/accountant_note", detail: t.form.required });
  }
  return faults;
}

/** The body of POST contributions; only for values without faults. */
export function recordBody(values: RecordValues, nature: Nature, setting: Setting): ContributionCreate {
  const { today, currency, language } = setting;
  const amount = parseMoney(values.amount, { digits: currency.digits, language });
  const read = (text: string, prefer: "past" | "future" = "past") => {
    const date = parseDate(text, { today, prefer });
    return date.ok ? date.date : undefined;
  };
  const received = values.pending ? undefined : read(values.received_on);
  const signed = read(values.agreement_signed_on);
  const repayable = nature === "repayable" ? read(values.repayable_on, "future") : undefined;
  return {
    ...(values.member_id ? { member_id: values.member_id } : { donor: { name: values.who.trim(), legal_form: values.donor_form as LegalForm } }),
    amount: amount.ok ? toDecimal(amount.minor, currency.digits) : "",
    means: values.means,
    nature,
    ...(received ? { received_on: received } : {}),
    ...(signed ? { agreement_signed_on: signed } : {}),
    ...(repayable ? { repayable_on: repayable, legal_basis: values.legal_basis.trim() } : {}),
    ...(repayable && values.accountant_note.trim() ? { accountant_note: values.accountant_note.trim() } : {}),
    ...(values.fund_id ? { fund_id: values.fund_id } : {}),
    ...(values.project_id ? { project_id: values.project_id } : {}),
    ...(values.label.trim() ? { label: values.label.trim() } : {}),
  };
}
