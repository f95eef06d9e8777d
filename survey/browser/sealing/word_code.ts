// Word codes: eight positions in a list of 2048 words (BIP-39), whatever the language; drafts and withdrawals use them.
import type { Bytes } from "../documents/bytes";
import { LIST_SIZE, WORDS } from "./constants";

/** Positions in the list, WORDS of them: the same code in every language. */
export type WordCode = readonly number[];

/** Draws a code from the phone's cryptographic generator: 2048 divides 2^16, so that no word is favoured. */
export const drawCode = (): WordCode =>
  [...crypto.getRandomValues(new Uint16Array(WORDS))].map((drawn) => drawn % LIST_SIZE);

/** Returns the positions as big-endian integers of two bytes: 16 bytes, the password of what is derived from a code. */
export const codeBytes = (code: WordCode): Bytes =>
  Uint8Array.from({ length: 2 * code.length }, (_, at) => ((code[at >> 1] as number) >> (at % 2 ? 0 : 8)) & 255);
