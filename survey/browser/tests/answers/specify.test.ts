import { expect, test } from "vitest";
import { AnswerSheet } from "../../answers/answer_sheet";
import { answerInWords } from "../../answers/answer_words";
import { isOffered } from "../../answers/choices";
import { type Question, shareBehind } from "../../answers/path";
import { type Answers, encode, PayloadError } from "../../answers/payload";
import { toHex } from "../../documents/bytes";
import type { Answer, Item, Questionnaire, Texts } from "../../documents/documents";
import { asMap, vector } from "../vectors";

type Raw = Omit<Answers, "answers"> & { answers: Record<string, Answer> };
interface Payloads {
  ok: { name: string; payload: string; answers: Raw }[];
  refused: { name: string; rule: string; answers: Raw }[];
}

const questionnaire = vector<Questionnaire>("questionnaire-tools.json");
const { ok, refused } = vector<Payloads>("payload-tools.json");
const given = (raw: Raw): Answers => ({ ...raw, answers: asMap(raw.answers) });
const item = (id: string): Item => questionnaire.items.find((one) => one.id === id) as Item;
const questions = (sheet: AnswerSheet): Question[] => sheet.questions(sheet.path);
const asked = (sheet: AnswerSheet): string[][] => questions(sheet).map(({ items }) => items.map(({ id }) => id));
const press = (sheet: AnswerSheet, id: string, code: number): unknown =>
  sheet.press(questions(sheet).find((one) => one.id === id) as Question, code);

test.each(ok)("shared payload: $name", ({ payload, answers }) => {
  expect(toHex(encode(questionnaire, given(answers)))).toBe(payload);
});

test.each(refused)("refused: $name", ({ rule, answers }) => {
  expect(() => encode(questionnaire, given(answers))).toThrow(new PayloadError(rule));
});

test("a phrase stands on the screen of the option that was chosen, and on none without it", () => {
  const sheet = new AnswerSheet(questionnaire);
  expect(asked(sheet)[0]).toEqual(["USE"]);
  press(sheet, "USE", 7);
  expect(asked(sheet)[0]).toEqual(["USE", "USE_OTHER"]);
  press(sheet, "USE", 7);
  expect(asked(sheet)[0]).toEqual(["USE"]);
});

test("an option with words of its own does not go on by itself, and others do", () => {
  const sheet = new AnswerSheet(questionnaire);
  expect([press(sheet, "WHERE", 3), press(sheet, "WHERE", 1), press(sheet, "WHERE", 99)]).toEqual(["stay", "next", "next"]);
});

test("an empty field is 99 where it may stay empty, and no answer where it may not", () => {
  const sheet = new AnswerSheet(questionnaire);
  press(sheet, "USE", 7);
  press(sheet, "WHERE", 3);
  for (const id of ["USE", "WHERE"]) sheet.passEmpty(item(id));
  expect([sheet.given.get("USE_OTHER"), sheet.given.has("WHERE_OTHER")]).toEqual([99, false]);
});

test("typed words take the place of an empty field, and words with a fault stay no answer", () => {
  const sheet = new AnswerSheet(questionnaire);
  press(sheet, "USE", 7);
  sheet.passEmpty(item("USE"));
  sheet.type(item("USE_OTHER"), ["A grill"]);
  sheet.passEmpty(item("USE"));
  expect(sheet.given.get("USE_OTHER")).toEqual(["a grill"]);
  sheet.type(item("USE_OTHER"), ["one two three four"]);
  sheet.passEmpty(item("USE"));
  expect([sheet.given.has("USE_OTHER"), sheet.fault(item("USE_OTHER"))?.key]).toEqual([false, "phrase-words"]);
});

test("another choice takes the words off the way, and the same choice brings them back", () => {
  const sheet = new AnswerSheet(questionnaire);
  press(sheet, "WHERE", 3);
  sheet.type(item("WHERE_OTHER"), ["park"]);
  press(sheet, "WHERE", 1);
  expect(sheet.path.effective.get("WHERE_OTHER")).toBe(97);
  press(sheet, "WHERE", 3);
  expect(sheet.path.effective.get("WHERE_OTHER")).toEqual(["park"]);
});

test("a phrase that may be asked on a screen counts as no further screen of the way", () => {
  const sheet = new AnswerSheet(questionnaire);
  press(sheet, "USE", 1);
  const screens = questions(sheet).length + sheet.path.undecided;
  expect(shareBehind(questions(sheet), 1, sheet.path.undecided)).toBe(Math.floor(100 / screens));
  expect(questionnaire.items.filter(({ specifies }) => !specifies).length).toBe(screens);
});

test("the overview has the words behind the option, and of an empty field the option alone", () => {
  const words = { text: "", options: {} };
  const items = { USE: { text: "Use?", options: { 7: "Another" } }, USE_OTHER: words };
  const texts = { items, missing: { 99: "No answer" } } as unknown as Texts;
  const sheet = new AnswerSheet(questionnaire);
  press(sheet, "USE", 7);
  const line = (): string => answerInWords(questions(sheet)[0] as Question, texts, sheet.path.effective)[1];
  sheet.passEmpty(item("USE"));
  expect(line()).toBe("Another");
  sheet.type(item("USE_OTHER"), ["Grill"]);
  expect(line()).toBe("Another · grill");
});

test.each([
  [[1, 3], [1, 3, 9]], [[7], [7, 9]], [[8], [1, 2, 3, 7, 9]], [99, [1, 2, 3, 7, 9]],
])("after the choice %j the answers %j are carried forward", (chosen, expected) => {
  const most = item("MOST");
  const offered = most.options.filter((option) => isOffered(most, option, asMap({ USE: chosen })));
  expect(offered.map(({ code }) => code)).toEqual(expected);
});

test("an answer that is not chosen any more is forgotten, and asked again", () => {
  const sheet = new AnswerSheet(questionnaire);
  for (const [id, code] of [["USE", 1], ["USE", 2], ["MOST", 2]] as const) press(sheet, id, code);
  expect(sheet.path.effective.get("MOST")).toBe(2);
  press(sheet, "USE", 2);
  expect(sheet.path.effective.has("MOST")).toBe(false);
});
