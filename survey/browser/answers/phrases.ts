// Normalisation of short open answers, as they are shown and sent (as survey/questionnaire/phrases.py).
import { utf8 } from "../documents/bytes";
import type { Item } from "../documents/documents";
import { WIDESPREAD_DIGITS, westernDigits } from "./digits";

/**
 * For Firefox before 78, which has no \p: of the scripts with many readers what every reader knows as a letter, a mark
 * or a format character. What is not here becomes a space, as a code point that a newer phone does not know.
 */
const WIDESPREAD: Readonly<Record<string, string>> = {
  L: "a-z\xdf-\xf6\xf8-\u02af\u0370-\u0373\u037b-\u037d\u03ac-\u03ce\u0430-\u0481\u048a-\u052f\u05d0-\u05ea\u0620-" +
    "\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u0904-\u0939\u0985-\u098c\u0993-\u09a8\u0e01-\u0e30\u0e32\u0e33" +
    "\u0e40-\u0e46\u0f40-\u0f47\u0f49-\u0f6c\u1000-\u102a\u1780-\u17b3\u1820-\u1877\u3041-\u3096\u30a1-\u30fa\u30fc" +
    "\u3105-\u312f\u3400-\u4db5\u4e00-\u9fef\ua000-\ua48c\uac00-\ud7a3",
  M: "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0f71-" +
    "\u0f84\u0f90-\u0f97\u0f99-\u0fbc\u102b-\u103e\u17b6-\u17d3",
  N: WIDESPREAD_DIGITS,
  Cf: "\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff",
};

/** Replaces every match; the pattern is built at first use, as old engines lack \p. */
const replaced = (text: string, pattern: string, by: string): string => text.replace(built(pattern), by);

function built(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "gu");
  } catch {
    return new RegExp(pattern.replace(/\\p\{(\w+)\}/g, (_, kind: string) => WIDESPREAD[kind] as string), "gu");
  }
}

// What is replaced, in this order: signs that keyboards write in several ways, signs that stretch a word and format
// characters, whatever may not stay, and runs of spaces.
const REPLACED: readonly (readonly [string, string])[] = [
  ["[\\u2010\\u2013]", "-"], ["[\\u2018\\u2019]", "'"], ["[\\u30fb\\u2027]", "\xb7"],
  ["[\\u0640\\u07fa\\u0883-\\u0885\\u180a\\p{Cf}]", ""], ["[^\\p{L}\\p{M}\\p{N}\\-' \xb7\u0f0b]", " "], ["\u0f0b* [ \u0f0b]*", " "], ["\u0f0b+", "\u0f0b"],
];

/**
 * Returns the one spelling of a phrase, "" where nothing of it can stay.
 *
 * NFKC, lower case, NFKC again; signs that stretch a word (kashida and its like) and format characters are taken out,
 * decimal digits of every script become 0 to 9, and whatever is no letter, mark, number, space, hyphen, apostrophe,
 * middle dot or tsheg becomes a space; every run of white space becomes one space, ends are trimmed. A tsheg, which
 * stands between the syllables of Tibetan words, stays there alone, once. A phrase needs a letter or a number. Code points that this phone does not know become spaces too: a newer reader may know them as signs, and
 * would refuse them.
 */
export function normalised(text: string): string {
  let out = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  for (const [pattern, by] of REPLACED) out = replaced(out, pattern, by);
  out = westernDigits(out).normalize("NFKC").replace(/^[ \u0f0b]|[ \u0f0b]$/g, "");
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
