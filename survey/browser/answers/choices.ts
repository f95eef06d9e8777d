// From a press or typed text to an answer: ticks, ranks, numbers, dates and phrases, as pure functions.
import { type Answer, capOf, type Item } from "../documents/documents";
import { normalised, phraseFault } from "./phrases";

/** Returns a multi item's choice after pressing `code`: options up to the cap; exclusive codes replace all others. */
export function toggled(item: Item, chosen: Answer | undefined, code: number): Answer | undefined | "full" {
  if (item.missing.includes(code)) return chosen === code ? undefined : code;
  const codes = Array.isArray(chosen) ? (chosen as readonly number[]) : [];
  if (codes.includes(code)) return codes.length === 1 ? undefined : codes.filter((other) => other !== code);
  const isExclusive = (other: number): boolean =>
    item.options.some((option) => option.code === other && option.exclusive);
  if (isExclusive(code)) return [code];
  const others = codes.filter((other) => !isExclusive(other));
  return others.length >= capOf(item) ? "full" : [...others, code];
}

/** Returns a ranking's codes, first choice first, after pressing `code`; `full` where all `count` ranks are taken. */
export function ranked(count: number, codes: readonly number[], code: number): readonly number[] | "full" {
  if (codes.includes(code)) return codes.filter((other) => other !== code);
  return codes.length >= count ? "full" : [...codes, code];
}

/** Returns the whole number that was typed, in the digits of any script, or null. */
export function numberOf(typed: string): number | null {
  const text = digits(typed.normalize("NFKC")).replace(/\s/g, "");
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

// The zeros of Arabic-Indic, Persian and Urdu, Devanagari, Bengali, Tibetan, Khmer, Myanmar and Mongolian digits.
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xf20, 0x17e0, 0x1040, 0x1810];

const digits = (text: string): string =>
  Array.from(text, (sign) => {
    const zero = ZEROS.find((first) => first <= sign.charCodeAt(0) && sign.charCodeAt(0) <= first + 9);
    return zero === undefined ? sign : String(sign.charCodeAt(0) - zero);
  }).join("");

/** Returns the code of the band that contains `value` (a number, YYYY or YYYYMM), or undefined. */
export const bandOf = ({ options }: Item, value: number): number | undefined =>
  options.find(({ from = Infinity, to = -Infinity }) => from <= value && value <= to)?.code;

/** Returns the lowest and the highest value of all bands. */
export const boundsOf = ({ options }: Item): [number, number] => [
  Math.min(...options.map(({ from = Infinity }) => from)), Math.max(...options.map(({ to = -Infinity }) => to)),
];

interface Phrases {
  phrases: string[];
  fault: "words" | "length" | "signs" | null;
}

/** Returns the phrases as they will be sent, in the order typed, and the first fault. */
export function phrasesOf(item: Item, typed: readonly string[]): Phrases {
  const all = typed.filter((text) => text.trim() !== "").map(normalised);
  const phrases = [...new Set(all.filter((phrase) => phrase !== ""))];
  const faults = phrases.map((phrase) => phraseFault(item, phrase)).filter((other) => other !== null);
  return { phrases, fault: faults[0] ?? (all.includes("") ? "signs" : null) };
}
