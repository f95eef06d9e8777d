import { expect, test } from "vitest";
import { AnswerSheet } from "../../answers/answer_sheet";
import type { Question } from "../../answers/path";
import type { Item } from "../../documents/documents";
import { smallQuestionnaire, typesQuestionnaire } from "../vectors";

const types = typesQuestionnaire();
const all = [...smallQuestionnaire().items, ...types.items];
const item = (id: string): Item => all.find((other) => other.id === id) as Item;
const question = (...ids: string[]): Question => ({
  id: ids[0] as string, items: ids.map(item), group: types.groups?.find(({ items }) => items.includes(ids[0] as string)),
});

test.each([["FRUIT", 2], ["SIZE", 99], ["WORRY", 41], ["YEARS", 99], ["WORDS", 98]])("one press answers %s with %d", (id, code) => {
  const sheet = new AnswerSheet(types);
  expect([sheet.press(question(id), code), sheet.given.get(id)]).toEqual(["next", code]);
});

test("an option that ends the interview is no answer", () => {
  const sheet = new AnswerSheet(types);
  expect(sheet.press(question("AGE"), 0)).toEqual({ end: item("AGE").options[0]?.end });
  expect(sheet.given.size).toBe(0);
});

test("a number becomes its band, and only that is an answer", () => {
  const sheet = new AnswerSheet(types);
  sheet.type(item("YEARS"), ["１5"]);
  expect([sheet.given.get("YEARS"), sheet.fault(item("YEARS"))]).toEqual([2, undefined]);
});

test("a typed number may lead to an ending, like a pressed option", () => {
  const age: Item = { ...item("YEARS"), options: [{ code: 0, from: 0, to: 17, end: "too-young" }, { code: 1, from: 18, to: 99 }] };
  const sheet = new AnswerSheet(types);
  const endings = ["17", "18", "x"].map((typed) => {
    sheet.type(age, [typed]);
    return sheet.ending(age);
  });
  expect(endings).toEqual(["too-young", undefined, undefined]);
});

test("a typed ending is no answer either: no draft and no hand-over goes past it", () => {
  const age: Item = { ...item("YEARS"), options: [{ code: 0, from: 0, to: 17, end: "too-young" }, { code: 1, from: 18, to: 99 }] };
  const sheet = new AnswerSheet(types);
  sheet.type(age, ["18"]);
  expect(sheet.draft().given).toEqual([["YEARS", 1]]);
  sheet.type(age, ["17"]);
  expect(sheet.draft()).toEqual({ given: [], typed: [["YEARS", ["17"]]] });
});

test("what was begun and is no answer can be dropped, and nothing else goes", () => {
  const sheet = new AnswerSheet(types);
  sheet.press(question("FRUIT"), 2);
  sheet.press(question("R1_1", "R1_2"), 1);
  sheet.type(item("YEARS"), ["4x"]);
  sheet.discard(question("R1_1", "R1_2"));
  sheet.discard(question("YEARS"));
  expect(sheet.draft()).toEqual({ given: [["FRUIT", 2]], typed: [] });
});

test.each([["", undefined], ["x", "number-whole"], ["121", "number-range"]])("%j in a number's field is the fault %j", (typed, fault) => {
  const sheet = new AnswerSheet(types);
  sheet.type(item("YEARS"), ["15"]);
  sheet.type(item("YEARS"), [typed]);
  expect([sheet.given.has("YEARS"), sheet.fault(item("YEARS"))]).toEqual([false, fault && { key: fault, at: 0 }]);
});

test("a month and a year make a date, one of them alone does not", () => {
  const sheet = new AnswerSheet(types);
  sheet.type(item("MOVED"), ["2021", ""]);
  expect([sheet.given.has("MOVED"), sheet.fault(item("MOVED"))]).toEqual([false, { key: "date-first", at: 1 }]);
  sheet.type(item("MOVED"), ["2021", "1"]);
  expect(sheet.given.get("MOVED")).toBe(2);
});

test("typing takes the place of a missing code, and a missing code of what was typed", () => {
  const sheet = new AnswerSheet(types);
  sheet.press(question("YEARS"), 99);
  sheet.type(item("YEARS"), ["5"]);
  expect(sheet.given.get("YEARS")).toBe(1);
  sheet.press(question("YEARS"), 99);
  expect([sheet.given.get("YEARS"), sheet.typed(item("YEARS"))]).toEqual([99, []]);
});

test("phrases are answered as they are sent, whatever was typed", () => {
  const sheet = new AnswerSheet(types);
  sheet.type(item("WORDS"), [" Pear!", "ＦＩＧ"]);
  expect([sheet.given.get("WORDS"), sheet.typed(item("WORDS"))]).toEqual([["pear", "fig"], [" Pear!", "ＦＩＧ"]]);
});

test("a ranking is pressed in order, its last place is the last, and a missing code fills every place", () => {
  const sheet = new AnswerSheet(types);
  const ranking = question("R1_1", "R1_2");
  expect([4, 1, 2].map((code) => sheet.press(ranking, code))).toEqual(["stay", "stay", "full"]);
  expect([sheet.given.get("R1_1"), sheet.given.get("R1_2")]).toEqual([4, 1]);
  sheet.press(ranking, 4);
  expect([sheet.ranks(ranking), sheet.given.has("R1_2")]).toEqual([[1], false]);
  expect(sheet.press(ranking, 99)).toBe("next");
  expect([sheet.given.get("R1_1"), sheet.given.get("R1_2"), sheet.ranks(ranking)]).toEqual([99, 99, []]);
  sheet.press(ranking, 2);
  expect([sheet.given.get("R1_1"), sheet.given.has("R1_2")]).toEqual([2, false]);
});

test("a draft brings back answers and half-typed words, and holds nothing that was drawn", () => {
  const sheet = new AnswerSheet(types);
  sheet.press(question("FRUIT"), 2);
  sheet.type(item("YEARS"), ["1x"]);
  const draft = JSON.parse(JSON.stringify(sheet.draft()));
  expect(draft).toEqual({ given: [["FRUIT", 2]], typed: [["YEARS", ["1x"]]] });
  const again = new AnswerSheet(types, draft);
  expect([again.given.get("FRUIT"), again.typed(item("YEARS"))]).toEqual([2, ["1x"]]);
});

test("what is forgotten is gone", () => {
  const sheet = new AnswerSheet(types);
  sheet.press(question("FRUIT"), 2);
  sheet.type(item("WORDS"), ["fig"]);
  sheet.forget();
  expect([sheet.given.size, sheet.typed(item("WORDS")), sheet.draft()]).toEqual([0, [], { given: [], typed: [] }]);
});
