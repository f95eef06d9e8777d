// The answer sheet of one interview, in memory only: what was given and typed, and what a press makes of it.
import type { Answer, Item, Questionnaire } from "../documents/documents";
import type { Key } from "../documents/words";
import { bandOf, numberOf, phrasesOf, ranked, toggled } from "./choices";
import type { Draft } from "./draft";
import { drawOrders, type Orders } from "./orders";
import { type Given, type Path, pathOf, type Stop, stopsOf } from "./path";

/** After a press: go on, stay, the cap is reached, or the interview ends with this text. */
export type Pressed = "next" | "stay" | "full" | { end: string };

/** What typed words mean: an answer, a fault to be said, or nothing yet. */
interface Read {
  answer?: Answer;
  fault?: Key;
}

export class Sheet {
  readonly given: Given = new Map();
  readonly orders: Orders;
  private readonly words = new Map<string, readonly string[]>();
  private readonly questionnaire: Questionnaire;

  constructor(questionnaire: Questionnaire, draft?: Draft) {
    this.questionnaire = questionnaire;
    this.orders = drawOrders(questionnaire);
    for (const [id, answer] of draft?.given ?? []) this.given.set(id, answer);
    for (const [id, typed] of draft?.typed ?? []) this.words.set(id, typed);
  }

  get path(): Path {
    return pathOf(this.questionnaire, this.given);
  }

  stops(path: Path): Stop[] {
    return stopsOf(this.questionnaire, path, this.orders);
  }

  typed(item: Item): readonly string[] {
    return this.words.get(item.id) ?? [];
  }

  /** The codes of a ranking so far, first choice first. */
  ranks({ items }: Stop): number[] {
    const codes = items.map(({ id }) => this.given.get(id));
    return codes.filter((code): code is number => typeof code === "number" && !items[0]?.missing.includes(code));
  }

  press(stop: Stop, code: number): Pressed {
    const item = stop.items[0] as Item;
    if (stop.group?.kind === "ranking") return this.rank(stop, item, code);
    const end = item.options.find((option) => option.code === code)?.end;
    if (end) return { end };
    if (item.type === "multi") return this.toggle(item, code);
    this.words.delete(item.id);
    this.given.set(item.id, code);
    return "next";
  }

  /** Takes what stands in an item's fields; until it is an answer there is none, and what ends the interview is none. */
  type(item: Item, typed: readonly string[]): void {
    this.words.set(item.id, typed);
    this.set(item.id, this.ending(item) === undefined ? read(item, typed).answer : undefined);
  }

  /** The ending that what stands in an item's fields leads to. */
  ending(item: Item): string | undefined {
    const { answer } = read(item, this.typed(item));
    return item.options.find(({ code }) => code === answer)?.end;
  }

  /** Forgets what was begun at a stop and is no answer yet. */
  drop({ items }: Stop): void {
    for (const { id } of items) {
      this.given.delete(id);
      this.words.delete(id);
    }
  }

  /** What is wrong with what stands in an item's fields. */
  fault(item: Item): Key | undefined {
    return read(item, this.typed(item)).fault;
  }

  draft(): Draft {
    return { given: [...this.given], typed: [...this.words].map(([id, typed]) => [id, [...typed]]) };
  }

  forget(): void {
    this.given.clear();
    this.words.clear();
  }

  private toggle(item: Item, code: number): Pressed {
    const chosen = toggled(item, this.given.get(item.id), code);
    if (chosen === "full") return "full";
    this.set(item.id, chosen);
    return "stay";
  }

  private rank(stop: Stop, item: Item, code: number): Pressed {
    const refused = item.missing.includes(code);
    const codes = refused ? stop.items.map(() => code) : ranked(stop.items.length, this.ranks(stop), code);
    if (codes === "full") return "full";
    stop.items.forEach(({ id }, place) => this.set(id, codes[place]));
    return refused ? "next" : "stay";
  }

  private set(id: string, answer: Answer | undefined): void {
    if (answer === undefined) this.given.delete(id);
    else this.given.set(id, answer);
  }
}

function read(item: Item, typed: readonly string[]): Read {
  if (typed.every((text) => text.trim() === "")) return {};
  switch (item.type) {
    case "number": return readNumber(item, typed[0] ?? "");
    case "date": return readDate(item, typed);
    case "phrase": return readPhrases(item, typed);
    default: return {};
  }
}

function readNumber(item: Item, text: string): Read {
  const value = numberOf(text);
  if (value === null) return { fault: "number-whole" };
  const answer = bandOf(item, value);
  return answer === undefined ? { fault: "number-range" } : { answer };
}

function readDate(item: Item, [year = "", month = ""]: readonly string[]): Read {
  if (year === "" || (item.unit === "month" && month === "")) return { fault: "date-first" };
  const answer = bandOf(item, item.unit === "month" ? 100 * Number(year) + Number(month) : Number(year));
  return answer === undefined ? { fault: "date-range" } : { answer };
}

function readPhrases(item: Item, typed: readonly string[]): Read {
  const { phrases, fault } = phrasesOf(item, typed);
  if (fault) return { fault: `phrase-${fault}` };
  return phrases.length > 0 ? { answer: phrases } : {};
}
