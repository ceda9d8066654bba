import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { en } from "../src/i18n/en";
import { fr } from "../src/i18n/fr";
import { de, englishPlural, frenchPlural, marked, spaced, strong, typographic, unmarked } from "../src/i18n/typography";

declare const WEB_ROOT: string;

function files(folder: string): string[] {
  return readdirSync(join(WEB_ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(`${folder}/${entry.name}`) : /\.tsx?$/.test(entry.name) ? [`${folder}/${entry.name}`] : []);
}

function keys(tree: object, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === "object" ? keys(value as object, path + key + ".") : [path + key]));
}

function texts(tree: object, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    if (typeof value === "string") return [[path + key, value]];
    if (typeof value === "object") return texts(value as object, path + key + ".");
    return [];
  });
}

test("both languages have the same keys, and none is empty", () => {
  assert.deepEqual(keys(en).sort(), keys(fr).sort());
  // A help is a sentence more, where there is one to say.
  for (const [key, text] of [...texts(fr), ...texts(en)]) if (!key.includes(".helps.")) assert.notEqual(text.trim(), "", key);
});

test("French typography: unbreakable spaces where printing wants them", () => {
  assert.equal(spaced("Rien : « oui » ; non ! Quoi ? 5 % n° 3"), "Rien\u00a0: «\u00a0oui\u00a0»\u202f; non\u202f! Quoi\u202f? 5\u00a0% n°\u00a03");
  for (const [key, text] of texts(typographic(fr))) {
    assert.doesNotMatch(text, /[ \w][;!?]|« | »| [:;!?%€]/, key);
    assert.doesNotMatch(text, /[a-zé]:(?=\s|$)/, key);
  }
});

test("apostrophes and quotation marks are the printer's, in both languages", () => {
  for (const file of [...files("src/i18n/fr"), ...files("src/i18n/en")]) {
    const source = ts.createSourceFile(file, readFileSync(join(WEB_ROOT, file), "utf8"), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
        assert.doesNotMatch(node.text, /['"]/, `${file}: ${node.text}`);
      }
      if (!ts.isImportDeclaration(node)) ts.forEachChild(node, visit);
    };
    visit(source);
  }
});

/** Areas that are the accountant's view, where accounting has its own words. */
const ACCOUNTANT = /^(?:books|entries|entryForm|entryLines|trialBalance)\./;

test("treasurer's words: no “fonds” alone, no “contribution” outside the accountant's view", () => {
  for (const [key, text] of texts(fr)) {
    assert.doesNotMatch(text, /\bcontribution/i, key);
    assert.doesNotMatch(text.replace(/fonds (?:de solidarité|dédiés|propres)|situation du fonds|le fonds peut promettre/gi, ""), /\bfonds\b/i, key);
    if (ACCOUNTANT.test(key)) continue;
    assert.doesNotMatch(text, /\b(?:tiers|lettrage|extourne|contre-passation|token|hash)\b/i, key);
  }
});

test("plurals", () => {
  assert.deepEqual([0, 1, 2].map((n) => frenchPlural(n, "ligne", "lignes")), ["ligne", "ligne", "lignes"]);
  assert.deepEqual([0, 1, 2].map((n) => englishPlural(n, "line", "lines")), ["lines", "line", "lines"]);
  assert.equal(fr.list.shown(1, false), "1 ligne");
  assert.equal(en.list.shown(0, false), "0 rows");
});

test("“de” is elided before a vowel and a mute h, not before an aspirated one", () => {
  assert.deepEqual(["Radio Cailloux", "Imprimerie", "Épicerie", "Œuvre", "Hortense", "Habitat", "Hameau des Prés", "Les Hauts"].map(de),
    ["de Radio Cailloux", "d’Imprimerie", "d’Épicerie", "d’Œuvre", "d’Hortense", "d’Habitat", "de Hameau des Prés", "de Les Hauts"]);
  assert.equal(unmarked(de(strong("Imprimerie"))), "d’Imprimerie");
});

test("strong parts of a message", () => {
  const text = `Reçu ${strong("12 €")} de ${strong("X")}.`;
  assert.deepEqual(marked(text), [["Reçu ", false], ["12 €", true], [" de ", false], ["X", true], [".", false]]);
  assert.equal(unmarked(text), "Reçu 12 € de X.");
});

// ---- no text in the pages ----

/** Attributes that people read. */
const READ = new Set(["title", "label", "hint", "lead", "alt", "placeholder", "aria-label", "caption", "confirmLabel", "keepLabel"]);
const WORD = /\p{L}{2}/u;
/** Names of things, the same in every language. */
const NAMES = new Set(["CSV", "JSON", "Français", "English"]);

test("no text in the code: the dictionaries hold them all", () => {
  const found: string[] = [];
  for (const file of files("src").filter((name) => name.endsWith(".tsx") && !name.includes("/i18n/") && !name.endsWith("styleguide.tsx"))) {
    const source = ts.createSourceFile(file, readFileSync(join(WEB_ROOT, file), "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
    const visit = (node: ts.Node): void => {
      if (ts.isJsxText(node) && WORD.test(node.text) && !NAMES.has(node.text.trim())) found.push(`${file}: ${node.text.trim()}`);
      if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer) && READ.has(node.name.getText()) && WORD.test(node.initializer.text)) {
        found.push(`${file}: ${node.getText()}`);
      }
      if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.initializer) && READ.has(node.name.getText()) && WORD.test(node.initializer.text) && !NAMES.has(node.initializer.text)) {
        found.push(`${file}: ${node.getText()}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  assert.deepEqual(found, []);
});

test("nothing inline: no style attribute, no markup from text", () => {
  for (const file of files("src").filter((name) => name.endsWith(".tsx"))) {
    const text = readFileSync(join(WEB_ROOT, file), "utf8");
    assert.doesNotMatch(text, /\bstyle=|dangerouslySetInnerHTML|\.innerHTML|javascript:/, file);
  }
});
