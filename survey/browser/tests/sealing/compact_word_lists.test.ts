// What the build puts in place of the word lists gives the library's own, and is smaller.
import { brotliCompressSync } from "node:zlib";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as simplified } from "@scure/bip39/wordlists/simplified-chinese.js";
import { wordlist as traditional } from "@scure/bip39/wordlists/traditional-chinese.js";
import { expect, test } from "vitest";
// @ts-expect-error a script of the build, without types
import { compactModule as untyped } from "../../../../scripts/word_lists.mjs";

const compactModule = untyped as (words: readonly string[]) => string;
const LISTS = Object.entries({ english, simplified, traditional });

const listOf = async (module: string): Promise<string[]> =>
  ((await import(`data:text/javascript,${encodeURIComponent(module)}`)) as { wordlist: string[] }).wordlist;

test.each(LISTS)("the small module of the %s list gives its 2048 words in their order", async (_, words) => {
  expect(words.length).toBe(2048);
  expect(await listOf(compactModule(words))).toEqual([...words]);
});

test("the three small modules are 0.9 kB of brotli less than the lists' lines", () => {
  const size = (text: string): number => brotliCompressSync(text).length;
  const lines = LISTS.map(([, words]) => words.join("\n")).join("\n");
  expect(size(LISTS.map(([, words]) => compactModule(words)).join("")) + 900).toBeLessThan(size(lines));
});

test.each([["word1"], ["a", "a1"], ["abcdefghijkl", "abcdefghijklm"]])("a list with %j is refused, not written wrong", (...words) => {
  expect(() => compactModule(words)).toThrow("no list of short words");
});

test("words that are the beginning of others, or repeat, are written and read back", async () => {
  for (const words of [["a", "ab", "abc", "ab", "b", "b"], ["on", "one", "on"]]) {
    expect(await listOf(compactModule(words))).toEqual(words);
  }
});
