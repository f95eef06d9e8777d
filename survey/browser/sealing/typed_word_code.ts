// The code of a draft: eight words of a public list (BIP-39), 88 bits, and what a person makes of them when typing.
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as simplified } from "@scure/bip39/wordlists/simplified-chinese.js";
import { wordlist as traditional } from "@scure/bip39/wordlists/traditional-chinese.js";
import { SUGGESTIONS, WORDS } from "./constants";
import type { Code } from "./word_code";

const NEAR = 2;

const LISTS: Readonly<Record<string, readonly string[]>> = { "zh-Hans": simplified, "zh-Hant": traditional };
// A character that both Chinese lists have has the same place in both; English words share none with them.
const PLACES = new Map(
  [traditional, simplified, english].flatMap((list) => list.map((word, at) => [word, at] as const)),
);

/** What is wrong with a typed code: how many words there are, or which one (from 1) no code has. */
export type Fault = { count: number } | { unknown: number; near: string[] };

/** Returns the code's words in the language of the page; languages without a list of their own have the English. */
export const wordsOfCode = (code: Code, locale: string): string[] =>
  code.map((at) => (LISTS[locale] ?? english)[at] as string);

/** Returns the words in `typed`: letters in lower case, each Chinese character a word, anything else between them. */
export const split = (typed: string): string[] =>
  typed.normalize("NFKC").toLowerCase().match(/[a-z]+|[\u4e00-\u9fff]/g) ?? [];

/** Returns the code that `typed` spells in any of the lists, or what is wrong with it. */
export function readCode(typed: string): Code | Fault {
  const words = split(typed);
  const places = words.map((word) => PLACES.get(word));
  const unknown = places.indexOf(undefined);
  if (unknown >= 0) return { unknown: unknown + 1, near: nearest(words[unknown] as string) };
  return words.length === WORDS ? (places as number[]) : { count: words.length };
}

/** Returns the words of the English list that differ from `word` by at most two letters, the nearest first. */
export function nearest(word: string): string[] {
  const near = english.map((other) => ({ other, far: distance(word, other) })).filter(({ far }) => far <= NEAR);
  near.sort((a, b) => a.far - b.far);
  return near.slice(0, SUGGESTIONS).map(({ other }) => other);
}

/** How many letters must be added, dropped or changed to make `b` of `a` (Levenshtein). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > NEAR) return NEAR + 1;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
