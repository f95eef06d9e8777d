import { expect, test } from "vitest";
import { below, draw32, shuffled } from "../../documents/random";

const DRAWS = 20_000;

/** Sum of (observed - expected)^2 / expected. */
const chiSquared = (counts: readonly number[], total: number): number =>
  counts.reduce((sum, count) => sum + (count - total / counts.length) ** 2 / (total / counts.length), 0);

test("each of the 24 orders of four options is drawn equally often (false alarm 1e-9)", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < DRAWS; i++) {
    const order = shuffled([1, 2, 3, 4]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  // The 1 - 1e-9 quantile of chi squared with 23 degrees of freedom is 89.3.
  expect(counts.size).toBe(24);
  expect(chiSquared([...counts.values()], DRAWS)).toBeLessThan(89.3);
});

test("a shuffle that swaps with any place, the classic mistake, fails the same bound", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < DRAWS; i++) {
    const list = [1, 2, 3, 4];
    for (let a = 0; a < 4; a++) {
      const b = below(4);
      [list[a], list[b]] = [list[b] as number, list[a] as number];
    }
    counts.set(list.join(""), (counts.get(list.join("")) ?? 0) + 1);
  }
  expect(chiSquared([...counts.values()], DRAWS)).toBeGreaterThan(89.3);
});

test("draws that would favour small numbers are drawn again", () => {
  const draws = [2 ** 32 - 1, 2 ** 32 - 1, 7];
  expect(below(3, () => draws.shift() as number)).toBe(1);
  expect(draws).toEqual([]);
});

test("the last fair draw is taken", () => {
  expect(below(3, () => 2 ** 32 - 2)).toBe((2 ** 32 - 2) % 3);
});

test("draws are unsigned integers of 32 bits, and both halves occur (false alarm 2 ** -99)", () => {
  const draws = Array.from({ length: 100 }, draw32);
  expect(draws.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(true);
  expect(new Set(draws.map((value) => value >= 2 ** 31)).size).toBe(2);
});

test("shuffling leaves the list that it was given as it is", () => {
  const list = [1, 2, 3];
  shuffled(list, () => 0);
  expect(list).toEqual([1, 2, 3]);
});
