// Phrase fields: a few short open answers, shown in the normalised spelling that is sent.
import { phrasesOf } from "../answers/choices";
import { make, paragraph } from "./dom";
import { faultLine, onInput, textField } from "./fields";
import type { ItemView } from "./item_view";

export function phraseFields(view: ItemView): HTMLElement[] {
  const { item, words } = view;
  const hint = words("phrase-how", { count: item.count ?? 0, words: item.words ?? 0, length: item.length ?? 0 });
  const sent = make("p", { class: "quiet", id: "sent", role: "status" }, sentLine(view, view.typed));
  const fields = Array.from({ length: item.count ?? 0 }, (_, at) =>
    textField(view.typed[at] ?? "", { "aria-label": words("phrase-field", { n: at + 1 }), enterkeyhint: "next" }));
  fields.forEach((field, at) => onInput(field, () => {
    const typed = fields.map(({ value }) => value);
    view.type(typed);
    sent.textContent = sentLine(view, typed);
  }, () => (fields[at + 1] ? fields[at + 1]?.focus() : view.next())));
  return [
    make("p", { class: "quiet", id: "hint" }, hint), ...fields, faultLine(), sent,
    paragraph(words("phrase-names"), "caution"),
  ];
}

function sentLine(view: ItemView, typed: readonly string[]): string {
  const { phrases } = phrasesOf(view.item, typed);
  return phrases.length > 0 ? view.words("phrase-sent", { phrases: phrases.join(" / ") }) : "";
}
