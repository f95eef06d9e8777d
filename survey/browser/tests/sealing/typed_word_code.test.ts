import { expect, test } from "vitest";
import { WORDS } from "../../sealing/constants";
import { nearest, readWordCode, wordsIn, wordsOfCode } from "../../sealing/typed_word_code";
import { drawCode, type WordCode } from "../../sealing/word_code";

const CODE: WordCode = [0, 2047, 5, 100, 1000, 1500, 7, 0];

test.each(["en", "zh-Hans", "zh-Hant", "ug"])("a code in %s reads back, also from capitals and other marks", (locale) => {
  const words = wordsOfCode(CODE, locale);
  expect(words).toHaveLength(WORDS);
  for (const typed of [words.join(" "), ` ${words.join(", ").toUpperCase()}.`, words.join("\n")]) {
    expect(readWordCode(typed)).toEqual(CODE);
  }
});

test("Chinese needs no spaces, either script will do, and full-width letters are letters", () => {
  const [hans, hant] = ["zh-Hans", "zh-Hant"].map((locale) => wordsOfCode(CODE, locale)) as [string[], string[]];
  expect(readWordCode(hans.join(""))).toEqual(CODE);
  expect(readWordCode([...hans.slice(0, 4), ...hant.slice(4)].join(""))).toEqual(CODE);
  expect(wordsIn("Ａｂａｎｄｏｎ zoo")).toEqual(["abandon", "zoo"]);
});

test.each([["", 0], ["abandon", 1], ["abandon ".repeat(9), 9]])("%j is counted", (typed, count) => {
  expect(readWordCode(typed)).toEqual({ count });
});

test("the first word of no list is named, with the nearest of the list first", () => {
  expect(readWordCode("abandon abandom zoo")).toEqual({ unknown: 2, near: ["abandon", "random"] });
  expect(nearest("citisen")[0]).toBe("citizen");
  expect(nearest("qqqqqqqq")).toEqual([]);
});

test("codes are drawn from all 2048 words, none favoured", () => {
  // 4000 codes, 32 000 words, 2048 places: chi-squared with 2047 degrees of freedom is above 2500 with chance < 1e-10.
  const seen = new Array<number>(2048).fill(0);
  for (let n = 0; n < 4000; n++) for (const at of drawCode()) seen[at] = (seen[at] as number) + 1;
  const expected = 32_000 / 2048;
  expect(seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(2500);
});
