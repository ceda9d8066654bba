// Calendar dates as ISO text ("2026-03-12"), computed without time zones; read as French people type them.

export type Iso = string;
export type DateFault = "empty" | "syntax" | "unknown_day" | "range";
export type DateResult = { ok: true; date: Iso } | { ok: false; fault: DateFault };

/** Dates the database takes; years typed outside are slips. */
const YEAR_MIN = 1900;
const YEAR_MAX = 2199;

export function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function iso(year: number, month: number, day: number): Iso {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

export interface Ymd { year: number; month: number; day: number }

/** Parts of an ISO date; the time of an instant, if any, is left aside. */
export function parts(date: Iso): Ymd {
  const [year = "", month = "", day = ""] = date.slice(0, 10).split("-");
  return { year: Number(year), month: Number(month), day: Number(day) };
}

/** Days since 1 January 1970. */
export function dayNumber(date: Iso): number {
  const { year, month, day } = parts(date);
  return Math.round(Date.UTC(year, month - 1, day) / 86_400_000);
}

export function fromDayNumber(number: number): Iso {
  const moment = new Date(number * 86_400_000);
  return iso(moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate());
}

export function addDays(date: Iso, days: number): Iso {
  return fromDayNumber(dayNumber(date) + days);
}

/** 0 for Monday to 6 for Sunday. */
export function weekday(date: Iso): number {
  return (((dayNumber(date) + 3) % 7) + 7) % 7;
}

/** The calendar date of an instant in a time zone; the organisation's "today" when no instant is given. */
export function dateIn(timeZone: string, instant: Date = new Date()): Iso {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const found = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, part.value]));
  return `${found["year"]}-${found["month"]}-${found["day"]}`;
}

/** Hour and minute of an instant in a time zone. */
export function timeIn(timeZone: string, instant: Date): { hour: number; minute: number } {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const found = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, part.value]));
  return { hour: Number(found["hour"]), minute: Number(found["minute"]) };
}

const MONTHS: [RegExp, number][] = [
  [/^(?:janv?|janvier|jan|january)$/, 1],
  [/^(?:fevr?|fevrier|feb|february)$/, 2],
  [/^(?:mars?|march)$/, 3],
  [/^(?:avr|avril|apr|april)$/, 4],
  [/^(?:mai|may)$/, 5],
  [/^(?:juin|june?)$/, 6],
  [/^(?:juil|juill|juillet|july?)$/, 7],
  [/^(?:aou|aout|aug|august)$/, 8],
  [/^(?:sept?|septembre|september)$/, 9],
  [/^(?:oct|octobre|october)$/, 10],
  [/^(?:nov|novembre|november)$/, 11],
  [/^(?:dec|decembre|december)$/, 12],
];

const DAYS: Record<string, number> = {
  lundi: 0, mardi: 1, mercredi: 2, jeudi: 3, vendredi: 4, samedi: 5, dimanche: 6,
  monday: 0, tuesday: 1, wednesday: 2, thursday: 3, friday: 4, saturday: 5, sunday: 6,
};

const RELATIVE: Record<string, number> = {
  "aujourd'hui": 0, aujourdhui: 0, today: 0,
  hier: -1, yesterday: -1,
  "avant-hier": -2, "avant hier": -2,
  demain: 1, tomorrow: 1,
};

export interface DateOptions {
  /** The organisation's today. */
  today: Iso;
  /** Which way a date without its year, or a day of the week, is understood: money received lies in the past. */
  prefer?: "past" | "future";
}

/** Lower case, without accents, ordinals, dots after abbreviations and doubled spaces. */
function plain(text: string): string {
  return text.trim().toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/[’ʼ]/g, "'").replace(/[\s\u00a0\u202f]+/g, " ").replace(/([a-z])\./g, "$1")
    .replace(/\b(\d{1,2})(?:er|st|nd|rd|th)\b/g, "$1").replace(/^le /, "");
}

function checked(year: number, month: number, day: number): DateResult {
  if (month < 1 || month > 12 || day < 1) return { ok: false, fault: "syntax" };
  if (year < YEAR_MIN || year > YEAR_MAX) return { ok: false, fault: "range" };
  if (day > daysInMonth(year, month)) return { ok: false, fault: "unknown_day" };
  return { ok: true, date: iso(year, month, day) };
}

/** Two figures of a year mean the one within fifty years of today. */
function fullYear(typed: string, today: Iso): number {
  if (typed.length !== 2) return Number(typed);
  const now = parts(today).year;
  const near = now - (now % 100) + Number(typed);
  return near > now + 50 ? near - 100 : near <= now - 50 ? near + 100 : near;
}

/** The nearest such day on the preferred side of today, today included. */
function withoutYear(month: number, day: number, { today, prefer = "past" }: DateOptions): DateResult {
  const { year } = parts(today);
  for (let step = 0; step <= 8; step++) {
    const found = checked(prefer === "past" ? year - step : year + step, month, day);
    if (!found.ok) {
      if (found.fault !== "unknown_day" || month !== 2 || day !== 29) return found;
    } else if (prefer === "past" ? found.date <= today : found.date >= today) {
      return found;
    }
  }
  return { ok: false, fault: "unknown_day" };
}

function monthOf(word: string): number | undefined {
  return MONTHS.find(([pattern]) => pattern.test(word))?.[1];
}

function withWords(text: string, options: DateOptions): DateResult | undefined {
  const match = /^(?:[a-z]+ )?(\d{1,2}) ([a-z]+)(?: (\d{4}|\d{2}))?$/.exec(text)
    ?? /^([a-z]+) (\d{1,2})(?:,? (\d{4}|\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const dayFirst = /^\d/.test(match[1] as string);
  const month = monthOf(match[dayFirst ? 2 : 1] as string);
  const day = Number(match[dayFirst ? 1 : 2]);
  if (month === undefined) return undefined;
  return match[3] ? checked(fullYear(match[3], options.today), month, day) : withoutYear(month, day, options);
}

/** Reads "12/03/2026", "12.3.26", "12/03", "12 mars", "1er mars 2026", "hier", "lundi", "2026-03-12", "March 12". */
export function parseDate(typed: string, options: DateOptions): DateResult {
  const text = plain(typed);
  if (text === "") return { ok: false, fault: "empty" };
  const relative = RELATIVE[text];
  if (relative !== undefined) return { ok: true, date: addDays(options.today, relative) };
  const named = DAYS[text.replace(/ (?:dernier|prochain)$/, "").replace(/^(?:last|next) /, "")];
  if (named !== undefined) {
    const ahead = options.prefer === "future" || / prochain$|^next /.test(text);
    const gap = ahead ? (named - weekday(options.today) + 7) % 7 || 7 : -((weekday(options.today) - named + 7) % 7 || 7);
    return { ok: true, date: addDays(options.today, gap) };
  }
  const written = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (written) return checked(Number(written[1]), Number(written[2]), Number(written[3]));
  const figures = /^(\d{1,2})[/. -](\d{1,2})(?:[/. -](\d{4}|\d{2}))?$/.exec(text) ?? /^(\d{2})(\d{2})(\d{4}|\d{2})$/.exec(text);
  if (figures) {
    const [, day, month, year] = figures;
    return year ? checked(fullYear(year, options.today), Number(month), Number(day))
      : withoutYear(Number(month), Number(day), options);
  }
  const words = withWords(text, options);
  if (words) return words;
  const alone = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (alone >= 1 && alone <= 31) return dayAlone(alone, options);
  return { ok: false, fault: "syntax" };
}

/** "12" alone: the last (or next) twelfth of a month. */
function dayAlone(day: number, { today, prefer = "past" }: DateOptions): DateResult {
  let { year, month } = parts(today);
  for (let step = 0; step < 3; step++) {
    if (day <= daysInMonth(year, month)) {
      const date = iso(year, month, day);
      if (prefer === "past" ? date <= today : date >= today) return { ok: true, date };
    }
    month += prefer === "past" ? -1 : 1;
    if (month === 0) { month = 12; year -= 1; }
    if (month === 13) { month = 1; year += 1; }
  }
  return { ok: false, fault: "unknown_day" };
}

const FR_MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
const FR_SHORT = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const FR_DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const EN_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const EN_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export type DateStyle = "full" | "long" | "day" | "short" | "month" | "month_short";

/**
 * A date in words. full "jeudi 12 novembre 2026", long "12 novembre 2026", day "12 novembre", short "12/11/2026",
 * month "novembre 2026", month_short "nov." (the year is added by whoever draws an axis).
 */
export function formatDate(date: Iso, style: DateStyle, language: "fr" | "en"): string {
  const { year, month, day } = parts(date);
  const french = language === "fr";
  const name = (french ? FR_MONTHS : EN_MONTHS)[month - 1] ?? "";
  const figure = french && day === 1 ? "1er" : String(day);
  const long = `${figure}\u00a0${name} ${year}`;
  switch (style) {
    case "full": return `${(french ? FR_DAYS : EN_DAYS)[weekday(date)] ?? ""} ${long}`;
    case "long": return long;
    case "day": return `${figure}\u00a0${name}`;
    case "short": return `${String(day).padStart(2, "0")}/${String(month).padStart(2, "0")}/${year}`;
    case "month": return `${name} ${year}`;
    case "month_short": return french ? FR_SHORT[month - 1] ?? "" : name.slice(0, 3);
  }
}
