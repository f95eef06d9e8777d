// Routing's one condition language, in three truth values: what is not yet answered decides nothing (Kleene).
import { type Answer, type Condition, NOT_ASKED } from "./documents";

/** What is settled so far; an item that is missing here may still be answered, 97 says that it is not asked. */
export type Known = ReadonlyMap<string, Answer>;

/** Says whether `condition` holds, or undefined where an answer that is still missing decides. */
export function truth(condition: Condition, known: Known): boolean | undefined {
  if ("all" in condition) return least(condition.all.map((part) => truth(part, known)));
  if ("any" in condition) return negate(least(condition.any.map((part) => negate(truth(part, known)))));
  if ("not" in condition) return negate(truth(condition.not, known));
  const answer = known.get(condition.item);
  return answer === undefined ? undefined : leafHolds(condition, answer);
}

/** Says whether `condition` holds once everything is answered: an item without an answer was not asked. */
export function holds(condition: Condition, answers: Known): boolean {
  if ("all" in condition) return condition.all.every((part) => holds(part, answers));
  if ("any" in condition) return condition.any.some((part) => holds(part, answers));
  if ("not" in condition) return !holds(condition.not, answers);
  return leafHolds(condition, answers.get(condition.item) ?? NOT_ASKED);
}

/** Returns the code of a single answer; of a multi answer 0 where options were chosen, else its missing code. */
export const status = (answer: Answer): number => (typeof answer === "number" ? answer : 0);

type Leaf = Exclude<Condition, { all: unknown } | { any: unknown } | { not: unknown }>;

function leafHolds(leaf: Leaf, answer: Answer): boolean {
  if ("in" in leaf) return leaf.in.includes(status(answer));
  if ("has" in leaf) return typeof answer !== "number" && answer.some((code) => leaf.has.includes(code));
  const [low, high] = leaf.range;
  return typeof answer === "number" && answer !== NOT_ASKED && low <= answer && answer <= high;
}

function least(parts: readonly (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

const negate = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);
