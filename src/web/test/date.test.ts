import assert from "node:assert/strict";
import { test } from "node:test";
import { addDays, dateIn, formatDate, parseDate, timeIn, weekday } from "../src/lib/date";
import type { DateFault, DateOptions } from "../src/lib/date";

/** A Monday. */
const today = "2026-11-23";

function read(text: string, options: Partial<DateOptions> = {}): string | DateFault {
  const result = parseDate(text, { today, ...options });
  return result.ok ? result.date : result.fault;
}

test("dates as people type them", () => {
  const cases: [string, string][] = [
    ["12/03/2026", "2026-03-12"], ["12/3/26", "2026-03-12"], ["12.03.2026", "2026-03-12"], ["12-03-2026", "2026-03-12"], ["12 03 2026", "2026-03-12"], ["12032026", "2026-03-12"],
    ["2026-03-12", "2026-03-12"], ["12 mars 2026", "2026-03-12"], ["12 mars", "2026-03-12"], ["le 12 mars", "2026-03-12"], ["1er mars", "2026-03-01"], ["jeudi 12 novembre 2026", "2026-11-12"],
    ["12 nov.", "2026-11-12"], ["12 févr. 2025", "2025-02-12"], ["12 fevrier 2025", "2025-02-12"], ["3 août", "2026-08-03"], ["3 AOUT 2026", "2026-08-03"],
    ["12 March 2026", "2026-03-12"], ["March 12, 2026", "2026-03-12"], ["1st March", "2026-03-01"], ["25/12/99", "1999-12-25"], ["25/12/30", "2030-12-25"],
  ];
  for (const [text, date] of cases) assert.equal(read(text), date, text);
});

test("days told from today", () => {
  assert.equal(read("aujourd’hui"), "2026-11-23");
  assert.equal(read("aujourd'hui"), "2026-11-23");
  assert.equal(read("hier"), "2026-11-22");
  assert.equal(read("Avant-hier"), "2026-11-21");
  assert.equal(read("demain"), "2026-11-24");
  assert.equal(read("yesterday"), "2026-11-22");
  assert.equal(read("vendredi"), "2026-11-20");
  assert.equal(read("lundi"), "2026-11-16", "a day's own name is the one before, not today");
  assert.equal(read("vendredi prochain"), "2026-11-27");
  assert.equal(read("friday", { prefer: "future" }), "2026-11-27");
});

test("without a year, money received lies in the past and a deadline in the future", () => {
  assert.equal(read("28 décembre"), "2025-12-28");
  assert.equal(read("28/12"), "2025-12-28");
  assert.equal(read("28 décembre", { prefer: "future" }), "2026-12-28");
  assert.equal(read("23/11"), "2026-11-23");
  assert.equal(read("24/11"), "2025-11-24");
  assert.equal(read("29 février"), "2024-02-29");
  assert.equal(read("29 février", { prefer: "future" }), "2028-02-29");
  assert.equal(read("12"), "2026-11-12");
  assert.equal(read("30"), "2026-10-30");
  assert.equal(read("31", { today: "2026-03-02" }), "2026-01-31");
});

test("what is no date says why", () => {
  const cases: [string, DateFault][] = [
    ["", "empty"], ["demain matin", "syntax"], ["12/13/2026", "syntax"], ["31/02/2026", "unknown_day"], ["29/02/2025", "unknown_day"], ["30 février", "unknown_day"], ["12/03/1850", "range"],
    ["12/03/20266", "syntax"], ["32/01/2026", "unknown_day"], ["0/01/2026", "syntax"], ["12 brumaire", "syntax"], ["99", "syntax"],
  ];
  for (const [text, fault] of cases) assert.equal(read(text), fault, text);
});

test("every day of forty years survives being shown and read", () => {
  for (let date = "1995-01-01"; date < "2036-01-01"; date = addDays(date, 1)) {
    for (const style of ["short", "long", "full"] as const) {
      for (const language of ["fr", "en"] as const) assert.equal(read(formatDate(date, style, language)), date);
    }
  }
});

test("formats", () => {
  assert.equal(formatDate("2026-11-12", "full", "fr"), "jeudi 12\u00a0novembre 2026");
  assert.equal(formatDate("2026-03-01", "long", "fr"), "1er\u00a0mars 2026");
  assert.equal(formatDate("2026-03-01", "long", "en"), "1\u00a0March 2026");
  assert.equal(formatDate("2026-03-01T10:00:00Z", "short", "fr"), "01/03/2026");
  assert.equal(formatDate("2026-02-01", "month_short", "fr"), "févr.");
  assert.equal(weekday("2026-11-23"), 0);
  assert.equal(weekday("1969-12-28"), 6);
});

test("an instant's day and hour are the organisation's", () => {
  const instant = new Date("2026-12-31T23:30:00Z");
  assert.equal(dateIn("Europe/Paris", instant), "2027-01-01");
  assert.equal(dateIn("Pacific/Tahiti", instant), "2026-12-31");
  assert.deepEqual(timeIn("Europe/Paris", instant), { hour: 0, minute: 30 });
});
