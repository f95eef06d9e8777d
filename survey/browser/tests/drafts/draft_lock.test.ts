import { expect, test } from "vitest";
import type { Draft } from "../../answers/draft";
import { DraftError, lock, SIZE, unlock } from "../../drafts/draft_lock";
import type { Code } from "../../sealing/word_code";

const CODE: Code = [1, 2, 3, 4, 5, 6, 7, 2047];
const PLACE = { study: "market", pin: "A".repeat(32) };
const DRAFT: Draft = { given: [["AGE", 2], ["BUY", [1, 3]]], typed: [["WORDS", ["集市"]]] };

test("a draft opens with its code, and is of one size whatever it holds", async () => {
  const kept = await lock(DRAFT, CODE, PLACE, 20_000);
  expect(await unlock(kept, CODE, PLACE)).toEqual(DRAFT);
  const empty = await lock({ given: [], typed: [] }, CODE, PLACE, 20_000);
  expect(empty.length).toBe(kept.length);
  expect(empty).not.toBe(await lock({ given: [], typed: [] }, CODE, PLACE, 20_000));
});

test("another code, study, pin or day, and anything that is no draft, give null alike", async () => {
  const kept = await lock(DRAFT, CODE, PLACE, 20_000);
  expect(await unlock(kept, [...CODE.slice(0, 7), 0], PLACE)).toBeNull();
  expect(await unlock(kept, CODE, { ...PLACE, study: "other" })).toBeNull();
  expect(await unlock(kept, CODE, { ...PLACE, pin: "B".repeat(32) })).toBeNull();
  for (const text of [kept.replace("20000", "20001"), kept.slice(0, -1), "", "20000.", "x", kept.replace(".", "")]) {
    expect(await unlock(text, CODE, PLACE)).toBeNull();
  }
});

test("study and pin do not run together", async () => {
  const kept = await lock(DRAFT, CODE, { study: "a", pin: "bc" }, 1);
  expect(await unlock(kept, CODE, { study: "ab", pin: "c" })).toBeNull();
});

test("answers that no draft holds are refused, not cut", async () => {
  const long: Draft = { given: [], typed: [["WORDS", ["x".repeat(SIZE)]]] };
  await expect(lock(long, CODE, PLACE, 1)).rejects.toThrow(DraftError);
});
