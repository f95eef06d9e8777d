import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { INTERFACE_KEYS, wordsOf } from "../../documents/interface_texts";

const folder = new URL("../../../interface/", import.meta.url);
const ENTRY = /^msgctxt "(.*)"\nmsgid ".*"\nmsgstr "(.*)"$/gm;

function entries(locale: string): Map<string, string> {
  const text = readFileSync(new URL(`${locale}/phone.po`, folder), "utf8");
  return new Map([...text.matchAll(ENTRY)].map((match) => [match[1] as string, match[2] as string]));
}

const holes = (text: string | undefined): string[] => (text?.match(/\{\w+\}/g) ?? []).sort();

test.each(["en", "zh-Hans", "zh-Hant"])("%s has a word for exactly the keys that the page uses", (locale) => {
  const words = entries(locale);
  expect([...words.keys()].sort()).toEqual([...INTERFACE_KEYS].sort());
  expect([...words.values()].filter((text) => text === "")).toEqual([]);
});

test.each(["zh-Hans", "zh-Hant"])("%s fills in the same numbers as the English", (locale) => {
  const [english, own] = [entries("en"), entries(locale)];
  for (const key of INTERFACE_KEYS) expect([key, holes(own.get(key))]).toEqual([key, holes(english.get(key))]);
});

test("numbers are filled in, and a hole without a number stays visible", () => {
  const words = wordsOf({ progress: "Question {n} of {total}" });
  expect(words("progress", { n: 3, total: 38 })).toBe("Question 3 of 38");
  expect(words("progress", { n: 3 })).toBe("Question 3 of {total}");
});
