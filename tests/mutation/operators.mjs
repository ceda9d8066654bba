// Mutants of a source text: each arithmetic and comparison operator flipped, one at a time. Strings and comments are left
// alone. A mutant is {line, from, to, text}.

/** Spans of the text that are code: outside what `skip` (a sticky regular expression) takes. */
function code(text, skip) {
  const inside = new Array(text.length).fill(true);
  for (let at = 0; at < text.length; ) {
    skip.lastIndex = at;
    const found = skip.exec(text);
    if (found === null) { at++; continue; }
    inside.fill(false, at, at + found[0].length);
    at += found[0].length;
  }
  return inside;
}

function mutants(text, skip, rules) {
  const inside = code(text, skip);
  const made = [];
  for (const [pattern, ...replacements] of rules)
    for (const found of text.matchAll(pattern)) {
      const at = found.index + found[0].indexOf(found[1]);
      if (!inside[at]) continue;
      for (const to of replacements)
        made.push({ line: text.slice(0, at).split("\n").length, at, from: found[1], to, text: text.slice(0, at) + to + text.slice(at + found[1].length) });
    }
  return made.sort((a, b) => a.at - b.at);
}

// As clang-format writes it: binary operators stand between spaces, what points and negates does not.
const C_RULES = [
  [/ (\+) /g, "-"], [/ (-) /g, "+"], [/ (\*) /g, "/"], [/ (\/) /g, "*"], [/ (%) /g, "/"],
  [/ (<) /g, "<=", ">="], [/ (<=) /g, "<", ">"], [/ (>) /g, ">=", "<="], [/ (>=) /g, ">", "<"], [/ (==) /g, "!="], [/ (!=) /g, "=="],
  [/(\+\+)/g, "--"], [/(--)/g, "++"], [/ (\+=) /g, "-="], [/ (-=) /g, "+="], [/ (\/=) /g, "*="], [/ (\*=) /g, "/="],
  [/[ (](-)[a-z(]/g, ""], [/(__builtin_add_overflow)/g, "__builtin_sub_overflow"], [/(__builtin_sub_overflow)/g, "__builtin_add_overflow"],
];
export const ofC = (text) => mutants(text, /\/\*[^]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|^#.*$/ym, C_RULES);

const SQL_RULES = [
  [/ (\+) /g, "-"], [/ (-) /g, "+"], [/ (\*) /g, "/"], [/[ (](-)[a-z(]/g, ""],
  [/ (=) /g, "<>"], [/ (<>) /g, "="], [/ (<) /g, "<=", ">="], [/ (<=) /g, "<", ">"], [/ (>) /g, ">=", "<="], [/ (>=) /g, ">", "<"],
  [/\b(IS NOT NULL)\b/g, "IS NULL"], [/\b(IS NULL)\b/g, "IS NOT NULL"],
  [/\b(IS DISTINCT FROM)\b/g, "IS NOT DISTINCT FROM"], [/\b(IS NOT DISTINCT FROM)\b/g, "IS DISTINCT FROM"],
  [/[^T] (BETWEEN)\b/g, "NOT BETWEEN"], [/\b(NOT FOUND)\b/g, "FOUND"], [/IF (FOUND)\b/g, "NOT FOUND"],
  [/\b(NOT EXISTS)\b/g, "EXISTS"], [/[^T] (EXISTS)\b/g, "NOT EXISTS"], [/\b(greatest)\b/gi, "least"], [/\b(least)\b/gi, "greatest"],
];
export const ofSql = (text) => mutants(text, /--.*|'(?:[^']|'')*'/y, SQL_RULES);
