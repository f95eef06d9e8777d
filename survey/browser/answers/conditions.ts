// Routing conditions in Kleene's three-valued logic: a condition on a missing answer is undefined.
import { NOT_ASKED } from "../documents/constants";
import type { Answer, Condition } from "../documents/documents";

/** Answers on the path: an absent item may still be answered, 97 (NOT_ASKED) means that it is not asked. */
export type EffectiveAnswers = ReadonlyMap<string, Answer>;

type Truth = boolean | undefined;

/** Returns whether `condition` is true, or undefined where that depends on a missing answer. */
export function truth(condition: Condition, answers: EffectiveAnswers): Truth {
  if ("all" in condition) return least(condition.all.map((part) => truth(part, answers)));
  if ("any" in condition) return negate(least(condition.any.map((part) => negate(truth(part, answers)))));
  if ("not" in condition) return negate(truth(condition.not, answers));
  if ("count" in condition) return counted(condition.count.map((part) => truth(part, answers)), condition.range);
  const answer = answers.get(condition.item);
  return answer === undefined ? undefined : leafHolds(condition, answer);
}

/** Returns whether `condition` is true in a complete interview: an item without an answer was not asked. */
export function holds(condition: Condition, answers: EffectiveAnswers): boolean {
  if ("all" in condition) return condition.all.every((part) => holds(part, answers));
  if ("any" in condition) return condition.any.some((part) => holds(part, answers));
  if ("not" in condition) return !holds(condition.not, answers);
  if ("count" in condition) {
    return within(condition.count.filter((part) => holds(part, answers)).length, condition.range);
  }
  return leafHolds(condition, answers.get(condition.item) ?? NOT_ASKED);
}

/** Returns the code of a single answer; of a multi or phrase answer its missing code, or 0 where it has content. */
export const status = (answer: Answer): number => (typeof answer === "number" ? answer : 0);

type Leaf = Extract<Condition, { item: string }>;

function leafHolds(leaf: Leaf, answer: Answer): boolean {
  if ("in" in leaf) return leaf.in.includes(status(answer));
  const codes: readonly unknown[] = typeof answer === "number" ? [] : answer;
  if ("has" in leaf) return leaf.has.some((code) => codes.includes(code));
  if ("chosen" in leaf) return typeof answer !== "number" && within(codes.length, leaf.chosen);
  return typeof answer === "number" && answer !== NOT_ASKED && within(answer, leaf.range);
}

/** Whether the number of true `parts` is in range; defined as soon as undefined parts cannot change it. */
function counted(parts: readonly Truth[], range: readonly [number, number]): Truth {
  const certain = parts.filter((part) => part === true).length;
  const possible = certain + parts.filter((part) => part === undefined).length;
  if (possible < range[0] || certain > range[1]) return false;
  return within(certain, range) && within(possible, range) ? true : undefined;
}

const within = (value: number, [low, high]: readonly [number, number]): boolean => low <= value && value <= high;

function least(parts: readonly Truth[]): Truth {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

const negate = (value: Truth): Truth => (value === undefined ? undefined : !value);
