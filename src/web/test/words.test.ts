import assert from "node:assert/strict";
import { test } from "node:test";
import { amountInWords, englishNumber, frenchNumber } from "../src/lib/words";

test("French numbers, traditional spelling", () => {
  const cases: [bigint, string][] = [
    [0n, "zéro"], [1n, "un"], [16n, "seize"], [17n, "dix-sept"], [20n, "vingt"], [21n, "vingt et un"], [22n, "vingt-deux"], [61n, "soixante et un"], [70n, "soixante-dix"],
    [71n, "soixante et onze"], [72n, "soixante-douze"], [77n, "soixante-dix-sept"], [80n, "quatre-vingts"], [81n, "quatre-vingt-un"], [90n, "quatre-vingt-dix"],
    [91n, "quatre-vingt-onze"], [99n, "quatre-vingt-dix-neuf"], [100n, "cent"], [101n, "cent un"], [180n, "cent quatre-vingts"], [200n, "deux cents"], [201n, "deux cent un"],
    [1000n, "mille"], [1001n, "mille un"], [1250n, "mille deux cent cinquante"], [2000n, "deux mille"], [80_000n, "quatre-vingt mille"], [200_000n, "deux cent mille"],
    [380_080n, "trois cent quatre-vingt mille quatre-vingts"], [1_000_000n, "un million"], [2_000_001n, "deux millions un"], [80_000_000n, "quatre-vingts millions"],
    [200_000_000n, "deux cents millions"], [1_000_000_000n, "un milliard"], [999_999_999_999n,
      "neuf cent quatre-vingt-dix-neuf milliards neuf cent quatre-vingt-dix-neuf millions neuf cent quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf"],
  ];
  for (const [value, words] of cases) assert.equal(frenchNumber(value), words);
});

test("English numbers", () => {
  const cases: [bigint, string][] = [
    [0n, "zero"], [21n, "twenty-one"], [100n, "one hundred"], [101n, "one hundred and one"], [1001n, "one thousand and one"], [1250n, "one thousand two hundred and fifty"],
    [1_000_000n, "one million"], [2_300_045n, "two million three hundred thousand and forty-five"],
  ];
  for (const [value, words] of cases) assert.equal(englishNumber(value), words);
});

test("amounts in words", () => {
  assert.equal(amountInWords(125_050n, "EUR", 2, "fr"), "mille deux cent cinquante euros et cinquante centimes");
  assert.equal(amountInWords(100n, "EUR", 2, "fr"), "un euro");
  assert.equal(amountInWords(101n, "EUR", 2, "fr"), "un euro et un centime");
  assert.equal(amountInWords(50n, "EUR", 2, "fr"), "cinquante centimes");
  assert.equal(amountInWords(0n, "EUR", 2, "fr"), "zéro euro");
  assert.equal(amountInWords(100_000_000n, "EUR", 2, "fr"), "un million d’euros");
  assert.equal(amountInWords(100_000_100n, "EUR", 2, "fr"), "un million un euros");
  assert.equal(amountInWords(200_000_000n, "CHF", 2, "fr"), "deux millions de francs suisses");
  assert.equal(amountInWords(-125_050n, "EUR", 2, "fr"), "moins mille deux cent cinquante euros et cinquante centimes");
  assert.equal(amountInWords(125_050n, "EUR", 2, "en"), "one thousand two hundred and fifty euros and fifty cents");
  assert.equal(amountInWords(101n, "EUR", 2, "en"), "one euro and one cent");
  assert.equal(amountInWords(0n, "EUR", 2, "en"), "zero euros");
  assert.equal(amountInWords(100n, "SEK", 2, "fr"), "", "no words for a currency we do not know");
});
