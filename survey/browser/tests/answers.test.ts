import { expect, test } from "vitest";
import { drawOrders, inOrder, neighbour, pathOf, toggled } from "../answers";
import type { Item } from "../documents";
import { asMap, smallQuestionnaire } from "./vectors";

const questionnaire = smallQuestionnaire();
const item = (id: string): Item => questionnaire.items.find((other) => other.id === id) as Item;
const inPlace = { items: questionnaire.items, options: new Map() };

test("at the start only what is certain is counted as asked, the rest as maybe", () => {
  const path = pathOf(questionnaire, new Map());
  expect(path.asked.map(({ id }) => id)).toEqual(["HOW", "AGE", "USES", "TA", "TB"]);
  expect(path.maybe).toBe(3);
});

test("an answer that leads past an item takes that item off the path and leaves its answer in memory", () => {
  const given = asMap({ HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 });
  given.set("USES", 90);
  const path = pathOf(questionnaire, given);
  expect(path.asked.map(({ id }) => id)).not.toContain("WHY");
  expect(path.known.get("WHY")).toBe(97);
  expect(given.get("WHY")).toBe(98);
});

test("coming back to the first path finds the answers given there", () => {
  const given = asMap({ HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 });
  const before = pathOf(questionnaire, given).known;
  given.set("HOW", 3);
  expect(pathOf(questionnaire, given).form).toBe("short");
  given.set("HOW", 1);
  expect(pathOf(questionnaire, given).known).toEqual(before);
});

test("an answer counts as 97 for later routing once its item is off the path", () => {
  const given = asMap({ HOW: 3, AGE: 2, USES: [1], WHY: 1, TA: 1, TB: 1 });
  expect(pathOf(questionnaire, given).asked.map(({ id }) => id)).toContain("LAST");
});

test("next and back walk the same path in opposite directions, from one end to the other", () => {
  const path = pathOf(questionnaire, asMap({ HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 }));
  const there: string[] = [];
  for (let at = neighbour(path, inPlace, undefined, 1); at; at = neighbour(path, inPlace, at.id, 1)) there.push(at.id);
  const back: string[] = [];
  for (let at = neighbour(path, inPlace, undefined, -1); at; at = neighbour(path, inPlace, at.id, -1)) back.push(at.id);
  expect(there).toEqual(path.asked.map(({ id }) => id));
  expect(back).toEqual(there.reverse());
});

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
  const shown = inOrder(pathOf(questionnaire, asMap({ HOW: 3 })), orders).map(({ id }) => id);
  expect(shown.indexOf("TB")).toBe(shown.indexOf("TA") - 1);
});

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

test("an option that keeps its place stays last whatever is drawn, and the others move", () => {
  const why = { ...item("WHY"), options: item("WHY").options.map((one) => (one.code === 2 ? { ...one, last: true as const } : one)) };
  const items = questionnaire.items.map((other) => (other.id === "WHY" ? why : other));
  for (const draw of [0, 1, 2, 3]) {
    const codes = drawOrders({ ...questionnaire, items }, () => draw).options.get("WHY")?.map(({ code }) => code);
    expect(codes?.at(-1)).toBe(2);
    expect([...(codes ?? [])].sort()).toEqual([1, 2, 3]);
  }
});
