// Local randomised response for sensitive items (as survey/questionnaire/randomised_response.py).
import { NOT_ASKED } from "../documents/constants";
import { type Answer, domainOf, type Item, kindOf, type Questionnaire } from "../documents/documents";
import { below, type Draw, draw32 } from "../documents/random";
import { SPACE } from "./constants";

/**
 * Returns what is sealed instead of `code`: itself where 32 random bits are below `threshold`, else one of the other
 * codes of `domain`, drawn fairly. k-ary randomised response with e^epsilon = T (k - 1) / (2^32 - T).
 */
export function randomised(code: number, domain: readonly number[], threshold: number, draw: Draw = draw32): number {
  if (draw() < threshold) return code;
  const others = domain.filter((other) => other !== code);
  return others[below(others.length, draw)] as number;
}

/** Returns `answers` as they are sealed: randomised items drawn, everything else and items not asked unchanged. */
export function randomisedAnswers(
  { items }: Questionnaire, answers: ReadonlyMap<string, Answer>, thresholds: Readonly<Record<string, number>>,
  draw: Draw = draw32,
): Map<string, Answer> {
  const out = new Map(answers);
  for (const item of items) {
    const answer = answers.get(item.id);
    if (!item.randomise || typeof answer !== "number" || answer === NOT_ASKED) continue;
    out.set(item.id, randomised(answer, domainOf(item), thresholds[item.id] as number, draw));
  }
  return out;
}

/** Returns whether `thresholds` cover exactly the randomised items, each with the threshold of its epsilon. */
export function thresholdsFit({ items }: Questionnaire, thresholds: Readonly<Record<string, number>>): boolean {
  const own = items.filter((item) => item.randomise);
  return Object.keys(thresholds).length === own.length && own.every((item) => matchesEpsilon(item, thresholds[item.id]));
}

/** T = floor(2^32 e^epsilon / (e^epsilon + k - 1)); floating point may miss the floor by one. */
function matchesEpsilon(item: Item, threshold: number | undefined): boolean {
  const domain = domainOf(item);
  const odds = Math.exp(Number(item.randomise?.epsilon));
  const expected = Math.floor((SPACE * odds) / (odds + domain.length - 1));
  return kindOf(item) === "code" && domain.length > 1 && Number.isInteger(threshold) &&
    Math.abs((threshold as number) - expected) <= 1;
}
