import { expect, test } from "vitest";
import { drawOrders, shownLines, shownOptions } from "../../answers/orders";
import { pathOf, questionsOf } from "../../answers/path";
import type { Item, Questionnaire } from "../../documents/documents";
import { asMap, smallQuestionnaire, typesQuestionnaire } from "../vectors";

const questionnaire = smallQuestionnaire();
const types = typesQuestionnaire();
const item = (id: string, of: Questionnaire = questionnaire): Item => of.items.find((other) => other.id === id) as Item;

test("a pair changes places on one draw and stays on the other", () => {
  const order = (draw: number): string[] => drawOrders(questionnaire, () => draw).items.map(({ id }) => id);
  expect(order(0)).toEqual(questionnaire.items.map(({ id }) => id));
  expect(order(1).slice(4, 6)).toEqual(["TB", "TA"]);
});

test("only items that say so have their options shuffled, and none is lost", () => {
  const orders = drawOrders(questionnaire, () => 0);
  expect(orders.options.get("TA")).toEqual(item("TA").options);
  expect(orders.options.get("WHY")).not.toEqual(item("WHY").options);
  expect(orders.options.get("WHY")?.map(({ code }) => code).sort()).toEqual([1, 2, 3]);
});

test("the items asked keep the drawn order", () => {
  const orders = drawOrders(questionnaire, () => 1);
  const shown = questionsOf(questionnaire, pathOf(questionnaire, asMap({ HOW: 3 })), orders).map(({ id }) => id);
  expect(shown.indexOf("TB")).toBe(shown.indexOf("TA") - 1);
});

test("an option that keeps its place stays last whatever is drawn, and the others move", () => {
  const why = { ...item("WHY"), options: item("WHY").options.map((one) => (one.code === 2 ? { ...one, last: true as const } : one)) };
  const items = questionnaire.items.map((other) => (other.id === "WHY" ? why : other));
  for (const draw of [0, 1, 2, 3]) {
    const codes = drawOrders({ ...questionnaire, items }, () => draw).options.get("WHY")?.map(({ code }) => code);
    expect(codes?.at(-1)).toBe(2);
    expect([...(codes ?? [])].sort()).toEqual([1, 2, 3]);
  }
});

test("the rows of a shuffled grid change places among themselves alone", () => {
  const before = types.items.map(({ id }) => id);
  const seen = new Set<string>();
  for (let draw = 0; draw < 40; draw++) {
    const ids = drawOrders(types).items.map(({ id }) => id);
    const first = before.indexOf("G1_1");
    seen.add(ids.slice(first, first + 3).join());
    expect([...ids.slice(0, first), ...ids.slice(first + 3)]).toEqual(before.filter((id) => !id.startsWith("G1_")));
  }
  // Forty draws all in one order have probability 6 ** -39.
  expect(seen.size).toBeGreaterThan(1);
  for (const order of seen) expect(order.split(",").sort()).toEqual(["G1_1", "G1_2", "G1_3"]);
});

test("all rows of a grid and all places of a ranking show their options in one order", () => {
  const shuffledRows = types.items.map((one) => (one.id.startsWith("G1_") ? { ...one, shuffle: true } : one));
  for (let draw = 0; draw < 20; draw++) {
    const orders = drawOrders({ ...types, items: shuffledRows });
    for (const ids of [["G1_1", "G1_2", "G1_3"], ["R1_1", "R1_2"]]) {
      expect(new Set(ids.map((id) => orders.options.get(id)?.map(({ code }) => code).join())).size).toBe(1);
    }
  }
});

test("the arm of a list is fair (false alarm 1e-9), and decides lines and codes", () => {
  const list = item("WORRY", types);
  let treated = 0;
  for (let draw = 0; draw < 2000; draw++) {
    const orders = drawOrders(types);
    const arm = orders.arms.get("WORRY");
    treated += arm as number;
    expect(shownLines(list, orders, undefined)).toEqual(arm === 1 ? [0, 1, 2, 3] : [0, 1, 2]);
    expect(shownOptions(list, orders, undefined).map(({ code }) => code)).toEqual(
      arm === 1 ? [40, 41, 42, 43, 44] : [10, 11, 12, 13]);
  }
  // Six standard deviations of a fair coin thrown 2000 times are 134.
  expect(Math.abs(treated - 1000)).toBeLessThan(137);
});

test("an answer from a draft keeps the arm in which it was given", () => {
  const orders = { ...drawOrders(types), arms: new Map([["WORRY", 0 as const]]) };
  expect(shownLines(item("WORRY", types), orders, 44)).toEqual([0, 1, 2, 3]);
  expect(shownLines(item("WORRY", types), orders, 99)).toEqual([0, 1, 2]);
});
