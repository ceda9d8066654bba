// What an accountant types on the manual entry page, and the body of the API that it makes.
import type { Entry } from "../model";
import type { EntryCreateInput } from "../api";
import type { Messages } from "../i18n";
import { parseDate } from "./date";
import type { Iso } from "./date";
import type { Fault } from "./form";
import { parseMoney, toDecimal } from "./money";
import type { Currency } from "./money";

export interface LineValues {
  /** Number of the account chosen, "" while the text is no account. */
  account: string;
  accountText: string;
  fund_id: string;
  debit: string;
  credit: string;
  member_id: string;
  project_id: string;
  label: string;
}

export interface EntryValues {
  journal: string;
  date: string;
  label: string;
  lines: LineValues[];
}

export interface Setting {
  today: Iso;
  currency: Currency;
  language: "fr" | "en";
}

export const emptyLine = (fund_id = ""): LineValues => ({
  account: "",
  accountText: "",
  fund_id,
  debit: "",
  credit: "",
  member_id: "",
  project_id: "",
  label: "",
});

/** Nothing was typed in it: it is not sent. */
export function isEmptyLine(line: LineValues): boolean {
  return !line.accountText.trim() && !line.debit.trim() && !line.credit.trim() && !line.label.trim();
}

/** A typed amount in minor units; nothing and what is not understood count as nil. */
export function typedAmount(text: string, { currency, language }: Setting): bigint {
  const read = parseMoney(text, { digits: currency.digits, language, zero: true });
  return read.ok ? read.minor : 0n;
}

export interface Totals {
  debit: bigint;
  credit: bigint;
  /** Debit − credit. */
  difference: bigint;
}

export function totalsOf(lines: readonly LineValues[], setting: Setting): Totals {
  const sum = (side: "debit" | "credit") => lines.reduce((total, line) => total + typedAmount(line[side], setting), 0n);
  const [debit, credit] = [sum("debit"), sum("credit")];
  return { debit, credit, difference: debit - credit };
}

/** An account typed by its number alone counts as chosen. */
export function accountOf(line: LineValues, known: ReadonlyMap<string, string>): string {
  const typed = line.accountText.trim().split(/\s/)[0] ?? "";
  return line.account || (known.has(typed) ? typed : "");
}

/** Faults that need no server; the pointers are the API's. */
export function entryFaults(
  values: EntryValues,
  known: ReadonlyMap<string, string>,
  setting: Setting,
  t: Messages,
): Fault[] {
  const faults: Fault[] = [];
  const day = parseDate(values.date, { today: setting.today });
  if (!day.ok) faults.push({ pointer: "/date", detail: t.date[day.fault] });
  if (!values.label.trim()) faults.push({ pointer: "/label", detail: t.entryForm.labelRequired });
  const lines = values.lines.filter((line) => !isEmptyLine(line));
  if (lines.length === 0) faults.push({ pointer: "/lines/0/account", detail: t.entryForm.linesRequired });
  values.lines.forEach((line, index) => {
    if (isEmptyLine(line)) return;
    const at = "/lines/" + index;
    if (!accountOf(line, known)) faults.push({ pointer: at + "/account", detail: t.entryForm.accountRequired });
    for (const side of ["debit", "credit"] as const) {
      const read = parseMoney(line[side], { digits: setting.currency.digits, language: setting.language, zero: true });
      if (!read.ok && read.fault !== "empty") faults.push({ pointer: `${at}/${side}`, detail: t.money[read.fault] });
    }
    if (!line.debit.trim() && !line.credit.trim())
      faults.push({ pointer: at + "/debit", detail: t.entryForm.sideRequired });
  });
  return faults;
}

/** The body of POST entries; for values without faults and without empty lines. */
export function entryBody(values: EntryValues, known: ReadonlyMap<string, string>, setting: Setting): EntryCreateInput {
  const day = parseDate(values.date, { today: setting.today });
  const amount = (text: string) => {
    const minor = typedAmount(text, setting);
    return minor === 0n ? null : toDecimal(minor, setting.currency.digits);
  };
  return {
    journal: values.journal,
    date: day.ok ? day.date : "",
    label: values.label.trim(),
    lines: values.lines.map((line) => ({
      account: accountOf(line, known),
      debit: amount(line.debit),
      credit: amount(line.credit),
      ...(line.fund_id ? { fund_id: line.fund_id } : {}),
      ...(line.member_id ? { member_id: line.member_id } : {}),
      ...(line.project_id ? { project_id: line.project_id } : {}),
      ...(line.label.trim() ? { label: line.label.trim() } : {}),
    })),
  };
}

/** A draft as it would be typed. */
export function entryValues(
  entry: Entry,
  short: (date: Iso) => string,
  number: (amount: string) => string,
): EntryValues {
  return {
    journal: entry.journal,
    date: short(entry.date),
    label: entry.label,
    lines: entry.lines.map((line) => ({
      account: line.account,
      accountText: [line.account, line.title].filter(Boolean).join(" "),
      fund_id: line.fund_id,
      debit: line.debit ? number(line.debit) : "",
      credit: line.credit ? number(line.credit) : "",
      member_id: line.member_id ?? "",
      project_id: line.project_id ?? "",
      label: line.label ?? "",
    })),
  };
}
