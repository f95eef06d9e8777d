// From a press or typed text to an answer: ticks, ranks, numbers, dates and phrases, as pure functions.
import { type Answer, capOf, type Item, type Option } from "../documents/documents";
import type { EffectiveAnswers } from "./conditions";
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

/** Returns whether `code` is part of an answer. */
export const isChosen = (chosen: Answer | undefined, code: number): boolean =>
  typeof chosen === "number" ? chosen === code : (chosen as readonly unknown[] | undefined)?.includes(code) === true;

/** Returns whether an option may be chosen after these answers; all may where none is for the answer to the filter. */
export function isOffered({ options, choice_filter = "" }: Item, option: Option, before: EffectiveAnswers): boolean {
  const isFor = (one: Option): boolean | undefined => one.for?.some((code) => isChosen(before.get(choice_filter), code));
  return isFor(option) !== false || !options.some(isFor);
}

/** Returns whether `answer` has an option that is not offered after the answers before it. */
export const isUnfit = (item: Item, answer: Answer | undefined, before: EffectiveAnswers): boolean =>
  item.options.some((option) => isChosen(answer, option.code) && !isOffered(item, option, before));

/** Returns a ranking's codes, first choice first, after pressing `code`; `full` where all `count` ranks are taken. */
export function ranked(count: number, codes: readonly number[], code: number): readonly number[] | "full" {
  if (codes.includes(code)) return codes.filter((other) => other !== code);
  return codes.length >= count ? "full" : [...codes, code];
}

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
  /** Which field has the fault, from 0. */
  at: number;
}

/** Returns the phrases as they will be sent, in the order typed, and the first field with a fault. */
export function phrasesOf(item: Item, typed: readonly string[]): Phrases {
  const all = typed.map((text) => (text.trim() === "" ? null : normalised(text)));
  const faults = all.map((phrase) => (phrase === null ? null : phrase === "" ? "signs" : phraseFault(item, phrase)));
  const at = Math.max(0, faults.findIndex((fault) => fault !== null));
  return { phrases: [...new Set(all.filter((phrase): phrase is string => !!phrase))], fault: faults[at] ?? null, at };
}
