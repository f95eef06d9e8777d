import { expect, test } from "vitest";
import { type Answers, encode, PayloadError, payloadWidth } from "../../answers/payload";
import { toHex } from "../../documents/bytes";
import type { Answer } from "../../documents/documents";
import { asMap, smallQuestionnaire, vector } from "../vectors";

type Raw = Omit<Answers, "answers"> & { answers: Record<string, Answer> };
const { ok } = vector<{ ok: { name: string; payload: string; answers: Raw }[] }>("payload.json");
const questionnaire = smallQuestionnaire();
const first = (ok[0] as { answers: Raw }).answers;
const given = (raw: Raw): Answers => ({ ...raw, answers: asMap(raw.answers) });
const changed = (answers: Record<string, Answer>): Answers =>
  given({ ...first, answers: { ...first.answers, ...answers } });

test.each(ok)("shared payload: $name", ({ payload, answers }) => {
  expect(toHex(encode(questionnaire, given(answers)))).toBe(payload);
});

test("an item that is not asked is the same whether it is absent or 97", () => {
  const short = (ok[1] as { answers: Raw; payload: string });
  const answers = { ...short.answers, answers: { ...short.answers.answers, WHY: 97, MANY: 97 } };
  expect(toHex(encode(questionnaire, given(answers)))).toBe(short.payload);
});

test("the order in which options were pressed leaves no trace", () => {
  const [one, other] = [[1, 3], [3, 1]].map((USES) => toHex(encode(questionnaire, changed({ USES }))));
  expect(one).toBe(other);
});

test("every payload is as long as the questionnaire says", () => {
  expect(new Set(ok.map(({ payload }) => payload.length / 2))).toEqual(new Set([payloadWidth(questionnaire)]));
});

const refused: [string, string, Answers][] = [
  ["a code that no option has", "code", changed({ TA: 7 })],
  ["an option that ends the interview", "code", changed({ AGE: 0 })],
  ["a missing code that is not offered", "code", changed({ HOW: 99 })],
  ["an option list for a single item", "code", changed({ TA: [1] })],
  ["a missing code that a multi item does not offer", "status", changed({ MANY: 98 })],
  ["an option number for a multi item", "status", changed({ USES: 1 })],
  ["an option that a multi item does not have", "mask", changed({ USES: [9] })],
  ["more options than the cap", "cap", changed({ USES: [1, 2, 3] })],
  ["no option at all", "cap", changed({ USES: [] })],
  ["an answer where nothing was asked", "asked", changed({ WHY: 1, LAST: 1 })],
  ["no answer where something was asked", "asked", changed({ TA: 97 })],
  ["another form than the answers give", "form", { ...given(first), form: "short" }],
  ["an unknown locale", "locale", { ...given(first), locale: "fr" }],
  ["an unknown stratum", "stratum", { ...given(first), stratum: "moon" }],
  ["an unknown mode", "mode", { ...given(first), mode: "robot" as "self" }],
];

test.each(refused)("%s is refused", (_, rule, answers) => {
  expect(() => encode(questionnaire, answers)).toThrow(new PayloadError(rule));
});
