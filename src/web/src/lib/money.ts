// Exact amounts: whole numbers of the currency's smallest unit, in BigInt. No floating point anywhere.

/** The currency of an organisation, as the API gives it. */
export interface Currency {
  /** ISO 4217, for instance "EUR". */
  code: string;
  /** Decimal digits of the currency: 2 for the euro, 0 for the Pacific franc. */
  digits: number;
}

export type MoneyFault = "empty" | "syntax" | "precision" | "ambiguous" | "negative" | "zero" | "too_big";
export type MoneyResult = { ok: true; minor: bigint } | { ok: false; fault: MoneyFault };

export interface MoneyOptions {
  digits: number;
  /** Decides whether "1,250" is one thousand two hundred and fifty (en) or has a third decimal (fr). */
  language: "fr" | "en";
  /** Accept a minus sign. */
  signed?: boolean;
  /** Accept zero. */
  zero?: boolean;
}

/** What the database holds: a signed 64-bit integer. */
const MINOR_MAX = 2n ** 63n - 1n;

const SPACES = /[\s\u00a0\u2009\u202f]/;
const GROUPED = /^\d{1,3}(?:[\s\u00a0\u2009\u202f'’]\d{3})+(?=$|[.,])/;

/** Decimal string of the API, with exactly the currency's digits, to minor units. */
export function fromDecimal(text: string, digits: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match || (match[3] ?? "").length !== digits) throw new RangeError("amount: " + JSON.stringify(text));
  const value = BigInt(match[2] + (match[3] ?? ""));
  return match[1] ? -value : value;
}

/** Minor units to the decimal string of the API. */
export function toDecimal(minor: bigint, digits: number): string {
  const negative = minor < 0n;
  const figures = (negative ? -minor : minor).toString().padStart(digits + 1, "0");
  const cut = figures.length - digits;
  return (negative ? "-" : "") + figures.slice(0, cut) + (digits ? "." + figures.slice(cut) : "");
}

function refused(fault: MoneyFault): MoneyResult {
  return { ok: false, fault };
}

/** Splits the typed figures into whole and decimal part, or says what is wrong with them. */
function split(text: string, digits: number, language: "fr" | "en"): [string, string] | MoneyFault {
  const marks = text.replace(/\d/g, "");
  if (marks === "") return [text, ""];
  const last = marks[marks.length - 1] as string;
  const kinds = new Set(marks);
  if (kinds.size > 2) return "syntax";
  const at = text.lastIndexOf(last);
  const tail = text.slice(at + 1);
  if (kinds.size === 2) {
    const head = text.slice(0, at);
    if (head.includes(last) || !/^\d{1,3}(?:[.,]\d{3})+$/.test(head)) return "syntax";
    return [head.replace(/[.,]/g, ""), tail];
  }
  if (marks.length > 1) return /^\d{1,3}(?:[.,]\d{3})+$/.test(text) ? [text.replace(/[.,]/g, ""), ""] : "syntax";
  if (tail.length === 3 && digits !== 3 && /^[1-9]\d{0,2}$/.test(text.slice(0, at))) {
    if (last === "," && language === "en") return [text.slice(0, at) + tail, ""];
    return "ambiguous";
  }
  return [text.slice(0, at), tail];
}

/**
 * Reads an amount as people type it: "1 250,5", "1250.50", "1.250,50", "1,250.50", "€12", "12 euros".
 * Spaces and apostrophes may only part thousands, so that "12 50" is asked about and not taken for 1250.
 */
export function parseMoney(typed: string, options: MoneyOptions): MoneyResult {
  let text = typed.trim();
  if (text === "") return refused("empty");
  text = text.replace(/^(?:€|EUR)\s*/i, "").replace(/\s*(?:€|EUR|euros?)$/i, "").trim();
  const sign = /^([-+\u2212\u2013])\s*/.exec(text);
  const negative = sign !== null && sign[1] !== "+";
  if (sign) text = text.slice(sign[0].length).replace(/^(?:€|EUR)\s*/i, "");
  const grouped = GROUPED.exec(text);
  if (grouped) text = grouped[0].replace(/\D/g, "") + text.slice(grouped[0].length);
  if (SPACES.test(text) || !/^[\d.,]*\d[\d.,]*$/.test(text)) return refused("syntax");
  const parts = split(text, options.digits, options.language);
  if (typeof parts === "string") return refused(parts);
  const [whole, decimals] = parts;
  if (decimals.replace(/0+$/, "").length > options.digits) return refused("precision");
  const minor = BigInt((whole || "0") + decimals.slice(0, options.digits).padEnd(options.digits, "0"));
  if (minor > MINOR_MAX) return refused("too_big");
  if (negative && !options.signed) return refused("negative");
  if (minor === 0n && !options.zero) return refused("zero");
  return { ok: true, minor: negative ? -minor : minor };
}

/** Figures without the unit: "−1 250,50" in French (thin spaces, true minus), "−1,250.50" in English. */
export function formatNumber(minor: bigint, digits: number, language: "fr" | "en"): string {
  const decimal = toDecimal(minor < 0n ? -minor : minor, digits);
  const [whole = "0", rest] = decimal.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === "fr" ? "\u202f" : ",");
  return (minor < 0n ? "\u2212" : "") + grouped + (rest ? (language === "fr" ? "," : ".") + rest : "");
}

const SYMBOLS: Record<string, string> = { EUR: "€", GBP: "£", USD: "$" };

/** The sign of a currency: "€", or its code where it has none of its own. */
export function currencySign(code: string): string {
  return SYMBOLS[code] ?? code;
}

/** An amount with its unit: "1 250,50 €" in French, "€1,250.50" in English. */
export function formatMoney(minor: bigint, currency: Currency, language: "fr" | "en"): string {
  const sign = currencySign(currency.code);
  if (language === "fr" || sign.length > 1) return formatNumber(minor, currency.digits, language) + "\u00a0" + sign;
  return (minor < 0n ? "\u2212" : "") + sign + formatNumber(minor < 0n ? -minor : minor, currency.digits, language);
}
