import { expect, test } from "vitest";
import { itemText, piped } from "../../answers/piping";
import type { Texts } from "../../documents/documents";
import { asMap, smallTexts } from "../vectors";

const texts: Texts = {
  ...smallTexts(),
  items: {
    AGE: { text: "How old?", options: { 1: "young", 2: "old" } },
    FEEL: { text: "How is it to be {AGE|your age}?", options: { 1: "good when {AGE|so}" } },
    RATE: { text: "?", options: { 1: "1" }, ends: ["not {AGE|so}", "very {AGE|so}"] },
    LIST: { text: "?", options: {}, lines: ["I am {AGE|here}", "I am not"] },
    AGAIN: { text: "{FEEL|as you said}", options: {} },
  },
};

test("the label of an earlier answer stands in text, options, ends and lines", () => {
  const known = asMap({ AGE: 2 });
  expect(itemText(texts, "FEEL", known)).toEqual({ text: "How is it to be old?", options: { 1: "good when old" } });
  expect(itemText(texts, "RATE", known).ends).toEqual(["not old", "very old"]);
  expect(itemText(texts, "LIST", known).lines).toEqual(["I am old", "I am not"]);
});

test.each([[97], [98], [99]])("after %d the words behind the bar stand there", (code) => {
  expect(piped("be {AGE|your age}", texts, asMap({ AGE: code }))).toBe("be your age");
});

test("before an answer the words behind the bar stand there, also empty ones", () => {
  expect(piped("be {AGE|your age}{AGE|}", texts, asMap({}))).toBe("be your age");
});

test("a label that holds an earlier answer itself is filled in too", () => {
  expect(itemText(texts, "AGAIN", asMap({ AGE: 1, FEEL: 1 })).text).toBe("good when young");
});

test("what only looks like a hole stays", () => {
  expect(piped("{n} {age|x} {AGE}", texts, asMap({ AGE: 1 }))).toBe("{n} {age|x} {AGE}");
});
