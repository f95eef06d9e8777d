// The word lists are those of Python, all 2048 words of each: a code written with one is read by the other.
import { expect, test } from "vitest";
import { sha256, toHex, utf8 } from "../../documents/bytes";
import { LIST_SIZE } from "../../sealing/constants";
import { wordsOfCode } from "../../sealing/typed_word_code";
import { vector } from "../vectors";

const { lists } = vector<{ lists: Record<string, string> }>("withdrawal.json");
const places = Array.from({ length: LIST_SIZE }, (_, at) => at);

test.each(Object.entries(lists))("the list of %s has the shared hash", async (locale, hash) => {
  expect(toHex(await sha256(utf8(wordsOfCode(places, locale).join("\n"))))).toBe(hash);
});
