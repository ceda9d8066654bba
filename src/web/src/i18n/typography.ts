// French spacing, put in once: dictionaries are written with ordinary spaces, readers get unbreakable ones.

const THIN = "\u202f";
const WIDE = "\u00a0";

/** No-break spaces before : ; ? ! % € and inside « », as French printing wants them. */
export function spaced(text: string): string {
  return text.replace(/ ([;?!])/g, THIN + "$1").replace(/ ([:%€»])/g, WIDE + "$1").replace(/« /g, "«" + WIDE)
    .replace(/\bn° /g, "n°" + WIDE);
}

type Leaf = string | ((...args: never[]) => string);
export interface Tree { readonly [key: string]: Leaf | Tree }

/** The same dictionary with every text, and every text its functions make, spaced. */
export function typographic<T extends object>(tree: T): T {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") result[key] = spaced(value);
    else if (typeof value === "function") {
      const make = value as (...args: unknown[]) => string;
      result[key] = (...args: unknown[]) => spaced(make(...args));
    } else result[key] = typographic(value as object);
  }
  return result as T;
}

const START = "\ue000";
const END = "\ue001";

/** Marks a part of a message as strong; <Rich> shows it so, plain text drops the marks. */
export function strong(text: string): string {
  return START + text + END;
}

/** Parts of a marked message: [text, strong?]. */
export function marked(text: string): [string, boolean][] {
  const parts: [string, boolean][] = [];
  for (const [index, piece] of text.split(START).entries()) {
    const [inside = "", ...rest] = piece.split(END);
    if (index === 0) {
      if (piece) parts.push([piece, false]);
      continue;
    }
    parts.push([inside, true]);
    const after = rest.join("");
    if (after) parts.push([after, false]);
  }
  return parts;
}

/** The message without its marks. */
export function unmarked(text: string): string {
  return text.replace(/[\ue000\ue001]/g, "");
}

/** Picks the form of a number: French says "0 versement", "1 versement", "2 versements". */
export function frenchPlural(count: number, one: string, many: string): string {
  return Math.abs(count) < 2 ? one : many;
}

/** English: only 1 is singular. */
export function englishPlural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** Words in h before which French does not elide. */
const ASPIRATED = /^h(?:all|ameau|and|angar|aricot|arpe|aut|ér(?:isson|os)|êtr|ibou|olland|ongr|ors|ou|utte)/i;

/** "de Radio Cailloux", "d’Imprimerie des Deux Rives": the name of a giver after "de"; strong marks are looked through. */
export function de(name: string): string {
  const plain = unmarked(name);
  const elides = /^[aeiouyàâäéèêëîïôöûüœæ]/i.test(plain) || (/^h/i.test(plain) && !ASPIRATED.test(plain));
  return (elides ? "d’" : "de ") + name;
}
