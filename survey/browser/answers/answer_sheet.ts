// The answers of one interview, in memory only: answers, typed text, and the effect of each press.
import type { Answer, Item, Questionnaire } from "../documents/documents";
import type { InterfaceKey } from "../documents/interface_texts";
import { bandOf, isUnfit, phrasesOf, ranked, toggled } from "./choices";
import { numberOf } from "./digits";
import type { Draft } from "./draft";
import { drawOrders, type Orders } from "./orders";
import { type GivenAnswers, type Path, pathOf, type Question, questionsOf } from "./path";

/** After a press: go on, stay, the cap is reached, or the interview ends with this text. */
export type PressResult = "next" | "stay" | "full" | { end: string };

/** What is wrong with typed text: the key of its message, and which of the item's fields has it, from 0. */
export interface TypedFault {
  key: InterfaceKey;
  at: number;
}

/** What typed text means: an answer, a fault, or nothing yet. */
interface TypedInput {
  answer?: Answer;
  fault?: TypedFault;
}

export class AnswerSheet {
  readonly given: GivenAnswers = new Map();
  readonly orders: Orders;
  private readonly texts = new Map<string, readonly string[]>();
  private readonly questionnaire: Questionnaire;

  constructor(questionnaire: Questionnaire, draft?: Draft) {
    this.questionnaire = questionnaire;
    this.orders = drawOrders(questionnaire);
    for (const [id, answer] of draft?.given ?? []) this.given.set(id, answer);
    for (const [id, typed] of draft?.typed ?? []) this.texts.set(id, typed);
  }

  /** The path of the answers; those with an option that is not offered any more are forgotten first. */
  get path(): Path {
    const path = pathOf(this.questionnaire, this.given);
    const unfit = path.asked.find((item) => isUnfit(item, this.given.get(item.id), path.effective));
    return unfit && this.given.delete(unfit.id) ? this.path : path;
  }

  questions(path: Path): Question[] {
    return questionsOf(this.questionnaire, path, this.orders);
  }

  typed(item: Item): readonly string[] {
    return this.texts.get(item.id) ?? [];
  }

  /** The codes of a ranking so far, first choice first. */
  ranks({ items }: Question): number[] {
    const codes = items.map(({ id }) => this.given.get(id));
    return codes.filter((code): code is number => typeof code === "number" && !items[0]?.missing.includes(code));
  }

  press(question: Question, code: number): PressResult {
    const item = question.items[0] as Item;
    if (question.group?.kind === "ranking") return this.rank(question, item, code);
    const end = item.options.find((option) => option.code === code)?.end;
    if (end) {
      // It is never kept: a draft or Send must not go past it.
      this.discard(question);
      return { end };
    }
    if (item.type === "multi") return this.toggle(item, code);
    this.texts.delete(item.id);
    this.given.set(item.id, code);
    return this.specifies(item) ? "stay" : "next";
  }

  /** Returns the phrase of the option chosen of `item`, if that has one of its own. */
  specifies(item: Item): Item | undefined {
    return this.path.asked.find(({ specifies }) => specifies === item.id);
  }

  /** Takes the empty field of an option's phrase as its missing code, where it may stay empty. */
  passEmpty(item: Item): void {
    const phrase = this.specifies(item);
    const isEmpty = phrase && this.typed(phrase).every((text) => text.trim() === "");
    if (isEmpty) this.set(phrase.id, phrase.missing[0]);
  }

  /** Sets the text of an item's fields; the item gets an answer only where it is valid and ends no interview. */
  type(item: Item, typed: readonly string[]): void {
    this.texts.set(item.id, typed);
    this.set(item.id, this.ending(item) === undefined ? parseTyped(item, typed).answer : undefined);
  }

  /** Returns the ending that the text of an item's fields leads to, if any. */
  ending(item: Item): string | undefined {
    const { answer } = parseTyped(item, this.typed(item));
    return item.options.find(({ code }) => code === answer)?.end;
  }

  /** Deletes the incomplete input of a question. */
  discard({ items }: Question): void {
    for (const { id } of items) {
      this.given.delete(id);
      this.texts.delete(id);
    }
  }

  /** Returns the fault of the text of an item's fields, if any. */
  fault(item: Item): TypedFault | undefined {
    return parseTyped(item, this.typed(item)).fault;
  }

  draft(): Draft {
    return { given: [...this.given], typed: [...this.texts].map(([id, typed]) => [id, [...typed]]) };
  }

  forget(): void {
    this.given.clear();
    this.texts.clear();
  }

  private toggle(item: Item, code: number): PressResult {
    const chosen = toggled(item, this.given.get(item.id), code);
    if (chosen === "full") return "full";
    this.set(item.id, chosen);
    return "stay";
  }

  private rank(question: Question, item: Item, code: number): PressResult {
    const isMissing = item.missing.includes(code);
    const codes = isMissing ? question.items.map(() => code) : ranked(question.items.length, this.ranks(question), code);
    if (codes === "full") return "full";
    question.items.forEach(({ id }, index) => this.set(id, codes[index]));
    return isMissing ? "next" : "stay";
  }

  private set(id: string, answer: Answer | undefined): void {
    if (answer === undefined) this.given.delete(id);
    else this.given.set(id, answer);
  }
}

function parseTyped(item: Item, typed: readonly string[]): TypedInput {
  if (typed.every((text) => text.trim() === "")) return {};
  switch (item.type) {
    case "number": return parseNumber(item, typed[0] ?? "");
    case "date": return parseDate(item, typed);
    case "phrase": return parsePhrases(item, typed);
    default: return {};
  }
}

function parseNumber(item: Item, text: string): TypedInput {
  const value = numberOf(text);
  if (value === null) return faultAt("number-whole");
  const answer = bandOf(item, value);
  return answer === undefined ? faultAt("number-range") : { answer };
}

function parseDate(item: Item, [year = "", month = ""]: readonly string[]): TypedInput {
  if (year === "") return faultAt("date-first");
  if (item.unit === "month" && month === "") return faultAt("date-first", 1);
  const answer = bandOf(item, item.unit === "month" ? 100 * Number(year) + Number(month) : Number(year));
  return answer === undefined ? faultAt("date-range") : { answer };
}

function parsePhrases(item: Item, typed: readonly string[]): TypedInput {
  const { phrases, fault, at } = phrasesOf(item, typed);
  if (fault) return faultAt(`phrase-${fault}`, at);
  return phrases.length > 0 ? { answer: phrases } : {};
}

const faultAt = (key: InterfaceKey, at = 0): TypedInput => ({ fault: { key, at } });
