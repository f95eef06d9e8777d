// Normalisation of short open answers, as they are shown and sent (as survey/questionnaire/phrases.py).
import { utf8 } from "../documents/bytes";
import type { Item } from "../documents/documents";
import { westernDigits } from "./digits";

/** Returns a function that replaces every match; the pattern is built at first use, as old engines lack \p. */
const replaced = (text: string, pattern: string, by: string): string => text.replace(new RegExp(pattern, "gu"), by);

// What is replaced, in this order: signs that keyboards write in several ways, signs that stretch a word and format
// characters, whatever may not stay, and runs of spaces.
const REPLACED: readonly (readonly [string, string])[] = [
  ["[\\u2010\\u2013]", "-"], ["[\\u2018\\u2019]", "'"], ["[\\u30fb\\u2027]", "\xb7"],
  ["[\\u0640\\u07fa\\u0883-\\u0885\\u180a\\p{Cf}]", ""], ["[^\\p{L}\\p{M}\\p{N}\\-' \xb7]", " "], [" +", " "],
];

/**
 * Returns the one spelling of a phrase, "" where nothing of it can stay.
 *
 * NFKC, lower case, NFKC again; signs that stretch a word (kashida and its like) and format characters are taken out,
 * decimal digits of every script become 0 to 9, and whatever is no letter, mark, number, space, hyphen, apostrophe or
 * middle dot becomes a space; every run of white space becomes one space, ends are trimmed. A phrase needs a letter or a
 * number. Code points that this phone does not know become spaces too: a newer reader may know them as signs, and
 * would refuse them.
 */
export function normalised(text: string): string {
  let out = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  for (const [pattern, by] of REPLACED) out = replaced(out, pattern, by);
  out = westernDigits(out).normalize("NFKC").replace(/^ | $/g, "");
  return replaced(out, "[\\p{L}\\p{N}]", "") === out ? "" : out;
}

/** Returns the fault of one normalised phrase, or null. */
export function phraseFault(item: Item, phrase: string): "words" | "length" | null {
  if (phrase.split(" ").length > (item.words ?? 0)) return "words";
  return [...phrase].length > (item.length ?? 0) ? "length" : null;
}

/** Returns whether `phrases` are valid in a payload: 1 to `count`, each normalised and short enough, all distinct. */
export const fits = (item: Item, phrases: readonly string[]): boolean =>
  phrases.length >= 1 && phrases.length <= (item.count ?? 0) && new Set(phrases).size === phrases.length &&
  phrases.every((phrase) => phrase !== "" && phraseFault(item, phrase) === null && normalised(phrase) === phrase);

/** Returns phrases sorted by their UTF-8 bytes. */
export const ordered = (phrases: readonly string[]): string[] =>
  phrases.map((phrase) => ({ phrase, bytes: utf8(phrase) })).sort((a, b) => compared(a.bytes, b.bytes))
    .map(({ phrase }) => phrase);

function compared(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}
