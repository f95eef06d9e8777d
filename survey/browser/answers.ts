// The answers so far and where they lead: the form, what is asked, what comes next, what is shown in which order.
import { holds, type Known, truth } from "./conditions";
import { type Answer, type Item, NOT_ASKED, type Option, type Questionnaire } from "./documents";
import { below, type Draw, draw32, shuffled } from "./random";

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

/** Orders drawn once per interview; they stay the same when going back and are never sent. */
export interface Orders {
  items: Item[];
  options: Map<string, Option[]>;
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

/** Returns the neighbour of the item `id` on the path in the drawn order, or undefined at the path's end. */
export function neighbour(path: Path, orders: Orders, id: string | undefined, step: 1 | -1): Item | undefined {
  const shown = inOrder(path, orders);
  const at = id === undefined ? (step === 1 ? -1 : shown.length) : shown.findIndex((item) => item.id === id);
  return shown[at + step];
}

/** Returns the items asked on the path in the order in which this phone shows them. */
export const inOrder = (path: Path, orders: Orders): Item[] => orders.items.filter((item) => path.asked.includes(item));

/** Draws the orders of one interview. */
export function drawOrders(questionnaire: Questionnaire, draw: Draw = draw32): Orders {
  const options = new Map<string, Option[]>();
  for (const item of questionnaire.items) {
    options.set(item.id, item.shuffle ? optionOrder(item.options, draw) : item.options);
  }
  return { items: swapped(questionnaire, draw), options };
}

/** Shuffles the options, but for those that keep their place at the end. */
function optionOrder(options: readonly Option[], draw: Draw): Option[] {
  const free = options.filter((option) => !option.last);
  return [...shuffled(free, draw), ...options.filter((option) => option.last)];
}

function swapped({ items, pairs }: Questionnaire, draw: Draw): Item[] {
  const out = items.slice();
  for (const [first, second] of pairs) {
    if (below(2, draw) === 0) continue;
    const [a, b] = [first, second].map((id) => out.findIndex((item) => item.id === id)) as [number, number];
    [out[a], out[b]] = [out[b] as Item, out[a] as Item];
  }
  return out;
}

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

/** Returns a multi item's choice after pressing `code`: options add up to the cap, a missing code stands alone. */
export function toggled(item: Item, chosen: Answer | undefined, code: number): Answer | undefined | "full" {
  if (item.missing.includes(code)) return chosen === code ? undefined : code;
  const codes = Array.isArray(chosen) ? (chosen as readonly number[]) : [];
  if (codes.includes(code)) return codes.length === 1 ? undefined : codes.filter((other) => other !== code);
  return codes.length >= capOf(item) ? "full" : [...codes, code];
}

/** Returns the most options that one answer to a multi item may hold. */
export const capOf = (item: Item): number => item.cap ?? item.options.length;
