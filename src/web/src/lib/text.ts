// Comparing names as people do: without accents, case or punctuation.

export function folded(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’'‐-]/g, " ");
}

/** Articles that people leave out when they look for a name. */
const ARTICLE = /^(?:les?|la|l|the|un|une) /;

/** How well a name answers what was typed: 0 not at all, 1 inside a word, 2 at the start of a word, 3 at the start. */
export function likeness(name: string, typed: string): number {
  const text = folded(name);
  const start = ARTICLE.exec(text)?.[0].length ?? 0;
  const words = folded(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  let least = 3;
  for (const [index, word] of words.entries()) {
    if (!text.includes(word)) return 0;
    const at = text.startsWith(word) ? start : text.indexOf(word);
    const score = index === 0 && at === start ? 3 : (" " + text).includes(" " + word) ? 2 : 1;
    least = Math.min(least, score);
  }
  return least;
}

/** The name cut around the first typed word: [before, found, after]. */
export function highlighted(name: string, typed: string): [string, string, string] {
  const word = folded(typed).trim().split(/\s+/)[0] ?? "";
  const text = folded(name);
  const at = word && text.length === name.length ? text.indexOf(word) : -1;
  return at < 0 ? [name, "", ""] : [name.slice(0, at), name.slice(at, at + word.length), name.slice(at + word.length)];
}

/** "FR76 1234 5678 …": an IBAN in groups of four. */
export function grouped(iban: string): string {
  return iban.replace(/(.{4})(?=.)/g, "$1\u00a0");
}

/** The end of an IBAN, enough to recognise it without showing it. */
export function maskedIban(iban: string): string {
  return iban.slice(0, 4) + "\u00a0••••\u00a0" + iban.slice(-4);
}

/** "812 345 678 00014". */
export function siretGroups(siret: string): string {
  return siret.replace(/^(\d{3})(\d{3})(\d{3})(\d{5})$/, "$1\u00a0$2\u00a0$3\u00a0$4");
}

/** A slug from a name: "Réseau de la coopération" to "reseau-de-la-cooperation". */
export function slugOf(name: string): string {
  return folded(name).replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60).replace(/-+$/, "");
}
