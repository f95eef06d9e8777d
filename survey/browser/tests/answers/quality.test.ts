import { expect, test } from "vitest";
import { isStraightlined, qualityOf, ReadingPace, readingTime } from "../../answers/quality";
import type { Questionnaire } from "../../documents/documents";
import { asMap, typesQuestionnaire } from "../vectors";

const text = "x".repeat(250);
const need = readingTime(text);

/** A questionnaire with one grid for each list of row ids. */
function grids(...rows: string[][]): Questionnaire {
  const item = (id: string): Questionnaire["items"][number] => ({
    id, type: "single", forms: ["long"], options: [{ code: 1 }, { code: 2 }], missing: [99], shuffle: false,
  });
  return {
    ...typesQuestionnaire(), items: rows.flat().map(item),
    groups: rows.map((items, at) => ({ id: `G${at}`, kind: "grid", items, shuffle: false })),
  };
}

const four = grids(["A", "B", "C", "D"]);
const two = grids(["A", "B", "C", "D"], ["E", "F", "G", "H"]);

test("a quick reader takes ten seconds for 250 letters and for 80 Chinese signs", () => {
  expect([need, readingTime("字".repeat(80)), readingTime(" \n")]).toEqual([10_000, 10_000, 0]);
});

test("who takes just under a third of that is hasty, who takes a third is not", () => {
  const paces = [need / 3 - 1, need / 3 + 1].map((spent) => {
    const pace = new ReadingPace();
    pace.add("A", text, spent);
    return pace.hasty;
  });
  expect(paces).toEqual([true, false]);
});

test("a long pause on one screen does not excuse a rush through the others", () => {
  const pace = new ReadingPace();
  pace.add("A", text, 3_600_000);
  for (const id of ["B", "C", "D"]) pace.add(id, text, 10);
  expect(pace.hasty).toBe(true);
});

test("time on a screen that is come back to adds up, and its text counts once", () => {
  const pace = new ReadingPace();
  pace.add("A", text, need / 6 + 1);
  expect(pace.hasty).toBe(true);
  pace.add("A", text, need / 6 + 1);
  expect(pace.hasty).toBe(false);
});

test("nothing read is no haste, and what is forgotten is gone", () => {
  const pace = new ReadingPace();
  expect(pace.hasty).toBe(false);
  pace.add("A", text, 1);
  pace.forget();
  expect(pace.hasty).toBe(false);
});

test("one answer all down every grid is straight, one other answer is not", () => {
  expect(isStraightlined(four, asMap({ A: 1, B: 1, C: 1, D: 1 }))).toBe(true);
  expect(isStraightlined(four, asMap({ A: 1, B: 1, C: 1, D: 2 }))).toBe(false);
  expect(isStraightlined(two, asMap({ A: 1, B: 1, C: 1, D: 1, E: 2, F: 2, G: 2, H: 2 }))).toBe(true);
  expect(isStraightlined(two, asMap({ A: 1, B: 1, C: 1, D: 1, E: 2, F: 2, G: 2, H: 1 }))).toBe(false);
});

test("refusing a whole grid is no haste, nor is a grid that was not asked or has three rows", () => {
  expect(isStraightlined(four, asMap({ A: 99, B: 99, C: 99, D: 99 }))).toBe(false);
  expect(isStraightlined(four, asMap({ A: 97, B: 97, C: 97, D: 97 }))).toBe(false);
  expect(isStraightlined(grids(["A", "B", "C"]), asMap({ A: 1, B: 1, C: 1 }))).toBe(false);
});

test("a grid with a randomised row says nothing, so that the flag tells nothing about it", () => {
  const secret = { ...four, items: four.items.map((item) => (item.id === "B" ? { ...item, randomise: { epsilon: "1" } } : item)) };
  expect(isStraightlined(secret, asMap({ A: 1, B: 1, C: 1, D: 1 }))).toBe(false);
});

test("the flag is one bit of either", () => {
  const [slow, fast] = [new ReadingPace(), new ReadingPace()];
  fast.add("A", text, 1);
  const [line, mixed] = [asMap({ A: 1, B: 1, C: 1, D: 1 }), asMap({ A: 1, B: 2, C: 1, D: 1 })];
  expect([qualityOf(four, line, slow), qualityOf(four, mixed, fast), qualityOf(four, mixed, slow)]).toEqual([1, 1, 0]);
});
