import { expect, test } from "vitest";
import { isAnswered, neighbour, pathOf, questionsOf } from "../../answers/path";
import { asMap, smallQuestionnaire, typesQuestionnaire } from "../vectors";

const questionnaire = smallQuestionnaire();
const inPlace = { items: questionnaire.items, options: new Map(), arms: new Map() };

test("at the start only what is certain is counted as asked, the rest as maybe", () => {
  const path = pathOf(questionnaire, new Map());
  expect(path.asked.map(({ id }) => id)).toEqual(["HOW", "AGE", "USES", "TA", "TB"]);
  expect(path.undecided).toBe(3);
});

test("an answer that leads past an item takes that item off the path and leaves its answer in memory", () => {
  const given = asMap({ HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 });
  given.set("USES", 90);
  const path = pathOf(questionnaire, given);
  expect(path.asked.map(({ id }) => id)).not.toContain("WHY");
  expect(path.effective.get("WHY")).toBe(97);
  expect(given.get("WHY")).toBe(98);
});

test("coming back to the first path finds the answers given there", () => {
  const given = asMap({ HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 });
  const before = pathOf(questionnaire, given).effective;
  given.set("HOW", 3);
  expect(pathOf(questionnaire, given).form).toBe("short");
  given.set("HOW", 1);
  expect(pathOf(questionnaire, given).effective).toEqual(before);
});

test("an answer counts as 97 for later routing once its item is off the path", () => {
  const given = asMap({ HOW: 3, AGE: 2, USES: [1], WHY: 1, TA: 1, TB: 1 });
  expect(pathOf(questionnaire, given).asked.map(({ id }) => id)).toContain("LAST");
});

test("next and back walk the same path in opposite directions, from one end to the other", () => {
  const path = pathOf(questionnaire, asMap({ HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 }));
  const questions = questionsOf(questionnaire, path, inPlace);
  const there: string[] = [];
  for (let at = neighbour(questions, undefined, 1); at; at = neighbour(questions, at.id, 1)) there.push(at.id);
  const back: string[] = [];
  for (let at = neighbour(questions, undefined, -1); at; at = neighbour(questions, at.id, -1)) back.push(at.id);
  expect(there).toEqual(path.asked.map(({ id }) => id));
  expect(back).toEqual(there.reverse());
});

const types = typesQuestionnaire();
const drawn = { items: types.items, options: new Map(), arms: new Map() };
const asked = asMap({ FRUIT: 1, SIZE: 2, YEARS: 3, KIDS: 10, BORN: 2, WORRY: 12, BUYS: [1, 3] });

test("a ranking is one question with all its ranks, a grid one question a row, a note one without an answer", () => {
  const questions = questionsOf(types, pathOf(types, asked), drawn);
  const ids = questions.map(({ items }) => items.map(({ id }) => id).join());
  expect(ids).toEqual([
    "HELLO", "FRUIT", "SIZE", "YEARS", "KIDS", "BORN", "OLDER", "WORRY", "BUYS", "MOVED", "G1_1", "G1_2", "G1_3",
    "R1_1,R1_2", "WORDS", "SECRET",
  ]);
  expect(questions.filter(({ group }) => group).map(({ group }) => group?.id)).toEqual(["G1", "G1", "G1", "R1"]);
});

test("a ranking is answered once every place has a code, a note always", () => {
  const questions = questionsOf(types, pathOf(types, asked), drawn);
  const answered = (given: Record<string, number>): string[] =>
    questions.filter((question) => isAnswered(question, asMap(given))).map(({ id }) => id);
  expect(answered({ R1_1: 4 })).toEqual(["HELLO", "OLDER"]);
  expect(answered({ R1_1: 4, R1_2: 1 })).toEqual(["HELLO", "OLDER", "R1_1"]);
});
