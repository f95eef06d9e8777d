import { expect, test } from "vitest";
import { isAnswered, neighbour, pathOf, questionsOf, shareBehind } from "../../answers/path";
import type { Answer } from "../../documents/documents";
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

/** The shares on one way through the small study, each before its question is answered. */
function shares(answers: Record<string, Answer>): number[] {
  const seen: number[] = [];
  const given = new Map<string, Answer>();
  for (let id: string | undefined; ;) {
    const path = pathOf(questionnaire, given);
    const questions = questionsOf(questionnaire, path, inPlace);
    id = neighbour(questions, id, 1)?.id;
    if (id === undefined) return seen;
    seen.push(shareBehind(questions, questions.findIndex((question) => question.id === id), path.undecided));
    given.set(id, answers[id] ?? 1);
  }
}

test("the share done begins at nothing, never falls, and what routing leaves out counts as done", () => {
  const [long, short] = [{ HOW: 1, USES: [1], MANY: [1] }, { HOW: 3, USES: 90, TA: 98, TB: 98 }].map(shares);
  for (const way of [long as number[], short as number[]]) {
    expect(way[0]).toBe(0);
    expect(way).toEqual(way.slice().sort((one, other) => one - other));
    expect(way[way.length - 1]).toBe(Math.floor((100 * (way.length - 1)) / way.length));
  }
  // The same number of answers is a larger share of the way on which fewer questions are left.
  expect((short as number[])[3]).toBeGreaterThan((long as number[])[3] as number);
});

test("a note is no part of the way, and a study of notes alone has none to go", () => {
  const path = pathOf(types, asked);
  const questions = questionsOf(types, path, drawn);
  expect(questions[0]?.id).toBe("HELLO");
  expect([shareBehind(questions, 0, 0), shareBehind(questions, 1, 0)]).toEqual([0, 0]);
  expect(shareBehind(questions.slice(0, 1), 0, 0)).toBe(0);
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
    questions.filter((question) => isAnswered(question, { effective: asMap(given) })).map(({ id }) => id);
  expect(answered({ R1_1: 4 })).toEqual(["HELLO", "OLDER"]);
  expect(answered({ R1_1: 4, R1_2: 1 })).toEqual(["HELLO", "OLDER", "R1_1"]);
});
