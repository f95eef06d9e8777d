// Routing: from the answers so far to the form, the items asked and the order of the questions.
import { NOT_ASKED } from "../documents/constants";
import type { Answer, Group, Item, Questionnaire } from "../documents/documents";
import { type EffectiveAnswers, holds, truth } from "./conditions";
import type { Orders } from "./orders";

/** All answers, also those off the current path, so that they are kept when going back and forth. */
export type GivenAnswers = Map<string, Answer>;

export interface Path {
  form: string;
  /** The items that are certainly asked, in the questionnaire's order. */
  asked: Item[];
  /** How many more may be asked, depending on answers still missing. */
  undecided: number;
  /** The answers on the path; 97 for items off it, absent where still to be answered. */
  effective: EffectiveAnswers;
  /** The items whose answer breaks a check, and which; they are still to be answered. */
  broken: ReadonlyMap<string, number>;
}

/** The content of one screen: one item with the phrase of its chosen option, or all ranks of a ranking. */
export interface Question {
  id: string;
  items: Item[];
  /** The grid that the item is a row of, or the ranking. */
  group: Group | undefined;
}

/** Returns the path of `given`, with the first form whose own answers select it. */
export function pathOf(questionnaire: Questionnaire, given: ReadonlyMap<string, Answer>): Path {
  const paths = questionnaire.forms.map((form) => walk(questionnaire, form.id, given));
  return paths.find((path) => formOf(questionnaire, path.effective) === path.form) ?? (paths[paths.length - 1] as Path);
}

/** Returns the id of the form that `answers` give: the first whose `when` holds. */
export function formOf(questionnaire: Questionnaire, answers: EffectiveAnswers): string {
  const form = questionnaire.forms.find(({ when }) => !when || truth(when, answers) === true);
  return (form ?? (questionnaire.forms[questionnaire.forms.length - 1] as { id: string })).id;
}

/** Returns whether `item` is asked in `form`, given the answers of a complete interview. */
export const isAsked = (item: Item, form: string, answers: EffectiveAnswers): boolean =>
  item.forms.includes(form) && (!item.ask_if || holds(item.ask_if, answers));

/** Returns the questions of the path in the order in which this phone shows them. */
export function questionsOf({ groups = [] }: Questionnaire, path: Path, orders: Orders): Question[] {
  const questions: Question[] = [];
  for (const item of orders.items.filter((item) => path.asked.includes(item))) {
    const group = groups.find(({ items }) => items.includes(item.id));
    const last = questions[questions.length - 1];
    const host = questions.find(({ id }) => id === item.specifies);
    if (group?.kind === "ranking" && last?.group === group) last.items.push(item);
    else if (host) host.items.push(item);
    else questions.push({ id: item.id, items: [item], group });
  }
  return questions;
}

/** Returns the question before or after the question `id`; without `id`, the last or the first. */
export function neighbour(questions: readonly Question[], id: string | undefined, step: 1 | -1): Question | undefined {
  const outside = step === 1 ? -1 : questions.length;
  const at = id === undefined ? outside : questions.findIndex((question) => question.id === id);
  return questions[at + step];
}

/** Returns how much of the longest way that is still possible lies before the question at `at`, in percent. */
export function shareBehind(questions: readonly Question[], at: number, undecided: number): number {
  const asked = (some: readonly Question[]): number => some.filter(({ items }) => items[0]?.type !== "note").length;
  return Math.floor((100 * asked(questions.slice(0, at))) / (asked(questions) + undecided || 1));
}

/** Returns whether every item of a question has an answer that keeps its checks; notes need none. */
export const isAnswered = (question: Question, { effective }: Pick<Path, "effective">): boolean =>
  question.items.every((item) => item.type === "note" || effective.has(item.id));

/**
 * Returns the place of the first check that the answer to `item` breaks, given it and those before it; -1 where it breaks
 * none, or gives no answer. A check that depends on an answer still missing is not broken.
 */
export function brokenCheck({ id, checks = [], options }: Item, answers: EffectiveAnswers): number {
  const answer = answers.get(id);
  if (typeof answer === "number" && !options.some(({ code }) => code === answer)) return -1;
  return checks.findIndex((check) => truth(check, answers) === false);
}

function walk(questionnaire: Questionnaire, form: string, given: ReadonlyMap<string, Answer>): Path {
  const effective = new Map<string, Answer>();
  const path = { form, asked: [] as Item[], undecided: 0, effective, broken: new Map<string, number>() };
  for (const item of questionnaire.items) {
    const asks = item.forms.includes(form) && (item.ask_if ? truth(item.ask_if, effective) : true);
    if (asks === undefined) path.undecided += item.specifies ? 0 : 1;
    else if (asks) take(path, item, given.get(item.id));
    else effective.set(item.id, NOT_ASKED);
  }
  return path;
}

interface Walk {
  asked: Item[];
  effective: Map<string, Answer>;
  broken: Map<string, number>;
}

function take({ asked, effective, broken }: Walk, item: Item, answer: Answer | undefined): void {
  asked.push(item);
  if (answer === undefined) return;
  effective.set(item.id, answer);
  const check = brokenCheck(item, effective);
  if (check < 0) return;
  broken.set(item.id, check);
  effective.delete(item.id);
}
