// Amounts in words, as a cheque or a receipt says them: "mille deux cent cinquante euros et cinquante centimes".

const FR_UNITS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
  "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"];
const FR_TENS = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];

function frenchBelow100(n: number): string {
  if (n < 20) return FR_UNITS[n] as string;
  if (n < 70) {
    const unit = n % 10;
    const tens = FR_TENS[(n - unit) / 10] as string;
    return unit === 0 ? tens : unit === 1 ? tens + " et un" : tens + "-" + FR_UNITS[unit];
  }
  if (n < 80) return n === 71 ? "soixante et onze" : "soixante-" + FR_UNITS[n - 60];
  return n === 80 ? "quatre-vingts" : "quatre-vingt-" + FR_UNITS[n - 80];
}

function frenchBelow1000(n: number): string {
  const rest = n % 100;
  const hundreds = (n - rest) / 100;
  if (hundreds === 0) return frenchBelow100(rest);
  if (rest === 0) return hundreds === 1 ? "cent" : FR_UNITS[hundreds] + " cents";
  return (hundreds === 1 ? "cent " : FR_UNITS[hundreds] + " cent ") + frenchBelow100(rest);
}

/** "cent" and "vingt" lose their plural s before "mille", which is a number, and keep it before "millions", a noun. */
function frenchThousands(n: number): string {
  return n === 1 ? "mille" : frenchBelow1000(n).replace(/(cent|vingt)s$/, "$1") + " mille";
}

/** The scales above one thousand, the largest first. */
const SCALES: [bigint, string, string][] = [
  [10n ** 12n, "billion", "trillion"],
  [10n ** 9n, "milliard", "billion"],
  [10n ** 6n, "million", "million"],
];

/** A whole number of 0 to 999 999 999 999 999 in French words. */
export function frenchNumber(value: bigint): string {
  if (value === 0n) return "zéro";
  const parts: string[] = [];
  let rest = value;
  for (const [scale, name] of SCALES) {
    const count = Number(rest / scale);
    rest %= scale;
    if (count) parts.push(frenchBelow1000(count) + " " + name + (count > 1 ? "s" : ""));
  }
  const thousands = Number(rest / 1000n);
  const units = Number(rest % 1000n);
  if (thousands) parts.push(frenchThousands(thousands));
  if (units) parts.push(frenchBelow1000(units));
  return parts.join(" ");
}

const EN_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
  "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const EN_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

function englishBelow1000(n: number): string {
  const rest = n % 100;
  const hundreds = (n - rest) / 100;
  const unit = rest % 10;
  const small = rest < 20 ? (EN_UNITS[rest] as string)
    : EN_TENS[(rest - unit) / 10] + (unit ? "-" + EN_UNITS[unit] : "");
  if (hundreds === 0) return small;
  return EN_UNITS[hundreds] + " hundred" + (rest ? " and " + small : "");
}

/** A whole number of 0 to 999 999 999 999 999 in English words. */
export function englishNumber(value: bigint): string {
  if (value === 0n) return "zero";
  const parts: string[] = [];
  let rest = value;
  for (const [scale, , name] of SCALES) {
    const count = Number(rest / scale);
    rest %= scale;
    if (count) parts.push(englishBelow1000(count) + " " + name);
  }
  const thousands = Number(rest / 1000n);
  const units = Number(rest % 1000n);
  if (thousands) parts.push(englishBelow1000(thousands) + " thousand");
  if (units) parts.push((parts.length && units < 100 ? "and " : "") + englishBelow1000(units));
  return parts.join(" ");
}

/** How a language names a currency: one, several, one hundredth, several hundredths. */
interface CurrencyNames { one: string; many: string; cent: string; cents: string }

const NAMES: Record<"fr" | "en", Record<string, CurrencyNames>> = {
  fr: {
    EUR: { one: "euro", many: "euros", cent: "centime", cents: "centimes" },
    CHF: { one: "franc suisse", many: "francs suisses", cent: "centime", cents: "centimes" },
    XPF: { one: "franc pacifique", many: "francs pacifiques", cent: "", cents: "" },
  },
  en: {
    EUR: { one: "euro", many: "euros", cent: "cent", cents: "cents" },
    CHF: { one: "Swiss franc", many: "Swiss francs", cent: "centime", cents: "centimes" },
    XPF: { one: "Pacific franc", many: "Pacific francs", cent: "", cents: "" },
  },
};

/** An amount in words, or "" for a currency whose words are not known or an amount beyond the scales. */
export function amountInWords(minor: bigint, code: string, digits: number, language: "fr" | "en"): string {
  const names = NAMES[language][code];
  const size = minor < 0n ? -minor : minor;
  const unit = 10n ** BigInt(digits);
  const whole = size / unit;
  const cents = size % unit;
  if (!names || whole >= 10n ** 15n) return "";
  const number = language === "fr" ? frenchNumber : englishNumber;
  const parts: string[] = [];
  if (whole !== 0n || cents === 0n) parts.push(wholeInWords(whole, names, number, language));
  if (cents !== 0n) {
    const plural = language === "fr" ? cents > 1n : cents !== 1n;
    parts.push(number(cents) + " " + (plural ? names.cents : names.cent));
  }
  return (minor < 0n ? (language === "fr" ? "moins " : "minus ") : "") + parts.join(language === "fr" ? " et " : " and ");
}

function wholeInWords(whole: bigint, names: CurrencyNames, number: (n: bigint) => string, language: "fr" | "en"): string {
  const words = number(whole);
  if (language === "en") return words + " " + (whole === 1n ? names.one : names.many);
  const noun = whole > 1n ? names.many : names.one;
  if (!/(?:million|milliard|billion)s?$/.test(words)) return words + " " + noun;
  return words + (/^[aeiouéèh]/i.test(noun) ? " d’" : " de ") + noun;
}
