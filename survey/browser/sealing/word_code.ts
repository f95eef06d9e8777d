// Eight places in a list of 2048 words (BIP-39): what a draft's code and a withdrawal code are, whatever the language.
import type { Bytes } from "../documents/bytes";
import { LIST_SIZE, WORDS } from "./constants";

/** Places in the list, WORDS of them: the same code whatever language it is written in. */
export type Code = readonly number[];

/** Draws a code from the phone's cryptographic generator: 2048 divides 2^16, so that no word is favoured. */
export const drawCode = (): Code =>
  [...crypto.getRandomValues(new Uint16Array(WORDS))].map((drawn) => drawn % LIST_SIZE);

/** Returns the places as big-endian integers of two bytes: 16 bytes, the password of what is derived from a code. */
export const codeBytes = (code: Code): Bytes => Uint8Array.from(code.flatMap((at) => [at >> 8, at & 255]));
