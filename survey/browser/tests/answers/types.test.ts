import { expect, test, vi } from "vitest";
import { type Answers, encode, PayloadError, payloadWidth } from "../../answers/payload";
import { fits, normalised, ordered } from "../../answers/phrases";
import { randomised, randomisedAnswers, thresholdsFit } from "../../answers/randomise";
import { toHex } from "../../documents/bytes";
import type { Answer, Questionnaire } from "../../documents/documents";
import { type Draw } from "../../documents/random";
import { asMap, typesQuestionnaire, vector } from "../vectors";

type Raw = Omit<Answers, "answers"> & { answers: Record<string, Answer> };
interface Payloads {
  ok: { name: string; payload: string; answers: Raw }[];
  refused: { name: string; rule: string; answers: Raw }[];
}
interface Phrases {
  normalised: { text: string; phrase: string; why: string }[];
  fits: { phrases: string[]; count: number; words: number; length: number; fits: boolean }[];
  ordered: { phrases: string[]; ordered: string[] }[];
}
interface Randomise {
  thresholds: { epsilon: string; k: number; threshold: number }[];
  draws: { name: string; domain: number[]; threshold: number; answer: number; draws: number[]; code: number }[];
  questionnaire: { thresholds: Record<string, number> };
}

const questionnaire = typesQuestionnaire();
const payloads = vector<Payloads>("payload-types.json");
const phrases = vector<Phrases>("phrases.json");
const randomise = vector<Randomise>("randomise.json");
const given = (raw: Raw): Answers => ({ ...raw, answers: asMap(raw.answers) });

test.each(payloads.ok)("shared payload of every type: $name", ({ payload, answers }) => {
  expect(toHex(encode(questionnaire, given(answers)))).toBe(payload);
  expect(payload.length / 2).toBe(payloadWidth(questionnaire));
});

test.each(payloads.refused)("shared answers are refused: $name ($rule)", ({ rule, answers }) => {
  expect(() => encode(questionnaire, given(answers))).toThrow(new PayloadError(rule));
});

test("haste on a server's form is refused, and so is a third quality", () => {
  const first = (payloads.ok[0] as { answers: Raw }).answers;
  for (const change of [{ mode: "server" as const, quality: 1 as const }, { quality: 2 as 1 }]) {
    expect(() => encode(questionnaire, given({ ...first, ...change }))).toThrow(new PayloadError("quality"));
  }
});

test.each(phrases.normalised)("shared phrase: $why", ({ text, phrase }) => {
  expect(normalised(text)).toBe(phrase);
  expect(normalised(phrase)).toBe(phrase);
});

/** What an engine without classes of Unicode, as Firefox before 78, makes of a text. */
function inOldEngine(text: string): string {
  const Whole = RegExp;
  vi.stubGlobal("RegExp", function (pattern: string, flags: string): RegExp {
    if (pattern.includes("\\p")) throw new SyntaxError("invalid escape");
    return new Whole(pattern, flags);
  });
  try {
    return normalised(text);
  } finally {
    vi.unstubAllGlobals();
  }
}

test.each([
  "Apple  Pie", "don’t", "苹果，梨", "臺灣", "ポテト", "김치", "Äpfel", "Чай", "ئالما", "تفّاح", "سی‌ب", "སྒོ་ང་", "ข้าวผัด", "ꆈꌠ", "２５%", "C++", "！", "٢٥",
])("an engine without classes of Unicode makes of %s what others make of it", (text) => {
  expect(inOldEngine(text)).toBe(normalised(text));
});

test("of no sign an engine without classes of Unicode makes a phrase that a reader would refuse", () => {
  const found: string[] = [];
  for (let code = 0; code < 0x10000; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const phrase = inOldEngine(`a${String.fromCodePoint(code)}b`);
    if (normalised(phrase) !== phrase) found.push(code.toString(16));
  }
  expect(found).toEqual([]);
}, 60_000);

test.each(phrases.fits)("whether $phrases fits is $fits", ({ phrases: list, fits: expected, ...limits }) => {
  const item = { ...(questionnaire.items.find(({ id }) => id === "WORDS") as object), ...limits };
  expect(fits(item as Questionnaire["items"][number], list)).toBe(expected);
});

test.each(phrases.ordered)("$phrases are ordered by their bytes", ({ phrases: list, ordered: expected }) => {
  expect(ordered(list)).toEqual(expected);
});

/** Gives these numbers in turn, and fails where one more is asked for. */
function scripted(numbers: readonly number[]): { draw: Draw; left: number[] } {
  const left = [...numbers];
  const draw = (): number => {
    const next = left.shift();
    if (next === undefined) throw new Error("one draw too many");
    return next;
  };
  return { draw, left };
}

test.each(randomise.draws)("shared draw: $name", ({ answer, domain, threshold, draws, code }) => {
  const { draw, left } = scripted(draws);
  expect([randomised(answer, domain, threshold, draw), left]).toEqual([code, []]);
});

/** A questionnaire with one randomised item of `k` codes. */
const withItem = (epsilon: string, k: number): Questionnaire => ({
  ...questionnaire,
  items: [{
    id: "X", type: "single", forms: ["long"], missing: [], shuffle: false, randomise: { epsilon },
    options: Array.from({ length: k }, (_, code) => ({ code })),
  }],
});

test.each(randomise.thresholds)("epsilon $epsilon over $k codes has the shared threshold", ({ epsilon, k, threshold }) => {
  expect(thresholdsFit(withItem(epsilon, k), { X: threshold })).toBe(true);
  expect(thresholdsFit(withItem(epsilon, k), { X: threshold + 3 })).toBe(false);
});

const own = randomise.questionnaire.thresholds;
test.each<[string, Record<string, number>, boolean]>([
  ["exactly the randomised items", own, true],
  ["nothing", {}, false],
  ["another item as well", { ...own, FRUIT: 1 }, false],
  ["another item instead", { FRUIT: own.SECRET as number }, false],
  ["every answer kept", { SECRET: 2 ** 32 }, false],
  ["a fraction", { SECRET: (own.SECRET as number) + 0.5 }, false],
])("thresholds that cover %s", (_, thresholds, expected) => {
  expect(thresholdsFit(questionnaire, thresholds)).toBe(expected);
});

test("only randomised items that were asked are drawn, and the answers given stay as they are", () => {
  const before = asMap({ FRUIT: 1, SECRET: 2 });
  const out = randomisedAnswers(questionnaire, before, own, scripted([2 ** 32 - 1, 0]).draw);
  expect([Object.fromEntries(out), before.get("SECRET")]).toEqual([{ FRUIT: 1, SECRET: 1 }, 2]);
  expect(randomisedAnswers(questionnaire, asMap({ SECRET: 97 }), own, scripted([]).draw).get("SECRET")).toBe(97);
});

test("draws follow the threshold and are fair among the others (false alarm 1e-9)", () => {
  const domain = [1, 2, 3, 98, 99];
  const [n, kept] = [50_000, own.SECRET as number];
  const counts = new Map(domain.map((code) => [code, 0]));
  for (let i = 0; i < n; i++) {
    const code = randomised(2, domain, kept);
    counts.set(code, (counts.get(code) as number) + 1);
  }
  const share = kept / 2 ** 32;
  const chi = domain.reduce((sum, code) => {
    const wanted = n * (code === 2 ? share : (1 - share) / 4);
    return sum + ((counts.get(code) as number) - wanted) ** 2 / wanted;
  }, 0);
  // The 1 - 1e-9 quantile of chi squared with 4 degrees of freedom is 48.
  expect(chi).toBeLessThan(48);
});
