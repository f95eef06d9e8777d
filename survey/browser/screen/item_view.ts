// The data of an item's screen: its texts, current answers and event handlers.
import { isChosen } from "../answers/choices";
import type { Answer, Item, ItemText, Option, Texts } from "../documents/documents";
import type { Words } from "../documents/interface_texts";
import { button } from "./dom";

export interface ItemView {
  /** The item; of a ranking that of the first rank. */
  item: Item;
  /** The question: the item's text; of a grid or a ranking the group's text. */
  title: string;
  /** The second line under the question; empty where it has none. */
  hint: string;
  /** The item's texts with earlier answers piped in. */
  text: ItemText;
  texts: Texts;
  words: Words;
  /** The options in the order drawn on this phone; of a list experiment those of its arm. */
  options: readonly Option[];
  /** Of a list experiment: the lines shown. */
  lines: readonly string[];
  chosen: Answer | undefined;
  /** Of a ranking: the codes so far, first choice first, and how many ranks there are. */
  ranks: readonly number[];
  rankCount: number;
  /** The text of the fields, as typed. */
  typed: readonly string[];
  /** The share of answers that this phone would draw by chance, 0 where the item is not randomised. */
  chance: number;
  /** The phrase that one of the options has of its own, and the option's code. */
  specify: { view: ItemView; code: number } | null;
  press: (code: number) => void;
  type: (typed: string[], item?: Item) => void;
  next: () => void;
  /** Resolves to a picture whose hash was checked, or to null. */
  picture: (hash: string) => Promise<Blob | null>;
}

/** Returns the button of one code; `data-code` names it whatever the language of its label. */
export function answerButton(view: ItemView, code: number, label: string, className: string): HTMLButtonElement {
  return button("answer", label, className, () => view.press(code), {
    "data-code": String(code), "aria-pressed": String(isChosen(view.chosen, code)),
  });
}
