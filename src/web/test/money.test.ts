import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMoney, formatNumber, fromDecimal, parseMoney, toDecimal } from "../src/lib/money";
import type { MoneyFault, MoneyOptions } from "../src/lib/money";

const EURO = { code: "EUR", digits: 2 };

function read(text: string, options: Partial<MoneyOptions> = {}): bigint | MoneyFault {
  const result = parseMoney(text, { digits: 2, language: "fr", ...options });
  return result.ok ? result.minor : result.fault;
}

test("amounts as French people type them", () => {
  const cases: [string, bigint][] = [
    ["1 250,5", 125_050n], ["1250.50", 125_050n], ["1250,50", 125_050n], ["1250", 125_000n], ["1 250", 125_000n], ["1\u00a0250,50", 125_050n],
    ["1\u202f250,50\u00a0€", 125_050n], ["12 euros", 1_200n], ["12,5€", 1_250n], ["EUR 12", 1_200n], [" 0,01 ", 1n], [",50", 50n], ["12,", 1_200n],
    ["1.250,50", 125_050n], ["1,250.50", 125_050n], ["1.250.000", 125_000_000n], ["1’250.50", 125_050n], ["1 234 567,89", 123_456_789n], ["007", 700n], ["+5", 500n],
  ];
  for (const [text, minor] of cases) assert.equal(read(text), minor, text);
});

test("amounts that could mean two things are asked about, not guessed", () => {
  assert.equal(read("1.250"), "ambiguous");
  assert.equal(read("1,250"), "ambiguous");
  assert.equal(read("12,500"), "ambiguous");
  assert.equal(read("12 50"), "syntax");
  assert.equal(read("1 2500"), "syntax");
  assert.equal(read("1 250,5", { language: "en" }), 125_050n);
  assert.equal(read("1,250", { language: "en" }), 125_000n);
  assert.equal(read("1.250", { language: "en" }), "ambiguous");
});

test("what is no amount says why", () => {
  const cases: [string, MoneyFault][] = [
    ["", "empty"], ["  ", "empty"], ["abc", "syntax"], ["12a", "syntax"], ["1,2,3", "syntax"], ["1.25,0.5", "syntax"], ["1e3", "syntax"], ["0x10", "syntax"], ["١٢", "syntax"],
    ["0,001", "precision"], ["0,0001", "precision"], ["1250,505", "precision"], ["-5", "negative"], ["−5", "negative"], ["0", "zero"], ["0,00", "zero"],
    ["92233720368547758,08", "too_big"],
  ];
  for (const [text, fault] of cases) assert.equal(read(text), fault, text);
  assert.equal(read("92233720368547758,07"), 9_223_372_036_854_775_807n);
  assert.equal(read("12,50"), 1_250n);
  assert.equal(read("12,5000"), 1_250n, "zeros beyond the digits change nothing");
});

test("signs and zero where they make sense", () => {
  assert.equal(read("−12,50", { signed: true }), -1_250n);
  assert.equal(read("- 12,50 €", { signed: true }), -1_250n);
  assert.equal(read("0", { zero: true }), 0n);
});

test("currencies with other digits", () => {
  assert.equal(read("1250", { digits: 0 }), 1_250n);
  assert.equal(read("12,5", { digits: 0 }), "precision");
  assert.equal(read("1,250", { digits: 3 }), 1_250n);
});

test("wire decimals round trip exactly, far beyond a double", () => {
  for (const text of ["0.00", "0.01", "-0.01", "12.50", "-1250.00", "92233720368547758.07"]) assert.equal(toDecimal(fromDecimal(text, 2), 2), text);
  assert.equal(toDecimal(5n, 0), "5");
  assert.equal(toDecimal(fromDecimal("0.005", 3), 3), "0.005");
  for (const text of ["12.5", "12", "1,5", "", "12.500", "1e2", " 1.00"]) assert.throws(() => fromDecimal(text, 2), RangeError, text);
});

test("what is shown is read back as the same amount", () => {
  let seed = 20_261_123;
  for (let i = 0; i < 2_000; i++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const minor = BigInt(seed) * BigInt((seed % 997) + 1) + 1n;
    for (const language of ["fr", "en"] as const) {
      const result = parseMoney(formatMoney(minor, EURO, language), { digits: 2, language });
      assert.deepEqual(result, { ok: true, minor }, `${formatMoney(minor, EURO, language)} (${language}, seed ${seed})`);
    }
  }
});

test("figures as they are printed", () => {
  assert.equal(formatMoney(125_050n, EURO, "fr"), "1\u202f250,50\u00a0€");
  assert.equal(formatMoney(-125_050n, EURO, "fr"), "\u22121\u202f250,50\u00a0€");
  assert.equal(formatMoney(125_050n, EURO, "en"), "€1,250.50");
  assert.equal(formatMoney(-5n, EURO, "en"), "\u2212€0.05");
  assert.equal(formatMoney(1_250n, { code: "XPF", digits: 0 }, "fr"), "1\u202f250\u00a0XPF");
  assert.equal(formatNumber(123_456_789_012n, 2, "fr"), "1\u202f234\u202f567\u202f890,12");
  assert.equal(formatNumber(0n, 2, "fr"), "0,00");
});
