// Number field: a whole number in the digits of any script, with or without its unit, converted to its band on the phone.
import { bandOf, boundsOf } from "../answers/choices";
import { digitsOf, numberOf, withoutUnit } from "../answers/digits";
import { make } from "./dom";
import { faultLine, onInput, textField } from "./fields";
import type { ItemView } from "./item_view";

export function numberField(view: ItemView): HTMLElement[] {
  const [low, high] = boundsOf(view.item).map(digitsOf) as [string, string];
  const hint = make("p", { class: "quiet", id: "hint" }, view.words("number-bounds", { low, high }));
  const sent = make("p", { class: "quiet", id: "sent", role: "status" }, sentLine(view, view.typed[0] ?? ""));
  // A number runs from left to right in every language, its sign too.
  // The keys of digits have no minus on phones of Apple; among those of text there is one.
  const below = boundsOf(view.item)[0] < 0;
  const attributes = { inputmode: below ? "text" : "numeric", class: "short", dir: "ltr", "aria-labelledby": "title row" };
  const field = textField(view.typed[0] ?? "", attributes);
  onInput(field, () => {
    const typed = withoutUnit(field.value, view.text.units);
    view.type([typed]);
    sent.textContent = sentLine(view, typed);
  }, view.next);
  return [hint, field, faultLine(), sent];
}

/** Shows the band that is sent instead of the number; nothing where each number is its own code. */
function sentLine(view: ItemView, typed: string): string {
  const value = numberOf(typed);
  const option = value === null ? undefined : view.item.options.find(({ code }) => code === bandOf(view.item, value));
  const label = option && view.text.options[option.code];
  return option && label && !option.end && option.from !== option.to ? view.words("sent-as", { label }) : "";
}
