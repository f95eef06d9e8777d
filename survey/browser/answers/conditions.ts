// Routing's one condition language, in three truth values: what is not yet answered decides nothing (Kleene).
import { NOT_ASKED } from "../documents/constants";
import type { Answer, Condition } from "../documents/documents";

/** What is settled so far; an item that is missing here may still be answered, 97 says that it is not asked. */
export type Known = ReadonlyMap<string, Answer>;

type Truth = boolean | undefined;

/** Says whether `condition` holds, or undefined where an answer that is still missing decides. */
export function truth(condition: Condition, known: Known): Truth {
  if ("all" in condition) return least(condition.all.map((part) => truth(part, known)));
  if ("any" in condition) return negate(least(condition.any.map((part) => negate(truth(part, known)))));
  if ("not" in condition) return negate(truth(condition.not, known));
  if ("count" in condition) return counted(condition.count.map((part) => truth(part, known)), condition.range);
  const answer = known.get(condition.item);
  return answer === undefined ? undefined : leafHolds(condition, answer);
}

/** Says whether `condition` holds once everything is answered: an item without an answer was not asked. */
export function holds(condition: Condition, answers: Known): boolean {
  if ("all" in condition) return condition.all.every((part) => holds(part, answers));
  if ("any" in condition) return condition.any.some((part) => holds(part, answers));
  if ("not" in condition) return !holds(condition.not, answers);
  if ("count" in condition) {
    return within(condition.count.filter((part) => holds(part, answers)).length, condition.range);
  }
  return leafHolds(condition, answers.get(condition.item) ?? NOT_ASKED);
}

/** Returns the code of an answer of one code; of another 0 where it holds options or phrases, else its missing code. */
export const status = (answer: Answer): number => (typeof answer === "number" ? answer : 0);

type Leaf = Extract<Condition, { item: string }>;

function leafHolds(leaf: Leaf, answer: Answer): boolean {
  if ("in" in leaf) return leaf.in.includes(status(answer));
  const codes: readonly unknown[] = typeof answer === "number" ? [] : answer;
  if ("has" in leaf) return leaf.has.some((code) => codes.includes(code));
  if ("chosen" in leaf) return typeof answer !== "number" && within(codes.length, leaf.chosen);
  return typeof answer === "number" && answer !== NOT_ASKED && within(answer, leaf.range);
}

/** How many of `parts` hold: settled as soon as what is open can no longer change it. */
function counted(parts: readonly Truth[], range: readonly [number, number]): Truth {
  const least_ = parts.filter((part) => part === true).length;
  const most = least_ + parts.filter((part) => part === undefined).length;
  if (most < range[0] || least_ > range[1]) return false;
  return within(least_, range) && within(most, range) ? true : undefined;
}

const within = (value: number, [low, high]: readonly [number, number]): boolean => low <= value && value <= high;

function least(parts: readonly Truth[]): Truth {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

const negate = (value: Truth): Truth => (value === undefined ? undefined : !value);
