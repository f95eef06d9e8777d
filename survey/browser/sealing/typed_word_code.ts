// Word codes as people type them: eight words of BIP-39 in three languages, and the nearest words to a mistyped one.
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as simplified } from "@scure/bip39/wordlists/simplified-chinese.js";
import { wordlist as traditional } from "@scure/bip39/wordlists/traditional-chinese.js";
import { SUGGESTIONS, WORDS } from "./constants";
import type { WordCode } from "./word_code";

const MAX_DISTANCE = 2;

const LISTS: Readonly<Record<string, readonly string[]>> = { "zh-Hans": simplified, "zh-Hant": traditional };
// A character of both Chinese lists has the same position in both; no English word is in either.
const POSITIONS = new Map<string, number>();
for (const list of [traditional, simplified, english]) list.forEach((word, at) => POSITIONS.set(word, at));

/** What is wrong with a typed code: how many words there are, or which one (from 1) no code has. */
export type WordCodeFault = { count: number } | { unknown: number; near: string[] };

/** Returns the code's words in the language of the page; languages without a list of their own have the English. */
export const wordsOfCode = (code: WordCode, locale: string): string[] =>
  code.map((at) => (LISTS[locale] ?? english)[at] as string);

/** Returns the words in `typed`: runs of Latin letters in lower case, and each Chinese character. */
export const wordsIn = (typed: string): string[] =>
  typed.normalize("NFKC").toLowerCase().match(/[a-z]+|[\u4e00-\u9fff]/g) ?? [];

/** Returns the code that `typed` spells in any of the lists, or what is wrong with it. */
export function readWordCode(typed: string): WordCode | WordCodeFault {
  const words = wordsIn(typed);
  const positions = words.map((word) => POSITIONS.get(word));
  const unknown = positions.indexOf(undefined);
  if (unknown >= 0) return { unknown: unknown + 1, near: nearest(words[unknown] as string) };
  return words.length === WORDS ? (positions as number[]) : { count: words.length };
}

/** Returns the words of the English list that differ from `word` by at most two letters, the nearest first. */
export function nearest(word: string): string[] {
  const candidates = english.map((other) => ({ other, edits: distance(word, other) }))
    .filter(({ edits }) => edits <= MAX_DISTANCE);
  candidates.sort((a, b) => a.edits - b.edits);
  return candidates.slice(0, SUGGESTIONS).map(({ other }) => other);
}

/** Returns the Levenshtein distance of `a` and `b`. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return MAX_DISTANCE + 1;
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
