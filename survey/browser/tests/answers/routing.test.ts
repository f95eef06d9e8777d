import { expect, test } from "vitest";
import { holds, truth } from "../../answers/conditions";
import { formOf, isAsked, pathOf } from "../../answers/path";
import type { Answer, Condition } from "../../documents/documents";
import { asMap, smallQuestionnaire, vector } from "../vectors";

interface Vectors {
  conditions: { name: string; condition: Condition; values: Record<string, Answer>; holds: boolean }[];
  routing: { name: string; answers: Record<string, Answer>; form: string; asked: string[] }[];
}

const vectors = vector<Vectors>("routing.json");
const questionnaire = smallQuestionnaire();
const ids = questionnaire.items.map((item) => item.id);

test.each(vectors.conditions)("shared condition: $name", ({ condition, values, holds: expected }) => {
  expect(holds(condition, asMap(values))).toBe(expected);
});

test.each(vectors.routing)("shared routing: $name", ({ answers, form, asked }) => {
  const given = asMap(answers);
  expect(formOf(questionnaire, given)).toBe(form);
  expect(questionnaire.items.filter((item) => isAsked(item, form, given)).map((item) => item.id)).toEqual(asked);
});

const complete = vectors.routing.filter(({ answers, asked }) => asked.every((id) => id in answers));

test.each(complete)("the path leads to what is asked: $name", ({ answers, form, asked }) => {
  const path = pathOf(questionnaire, asMap(answers));
  expect([path.form, path.asked.map((item) => item.id), path.undecided]).toEqual([form, asked, 0]);
  expect([...path.effective.keys()].sort()).toEqual([...ids].sort());
});

test("some shared routings are complete, so that the test above says something", () => {
  expect(complete.length).toBeGreaterThan(2);
});

test("a missing answer decides nothing that the others do not", () => {
  const [a, b] = [{ item: "A", in: [1] }, { item: "B", in: [1] }];
  const known = asMap({ A: 1 });
  expect(truth({ all: [a, b] }, known)).toBeUndefined();
  expect(truth({ any: [a, b] }, known)).toBe(true);
  expect(truth({ all: [{ not: a }, b] }, known)).toBe(false);
  expect(truth({ not: b }, known)).toBeUndefined();
});

test("with everything known, three truth values give what two give", () => {
  for (const { condition, values } of vectors.conditions) {
    const names = JSON.stringify(condition).match(/"item":"(\w+)"/g)?.map((part) => part.slice(8, -1)) ?? [];
    const known = asMap({ ...Object.fromEntries(names.map((name) => [name, 97])), ...values });
    expect(truth(condition, known)).toBe(holds(condition, asMap(values)));
  }
});
