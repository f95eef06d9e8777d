// The answers so far and where they lead: the form, what is asked, what comes next, what is shown in which order.
import { NOT_ASKED } from "../documents/constants";
import type { Answer, Group, Item, Questionnaire } from "../documents/documents";
import { holds, type Known, truth } from "./conditions";
import type { Orders } from "./orders";

/** What was chosen, also off the present path, so that going back and forth loses nothing. */
export type Given = Map<string, Answer>;

export interface Path {
  form: string;
  /** The items that are asked for certain, in the questionnaire's order. */
  asked: Item[];
  /** How many more may be asked, depending on answers still missing. */
  maybe: number;
  /** The effective answers: what was given on the path, 97 off it, nothing where still to be answered. */
  known: Known;
}

/** What one screen asks: one item, or all places of a ranking. */
export interface Stop {
  id: string;
  items: Item[];
  /** The grid that the item is a row of, or the ranking. */
  group: Group | undefined;
}

/** Returns the path that `given` leads along: the first form that its own answers lead back to. */
export function pathOf(questionnaire: Questionnaire, given: ReadonlyMap<string, Answer>): Path {
  const paths = questionnaire.forms.map((form) => walk(questionnaire, form.id, given));
  return paths.find((path) => formOf(questionnaire, path.known) === path.form) ?? (paths[paths.length - 1] as Path);
}

/** Returns the id of the form that `answers` give: the first whose `when` holds. */
export function formOf(questionnaire: Questionnaire, answers: Known): string {
  const form = questionnaire.forms.find(({ when }) => !when || truth(when, answers) === true);
  return (form ?? (questionnaire.forms[questionnaire.forms.length - 1] as { id: string })).id;
}

/** Says whether `item` is asked in `form` after `answers`, once everything is answered. */
export const isAsked = (item: Item, form: string, answers: Known): boolean =>
  item.forms.includes(form) && (!item.ask_if || holds(item.ask_if, answers));

/** Returns the screens of the path in the order in which this phone shows them. */
export function stopsOf({ groups = [] }: Questionnaire, path: Path, orders: Orders): Stop[] {
  const stops: Stop[] = [];
  for (const item of orders.items.filter((one) => path.asked.includes(one))) {
    const group = groups.find(({ items }) => items.includes(item.id));
    const last = stops[stops.length - 1];
    if (group?.kind === "ranking" && last?.group === group) last.items.push(item);
    else stops.push({ id: item.id, items: [item], group });
  }
  return stops;
}

/** Returns the stop before or behind the stop `id`; without one, the first or the last. */
export function neighbour(stops: readonly Stop[], id: string | undefined, step: 1 | -1): Stop | undefined {
  const at = id === undefined ? (step === 1 ? -1 : stops.length) : stops.findIndex((stop) => stop.id === id);
  return stops[at + step];
}

/** Says whether everything that a stop asks has an answer; a note asks nothing. */
export const isAnswered = (stop: Stop, given: ReadonlyMap<string, Answer>): boolean =>
  stop.items.every((item) => item.type === "note" || given.has(item.id));

function walk(questionnaire: Questionnaire, form: string, given: ReadonlyMap<string, Answer>): Path {
  const known = new Map<string, Answer>();
  const path = { form, asked: [] as Item[], maybe: 0, known };
  for (const item of questionnaire.items) {
    const asks = item.forms.includes(form) && (item.ask_if ? truth(item.ask_if, known) : true);
    if (asks === undefined) path.maybe++;
    else if (asks) take(path, item, given.get(item.id), known);
    else known.set(item.id, NOT_ASKED);
  }
  return path;
}

function take(path: { asked: Item[] }, item: Item, answer: Answer | undefined, known: Map<string, Answer>): void {
  path.asked.push(item);
  if (answer !== undefined) known.set(item.id, answer);
}
