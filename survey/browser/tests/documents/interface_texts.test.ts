import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { INTERFACE_KEYS, wordsOf } from "../../documents/interface_texts";

const folder = new URL("../../../interface/", import.meta.url);
const ENTRY = /^msgctxt "(.*)"\nmsgid ".*"\n(?:msgid_plural ".*"\n)?msgstr(?:\[0\])? "(.*)"$/gm;

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

test("a language with six plurals says each number in its own form, by whole numbers alone", () => {
  const texts = { "find-all": "{n} إجابة", "find-all.one": "إجابة واحدة", "find-all.two": "إجابتان", "find-all.few": "{n} إجابات" };
  const words = wordsOf(texts, "ar");
  const said = [1, 2, 3, 10, 11, 100, 103].map((n) => words("find-all", { n }));
  expect(said).toEqual(["إجابة واحدة", "إجابتان", "3 إجابات", "10 إجابات", "11 إجابة", "100 إجابة", "103 إجابات"]);
  expect(wordsOf(texts, "zh-Hans")("find-all", { n: 1 })).toBe("1 إجابة");
  expect(wordsOf(texts, "not a language")("find-all", { n: 1 })).toBe("1 إجابة");
  expect(words("find-all", { n: "2" })).toBe("2 إجابة");
});

test("numbers are filled in, and a hole without a number stays visible", () => {
  const words = wordsOf({ progress: "Question {n} of {total}" }, "en");
  expect(words("progress", { n: 3, total: 38 })).toBe("Question 3 of 38");
  expect(words("progress", { n: 3 })).toBe("Question 3 of {total}");
});
