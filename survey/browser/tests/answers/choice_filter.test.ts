import { expect, test } from "vitest";
import { AnswerSheet } from "../../answers/answer_sheet";
import { isOffered } from "../../answers/choices";
import { shownOptions } from "../../answers/orders";
import { type Answers, encode, PayloadError } from "../../answers/payload";
import { toHex } from "../../documents/bytes";
import type { Answer, Item, Questionnaire } from "../../documents/documents";
import { asMap, vector } from "../vectors";

type Raw = Omit<Answers, "answers"> & { answers: Record<string, Answer> };
interface Payloads {
  ok: { name: string; payload: string; answers: Raw }[];
  refused: { name: string; rule: string; answers: Raw }[];
}

const questionnaire = vector<Questionnaire>("questionnaire-places.json");
const { ok, refused } = vector<Payloads>("payload-places.json");
const given = (raw: Raw): Answers => ({ ...raw, answers: asMap(raw.answers) });
const [, , town, sights] = questionnaire.items as [Item, Item, Item, Item];
const codes = (item: Item, answers: Record<string, Answer>): number[] =>
  item.options.filter((option) => isOffered(item, option, asMap(answers))).map(({ code }) => code);

/** Presses the codes of each question, as it is asked. */
function answered(...presses: [string, ...number[]][]): AnswerSheet {
  const sheet = new AnswerSheet(questionnaire);
  for (const [id, ...pressed] of presses) press(sheet, id, ...pressed);
  return sheet;
}

function press(sheet: AnswerSheet, id: string, ...pressed: number[]): void {
  const question = sheet.questions(sheet.path).find((one) => one.id === id);
  for (const code of pressed) sheet.press(question as NonNullable<typeof question>, code);
}

test.each(ok)("shared payload: $name", ({ payload, answers }) => {
  expect(toHex(encode(questionnaire, given(answers)))).toBe(payload);
});

test.each(refused)("refused: $name", ({ rule, answers }) => {
  expect(() => encode(questionnaire, given(answers))).toThrow(new PayloadError(rule));
});

test.each([
  [1, [11, 12, 30]], [2, [21, 30]], [3, [12, 30]], [98, [11, 12, 21, 30]], [97, [11, 12, 21, 30]],
])("after province %s the towns %s are offered", (province, expected) => {
  expect(codes(town, { PROVINCE: province })).toEqual(expected);
});

test("an item without a filter offers all, in the order that was drawn", () => {
  const [home] = questionnaire.items as [Item];
  expect(shownOptions(home, answered().orders, undefined).filter((option) => isOffered(home, option, new Map())).length).toBe(2);
});

test("another province forgets the town that it does not have, and the questions ask for it again", () => {
  const sheet = answered(["HOME", 2], ["PROVINCE", 1], ["TOWN", 11], ["SIGHTS", 11, 40], ["PROVINCE", 3]);
  expect([...sheet.path.effective]).toEqual([["HOME", 2], ["PROVINCE", 3]]);
  expect([sheet.given.has("TOWN"), sheet.given.has("SIGHTS")]).toEqual([false, true]);
  press(sheet, "TOWN", 12);
  expect(sheet.path.effective.has("SIGHTS")).toBe(false);
  expect(codes(sights, { PROVINCE: 3 })).toEqual([31, 40]);
});

test("another province keeps a town that it has too", () => {
  const sheet = answered(["HOME", 2], ["PROVINCE", 1], ["TOWN", 12], ["PROVINCE", 3]);
  expect(sheet.path.effective.get("TOWN")).toBe(12);
});

test("an answer that an earlier one takes out of the way stops filtering, and comes back with its filter", () => {
  const sheet = answered(["HOME", 2], ["PROVINCE", 2], ["HOME", 1], ["TOWN", 11]);
  expect(sheet.path.effective.get("TOWN")).toBe(11);
  press(sheet, "HOME", 2);
  expect([sheet.path.effective.get("PROVINCE"), sheet.path.effective.get("TOWN")]).toEqual([2, undefined]);
});

test("a draft with a town of another province is continued without it", () => {
  const sheet = new AnswerSheet(questionnaire, { given: [["HOME", 2], ["PROVINCE", 2], ["TOWN", 11]], typed: [] });
  expect([...sheet.path.effective.keys()]).toEqual(["HOME", "PROVINCE"]);
});
