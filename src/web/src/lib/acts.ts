// The audit log as acts: the events of one request are one thing that somebody did. What a column's value is, and where it leads.
import type { AuditEvent } from "../model";

export interface Change {
  column: string;
  before: string | null;
  after: string | null;
}

/** What the log speaks of; of the events of one request, the first in this order says what was done. */
export const SUBJECTS = [
  "organisation", "match", "contribution", "in_kind_contribution", "bank_statement", "bank_account", "draft", "entry", "member", "fund",
  "project", "fiscal_year", "account", "membership", "token", "user", "match_transaction", "match_part",
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Subjects that one can look for: parts of a match are found by the match. */
export const SOUGHT = SUBJECTS.filter((subject) => subject !== "match_part" && subject !== "match_transaction");

export const CHANGES = ["insert", "update", "delete", "erase"] as const;
export const VISITS = ["read", "sign_in", "sign_in_failed", "export"] as const;
export type AuditAction = (typeof CHANGES)[number] | (typeof VISITS)[number];

export interface Act {
  key: string;
  /** The event that says what was done. */
  main: AuditEvent;
  /** How many events are of the main one's kind: an import adds many members. */
  count: number;
  /** All of them, in the order in which they happened. */
  events: AuditEvent[];
  reason: string | null;
}

export function changesOf(event: AuditEvent): Change[] {
  return Array.isArray(event.changes) ? (event.changes as Change[]) : [];
}

/** A column's value after the event. */
export function afterOf(event: AuditEvent, column: string): string | null {
  return changesOf(event).find((change) => change.column === column)?.after ?? null;
}

/** Columns that were recorded and whose values have been erased since. */
export function erasedOf(event: AuditEvent): string[] {
  const kept = new Set(changesOf(event).map((change) => change.column));
  return event.action === "erase" ? event.columns ?? [] : (event.columns ?? []).filter((column) => !kept.has(column));
}

/** A request of the API, or one write of the operator at the command line, which has no request. */
function sameAct(a: AuditEvent, b: AuditEvent): boolean {
  if (a.request_id !== null || b.request_id !== null) return a.request_id === b.request_id;
  return a.at === b.at && a.actor === b.actor;
}

function rank(event: AuditEvent): number {
  const at = SUBJECTS.indexOf(event.subject_kind as Subject);
  return at < 0 ? SUBJECTS.length : at;
}

function toAct(run: readonly AuditEvent[]): Act {
  const events = [...run].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  const main = events.reduce((best, event) => (rank(event) < rank(best) ? event : best));
  return {
    key: main.id,
    main,
    count: events.filter((event) => event.subject_kind === main.subject_kind && event.action === main.action).length,
    events,
    reason: events.find((event) => event.reason)?.reason ?? null,
  };
}

/** Consecutive events of one request, as acts, in the order of the list. */
export function actsOf(events: readonly AuditEvent[]): Act[] {
  const runs: AuditEvent[][] = [];
  for (const event of events) {
    const run = runs[runs.length - 1];
    if (run && sameAct(run[0] as AuditEvent, event)) run.push(event);
    else runs.push([event]);
  }
  return runs.map(toAct);
}

const TURNS: readonly [string, string, string][] = [
  ["token", "revoked_at", "token_revoke"], ["membership", "ends_on", "membership_end"], ["bank_account", "confirmed_at", "bank_account_confirm"],
  ["match", "cancel_reason", "bank_match_cancel"], ["fiscal_year", "closed_at", "fiscal_year_close"],
];

/** Names of what was done, the most telling first: the operation, what became of the thing, the thing and the action. */
export function actNames(event: AuditEvent, alone = false): string[] {
  const turn = event.action === "update"
    ? TURNS.find(([subject, column]) => subject === event.subject_kind && afterOf(event, column) !== null)?.[2] : undefined;
  return [...(alone ? [] : [event.route ?? ""]), turn ?? "", event.action === "read" ? event.subject_kind ?? "" : "",
    `${event.subject_kind ?? ""}_${event.action}`, event.action].filter(Boolean);
}

export type ValueKind = "money" | "date" | "instant" | "boolean" | "word" | "decimal" | "lines" | "link" | "text" | "technical";

const KINDS: Record<string, ValueKind> = {
  amount: "money", value: "money", floor: "money", opening: "money", closing: "money", sum_in: "money", sum_out: "money", total: "money",
  date: "date", locked_through: "date", valid_from: "date", valid_to: "date",
  dues_with_counterpart: "boolean", own: "boolean", balanced: "boolean",
  kind: "word", status: "word", nature: "word", means: "word", legal_form: "word", donor_legal_form: "word", role: "word", act: "word",
  hours: "decimal", lines: "lines",
  member_id: "link", fund_id: "link", project_id: "link", bank_account_id: "link", match_id: "link", contribution_id: "link", corrects_id: "link",
  corrected_by_id: "link", entry_id: "link", receipt_entry_id: "link", return_entry_id: "link",
  giver_legal_form: "technical", hash: "technical", file_sha256: "technical", file_position: "technical", format_version: "technical",
  notes: "technical", position: "technical", clears: "technical", line_id: "technical", created_by: "technical",
};

/** What the values of a column are, which says how they are shown. */
export function valueKind(column: string): ValueKind {
  const known = KINDS[column];
  if (known) return known;
  if (column.endsWith("_at")) return "instant";
  if (column.endsWith("_on")) return "date";
  return column.endsWith("_id") ? "technical" : "text";
}

/** Page of a thing, below the organisation; null when it has none. */
export function pageOf(subject: string | null, id: string | null): string | null {
  if (!id) return null;
  switch (subject) {
    case "member": return "members/" + id;
    case "contribution": return "contributions/" + id;
    case "entry":
    case "draft": return "entries/" + id;
    case "match":
    case "match_part": return "bank/matches/" + id;
    case "match_transaction": return "bank/lines/" + id;
    case "bank_statement": return "bank/statements";
    case "organisation": return "settings";
    case "fund": return "settings#settings-funds";
    case "project": return "settings#settings-projects";
    case "fiscal_year": return "settings#settings-years";
    case "account": return "settings#settings-accounts";
    default: return null;
  }
}

const LINKED: Record<string, string> = {
  member_id: "member", match_id: "match", contribution_id: "contribution", corrects_id: "contribution", corrected_by_id: "contribution",
  entry_id: "entry", receipt_entry_id: "entry", return_entry_id: "entry",
};

/** What kind of thing the ids of a column name. */
export function subjectOf(column: string): string | null {
  return LINKED[column] ?? null;
}

export type ActorKind = "user" | "token" | "cli" | "link" | "system" | "anonymous";

export function actorKind(actor: string): ActorKind {
  const kind = actor.split(":")[0];
  return (["user", "token", "cli", "link", "system"] as const).find((one) => one === kind) ?? "anonymous";
}
