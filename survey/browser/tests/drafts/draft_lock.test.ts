import { expect, test } from "vitest";
import type { Draft } from "../../answers/draft";
import { decryptDraft, DRAFT_SIZE, DraftError, encryptDraft } from "../../drafts/draft_lock";
import type { WordCode } from "../../sealing/word_code";

const CODE: WordCode = [1, 2, 3, 4, 5, 6, 7, 2047];
const PLACE = { study: "market", pin: "A".repeat(32) };
const DRAFT: Draft = { given: [["AGE", 2], ["BUY", [1, 3]]], typed: [["WORDS", ["集市"]]] };

test("a draft opens with its code, and is of one size whatever it holds", async () => {
  const kept = await encryptDraft(DRAFT, CODE, PLACE, 20_000);
  expect(await decryptDraft(kept, CODE, PLACE)).toEqual(DRAFT);
  const empty = await encryptDraft({ given: [], typed: [] }, CODE, PLACE, 20_000);
  expect(empty.length).toBe(kept.length);
  expect(empty).not.toBe(await encryptDraft({ given: [], typed: [] }, CODE, PLACE, 20_000));
});

test("another code, study, pin or day, and anything that is no draft, give null alike", async () => {
  const kept = await encryptDraft(DRAFT, CODE, PLACE, 20_000);
  expect(await decryptDraft(kept, [...CODE.slice(0, 7), 0], PLACE)).toBeNull();
  expect(await decryptDraft(kept, CODE, { ...PLACE, study: "other" })).toBeNull();
  expect(await decryptDraft(kept, CODE, { ...PLACE, pin: "B".repeat(32) })).toBeNull();
  for (const text of [kept.replace("20000", "20001"), kept.slice(0, -1), "", "20000.", "x", kept.replace(".", "")]) {
    expect(await decryptDraft(text, CODE, PLACE)).toBeNull();
  }
});

test("study and pin do not run together", async () => {
  const kept = await encryptDraft(DRAFT, CODE, { study: "a", pin: "bc" }, 1);
  expect(await decryptDraft(kept, CODE, { study: "ab", pin: "c" })).toBeNull();
});

test("answers that no draft holds are refused, not cut", async () => {
  const long: Draft = { given: [], typed: [["WORDS", ["x".repeat(DRAFT_SIZE)]]] };
  await expect(encryptDraft(long, CODE, PLACE, 1)).rejects.toThrow(DraftError);
});
