// Builds an ItemView from the answer sheet and the texts.
import type { AnswerSheet } from "../answers/answer_sheet";
import { boundsOf, isOffered } from "../answers/choices";
import { SPACE } from "../answers/constants";
import { digitsOf } from "../answers/digits";
import { shownLines, shownOptions } from "../answers/orders";
import type { Path, Question } from "../answers/path";
import { itemText, piped } from "../answers/piping";
import type { Item } from "../documents/documents";
import type { Documents } from "../pinned/manifest";
import type { ItemView } from "./item_view";

type Actions = Pick<ItemView, "words" | "press" | "type" | "next" | "picture">;

/** Returns the data of the screen of `question`. */
export function itemView(
  sheet: AnswerSheet, path: Path, question: Question, documents: Documents, actions: Actions,
): ItemView {
  const { texts, thresholds } = documents;
  const item = question.items[0] as Item;
  const chosen = sheet.given.get(item.id);
  const text = itemText(texts, item.id, path.effective);
  const group = question.group && texts.groups?.[question.group.id];
  const hint = texts.hints?.[question.group?.id ?? item.id] ?? "";
  const ranking = question.group?.kind === "ranking";
  const threshold = thresholds[item.id];
  const phrase = documents.questionnaire.items.find(({ specifies }) => specifies === item.id);
  const own = (one: Item): ItemView => itemView(sheet, path, { id: one.id, items: [one], group: undefined }, documents, actions);
  return {
    ...actions, item, text, texts, chosen,
    title: group ? piped(group, texts, path.effective) : text.text,
    hint: piped(hint, texts, path.effective),
    options: shownOptions(item, sheet.orders, chosen)
      .filter((option) => isOffered(item, option, path.effective)),
    lines: shownLines(item, sheet.orders, chosen).map((index) => text.lines?.[index] ?? ""),
    ranks: ranking ? sheet.ranks(question) : [],
    rankCount: ranking ? question.items.length : 0,
    typed: sheet.typed(item),
    chance: threshold === undefined ? 0 : 1 - threshold / SPACE,
    specify: phrase ? { view: own(phrase), code: specifiedCode(phrase) } : null,
  };
}

/** Returns the one code that the condition of a phrase names (as survey/questionnaire/items.py). */
function specifiedCode({ ask_if }: Item): number {
  const leaf = ask_if as { in?: number[]; has?: number[] };
  return (leaf.in ?? leaf.has ?? [])[0] as number;
}

/** Returns the numbers in a fault's message. */
export function faultValues(item: Item): Record<string, number | string> {
  if (item.type !== "number") return { words: item.words ?? 0, length: item.length ?? 0 };
  const [low, high] = boundsOf(item).map(digitsOf) as [string, string];
  return { low, high };
}
