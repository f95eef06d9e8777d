import { expect, test } from "vitest";
import { AnswerSheet } from "../../answers/answer_sheet";
import { brokenCheck, isAnswered } from "../../answers/path";
import { type Answers, encode, PayloadError } from "../../answers/payload";
import { itemText } from "../../answers/piping";
import { toHex } from "../../documents/bytes";
import type { Answer, Item, Questionnaire, Texts } from "../../documents/documents";
import { asMap, vector } from "../vectors";

type Raw = Omit<Answers, "answers"> & { answers: Record<string, Answer> };
interface Payloads {
  ok: { name: string; payload: string; answers: Raw }[];
  refused: { name: string; rule: string; answers: Raw }[];
}

const questionnaire = vector<Questionnaire>("questionnaire-household.json");
const { ok, refused } = vector<Payloads>("payload-household.json");
const given = (raw: Raw): Answers => ({ ...raw, answers: asMap(raw.answers) });
const [, people, children] = questionnaire.items as [Item, Item, Item, Item];

const sheetOf = (...answers: [string, Answer][]): AnswerSheet =>
  new AnswerSheet(questionnaire, { given: answers, typed: [] });

function open(sheet: AnswerSheet): string[] {
  const { path } = sheet;
  return sheet.questions(path).filter((question) => !isAnswered(question, path)).map(({ id }) => id);
}

test.each(ok)("shared payload: $name", ({ payload, answers }) => {
  expect(toHex(encode(questionnaire, given(answers)))).toBe(payload);
});

test.each(refused)("refused: $name", ({ rule, answers }) => {
  expect(() => encode(questionnaire, given(answers))).toThrow(new PayloadError(rule));
});

test.each([
  [{ ALONE: 2, PEOPLE: 1, CHILDREN: 2 }, 0], [{ ALONE: 1, PEOPLE: 97, CHILDREN: 1 }, 1],
  [{ ALONE: 1, PEOPLE: 97, CHILDREN: 99 }, -1], [{ PEOPLE: 1, CHILDREN: 3 }, 0], [{ ALONE: 2, CHILDREN: 3 }, -1],
  [{ ALONE: 2, PEOPLE: 1 }, -1],
])("of %o the first check that is certainly broken is %s", (answers, place) => {
  expect(brokenCheck(children, asMap(answers as Record<string, Answer>))).toBe(place);
});

test("an answer that breaks a check is kept on the screen, and its question is not answered", () => {
  const sheet = sheetOf(["ALONE", 2], ["PEOPLE", 1], ["CHILDREN", 3]);
  expect([...sheet.path.broken]).toEqual([["CHILDREN", 0]]);
  expect([...sheet.path.effective.keys()]).toEqual(["ALONE", "PEOPLE"]);
  expect([sheet.given.get("CHILDREN"), open(sheet)]).toEqual([3, ["CHILDREN", "HELP"]]);
});

test("it counts again once the earlier answer is corrected, without being given anew", () => {
  const sheet = sheetOf(["ALONE", 2], ["PEOPLE", 1], ["CHILDREN", 3], ["HELP", [1]]);
  sheet.type(people, ["4"]);
  expect([[...sheet.path.broken], open(sheet)]).toEqual([[], []]);
});

test("an earlier answer that is changed opens what no longer fits, and nothing else", () => {
  const sheet = sheetOf(["ALONE", 2], ["PEOPLE", 3], ["CHILDREN", 3], ["HELP", [2]]);
  expect(open(sheet)).toEqual([]);
  sheet.type(people, ["2"]);
  expect(open(sheet)).toEqual(["CHILDREN"]);
  sheet.type(children, ["0"]);
  expect([open(sheet), [...sheet.path.broken]]).toEqual([["HELP"], [["HELP", 0]]]);
});

test("a message shows the label of an earlier answer", () => {
  const texts = { items: {
    CHILDREN: { text: "", options: {}, checks: ["At most {PEOPLE|so many}."] },
    PEOPLE: { text: "", options: { 1: "two" } },
  } } as unknown as Texts;
  expect(itemText(texts, "CHILDREN", asMap({ PEOPLE: 1 })).checks).toEqual(["At most two."]);
  expect(itemText(texts, "CHILDREN", asMap({ PEOPLE: 98 })).checks).toEqual(["At most so many."]);
});
