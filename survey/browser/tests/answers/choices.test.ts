import { expect, test } from "vitest";
import { bandOf, boundsOf, phrasesOf, ranked, toggled } from "../../answers/choices";
import type { Item } from "../../documents/documents";
import { smallQuestionnaire, typesQuestionnaire } from "../vectors";

const all = [...smallQuestionnaire().items, ...typesQuestionnaire().items];
const item = (id: string): Item => all.find((other) => other.id === id) as Item;

test("options add up to the cap and no further", () => {
  expect(toggled(item("USES"), undefined, 3)).toEqual([3]);
  expect(toggled(item("USES"), [3], 1)).toEqual([3, 1]);
  expect(toggled(item("USES"), [3, 1], 2)).toBe("full");
});

test("pressing a chosen option takes it away, and the last one leaves no answer", () => {
  expect(toggled(item("USES"), [3, 1], 3)).toEqual([1]);
  expect(toggled(item("USES"), [1], 1)).toBeUndefined();
});

test("a missing code stands alone, and an option takes its place", () => {
  expect(toggled(item("USES"), [3, 1], 98)).toBe(98);
  expect(toggled(item("USES"), 98, 98)).toBeUndefined();
  expect(toggled(item("USES"), 98, 1)).toEqual([1]);
});

test("an exclusive option takes the place of the others, and an option takes its place", () => {
  expect(toggled(item("BUYS"), [1, 3], 9)).toEqual([9]);
  expect(toggled(item("BUYS"), [9], 1)).toEqual([1]);
  expect(toggled(item("BUYS"), [9], 9)).toBeUndefined();
  expect(toggled(item("BUYS"), 98, 9)).toEqual([9]);
});

test("an exclusive option can be chosen though the cap is reached", () => {
  expect(toggled(item("BUYS"), [1, 2, 3], 4)).toBe("full");
  expect(toggled(item("BUYS"), [1, 2, 3], 9)).toEqual([9]);
});

test("ranks are given in the order of presses, and taking one away moves the others up", () => {
  expect(ranked(2, [], 4)).toEqual([4]);
  expect(ranked(2, [4], 1)).toEqual([4, 1]);
  expect(ranked(2, [4, 1], 2)).toBe("full");
  expect(ranked(2, [4, 1], 4)).toEqual([1]);
});

test.each([["YEARS", 0, 1], ["YEARS", 9, 1], ["YEARS", 10, 2], ["YEARS", 120, 3], ["YEARS", 121, undefined],
  ["KIDS", 10, 10], ["KIDS", 11, undefined], ["BORN", 1899, undefined], ["BORN", 1960, 2],
  ["MOVED", 202012, 1], ["MOVED", 202101, 2], ["MOVED", 201912, undefined]])(
  "at %s, %d falls in the band %j", (id, value, code) => {
    expect(bandOf(item(id), value)).toBe(code);
  },
);

test("the bounds of a question are its lowest and its highest band's", () => {
  expect([boundsOf(item("YEARS")), boundsOf(item("MOVED"))]).toEqual([[0, 120], [202001, 202412]]);
});

test("typed phrases are normalised, empty fields passed over, and one that is typed twice counts once", () => {
  expect(phrasesOf(item("WORDS"), [" Pear", "PEAR "])).toEqual({ phrases: ["pear"], fault: null, at: 0 });
  expect(phrasesOf(item("WORDS"), ["", " "])).toEqual({ phrases: [], fault: null, at: 0 });
});

test.each([["a b c", "words"], ["1234567", "length"], ["!?", "signs"], ["ok", null]])("%j has the fault %j", (typed, fault) => {
  expect(phrasesOf(item("WORDS"), [typed]).fault).toBe(fault);
});

test("the field with the fault is told from the right ones before it and the empty ones", () => {
  expect(phrasesOf(item("WORDS"), ["ok", "", "!?", "a b c"])).toMatchObject({ fault: "signs", at: 2 });
});
