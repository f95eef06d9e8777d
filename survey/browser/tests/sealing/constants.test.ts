import { expect, test } from "vitest";
import {
  ALPHABET, GROUPS, LIST_SIZE, PREFIX_SIZE, SIGNATURE_SIZE, SYMBOLS, TOKEN_SIZE,
} from "../../sealing/constants";

const COMMITMENT_SIZE = 32;

test("a token is as long as its parts, and a code's groups as its symbols with the check symbol", () => {
  expect(TOKEN_SIZE).toBe(2 * COMMITMENT_SIZE + PREFIX_SIZE + SIGNATURE_SIZE);
  expect(GROUPS.reduce<number>((sum, size) => sum + size, 0)).toBe(SYMBOLS + 1);
});

test("no symbol of the alphabet stands twice, and a word of the list has eleven bits", () => {
  expect(new Set(ALPHABET).size).toBe(32);
  expect(LIST_SIZE).toBe(2 ** 11);
});
