// Random draws made once per interview: orders of items, rows and options, and the arm of a list experiment.
import type { Answer, Group, Item, Option, Questionnaire } from "../documents/documents";
import { below, type Draw, draw32, shuffled } from "../documents/random";

/** They do not change when going back and are never sent; the code of a list experiment contains its arm. */
export interface Orders {
  items: Item[];
  options: Map<string, Option[]>;
  arms: Map<string, 0 | 1>;
}

/** Draws the orders of one interview. */
export function drawOrders(questionnaire: Questionnaire, draw: Draw = draw32): Orders {
  const { groups = [], items } = questionnaire;
  const options = new Map<string, Option[]>();
  for (const item of items) options.set(item.id, item.shuffle ? optionOrder(item.options, draw) : item.options);
  for (const group of groups) shareOptions(group, options, draw);
  const lists = items.filter(({ type }) => type === "list");
  const arms = new Map(lists.map((item) => [item.id, below(2, draw) as 0 | 1]));
  return { items: rowsShuffled(swapped(questionnaire, draw), groups, draw), options, arms };
}

/** Returns the options of `item` in their order on this phone; an answer from a draft keeps its arm. */
export function shownOptions(item: Item, orders: Orders, answer: Answer | undefined): readonly Option[] {
  const options = orders.options.get(item.id) ?? item.options;
  if (item.type !== "list") return options;
  const arm = armOf(item, orders, answer);
  return options.filter((option) => option.arm === arm);
}

/** Returns the indexes (from 0) of a list's lines that this phone shows: arm 0 is without the treatment lines. */
export function shownLines(item: Item, orders: Orders, answer: Answer | undefined): number[] {
  const indexes = Array.from({ length: item.lines ?? 0 }, (_, index) => index);
  // Treatment lines count from 1.
  return armOf(item, orders, answer) === 1 ? indexes : indexes.filter((index) => !item.treatment?.includes(index + 1));
}

const armOf = (item: Item, orders: Orders, answer: Answer | undefined): 0 | 1 =>
  item.options.find(({ code }) => code === answer)?.arm ?? orders.arms.get(item.id) ?? 0;

/** Shuffles the options except those fixed at the end. */
function optionOrder(options: readonly Option[], draw: Draw): Option[] {
  const free = options.filter((option) => !option.last);
  return [...shuffled(free, draw), ...options.filter((option) => option.last)];
}

/** One order for all rows of a grid, and for a ranking, whose `shuffle` is about its options. */
function shareOptions(group: Group, options: Map<string, Option[]>, draw: Draw): void {
  const first = options.get(group.items[0] as string) as Option[];
  const order = group.kind === "ranking" && group.shuffle ? optionOrder(first, draw) : first;
  for (const id of group.items) options.set(id, order);
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

function rowsShuffled(items: Item[], groups: readonly Group[], draw: Draw): Item[] {
  const out = items.slice();
  for (const group of groups.filter(({ kind, shuffle }) => kind === "grid" && shuffle)) {
    const first = out.findIndex(({ id }) => group.items.includes(id));
    out.splice(first, group.items.length, ...shuffled(out.slice(first, first + group.items.length), draw));
  }
  return out;
}
