// Phrase fields: a few short open answers, shown in the normalised spelling that is sent.
import { phrasesOf } from "../answers/choices";
import { bringIntoView, make, paragraph } from "./dom";
import { faultLine, onInput, textField } from "./fields";
import type { ItemView } from "./item_view";

export function phraseFields(view: ItemView): HTMLElement[] {
  const { item, words } = view;
  const { count = 0, length = 0, specifies } = item;
  const how = words(count === 1 ? "phrase-one" : "phrase-how", { count, words: item.words ?? 0, length });
  const hint = specifies && item.missing.length > 0 ? `${how}\n${words("phrase-empty")}` : how;
  const sent = make("p", { class: "quiet", id: "sent", role: "status" }, sentLine(view, view.typed));
  const fields = Array.from({ length: count }, (_, at) => textField(view.typed[at] ?? "", {
    "aria-label": specifies ? view.title : words("phrase-field", { n: at + 1 }), enterkeyhint: "next",
  }));
  fields.forEach((field, at) => onInput(field, () => {
    const typed = fields.map(({ value }) => value);
    view.type(typed, item);
    sent.textContent = sentLine(view, typed);
  }, () => (fields[at + 1] ? fields[at + 1]?.focus() : view.next())));
  return [
    make("p", { class: "quiet", id: "hint" }, hint), ...fields, faultLine(), sent,
    paragraph(words("phrase-names"), "caution"),
  ];
}

/** The phrase of one option, below it: out of sight until the option is chosen. */
export const specifyFields = (view: ItemView, shown: boolean): HTMLElement => make(
  "div", { class: "specify", hidden: !shown },
  make("p", { "data-item": view.item.id }, view.title), view.hint !== "" && paragraph(view.hint, "quiet"), ...phraseFields(view),
);

/** Shows an option's phrase once the option is chosen, and moves the focus there; hides it with another choice. */
export function showSpecify(shown: boolean): void {
  const part = document.querySelector<HTMLElement>(".specify");
  const field = part?.querySelector("input");
  if (!part || !field || part.hidden !== shown) return;
  part.hidden = !shown;
  if (!shown) return;
  field.focus({ preventScroll: true });
  bringIntoView(field, part);
}

/** Nothing while a phrase is refused: then none is sent. */
function sentLine(view: ItemView, typed: readonly string[]): string {
  const { phrases, fault } = phrasesOf(view.item, typed);
  return phrases.length > 0 && !fault ? view.words("phrase-sent", { phrases: phrases.join(" / ") }) : "";
}
