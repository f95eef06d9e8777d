// One question's screen: its parts by type, its missing codes, and the note on chance where it is randomised.
import { isChosen } from "../answers/choices";
import { NONE_OF_THESE } from "../documents/constants";
import { type Answer, capOf } from "../documents/documents";
import { chanceNote } from "./chance";
import { button, make, paragraph } from "./dom";
import { dateFields } from "./field_date";
import { numberField } from "./field_number";
import { phraseFields, specifyFields } from "./field_phrase";
import { answerButton, type ItemView } from "./item_view";
import { pictureOptions } from "./pictures";
import { countOptions, scaleOptions } from "./scale";

/** Returns whether answering may take more than one press, so that Next is shown from the start. */
export const needsNext = ({ item: { type, options }, rankCount, specify }: ItemView): boolean =>
  rankCount > 0 || specify !== null || !["single", "scale", "picture", "list"].includes(type) || options.some(({ end }) => end);

/** Returns the elements under the question's heading. */
export function itemBody(view: ItemView): HTMLElement[] {
  const chance = view.chance > 0 ? chanceNote(view.words, view.chance) : [];
  // A note consists of its heading; the mark lets the stylesheet format it as text.
  if (view.item.type === "note") return [make("div", { class: "aside" })];
  const hint = view.hint ? [make("p", { id: "more", class: "quiet" }, view.hint)] : [];
  const named = { role: "group", "aria-labelledby": "title row", "aria-describedby": view.hint ? "more" : false };
  return [...hint, ...chance, ...hints(view), make("div", { class: "choice", ...named },
    ...answerParts(view), ...missing(view, false))];
}

function answerParts(view: ItemView): HTMLElement[] {
  if (view.rankCount > 0) return view.options.map(({ code }) => rankButton(view, code));
  const { type } = view.item;
  switch (type) {
    case "number": return numberField(view);
    case "date": return dateFields(view);
    case "phrase": return phraseFields(view);
    case "picture": return pictureOptions(view);
    case "scale": return scaleOptions(view);
    case "list": return countOptions(view);
    default: return optionButtons(view);
  }
}

function optionButtons(view: ItemView): HTMLElement[] {
  const { chosen, item, specify } = view;
  const parts: HTMLElement[] = [];
  for (const { code } of view.options) {
    parts.push(answerButton(view, code, view.text.options[code] ?? "", item.type));
    if (specify?.code === code) parts.push(specifyFields(specify.view, isChosen(chosen, code)));
  }
  return parts;
}

function hints({ item, words, rankCount }: ItemView): HTMLElement[] {
  if (rankCount > 0) return [paragraph(words("rank-how", { n: rankCount }), "quiet")];
  const capped = item.type === "multi" && capOf(item) < item.options.length;
  return capped ? [paragraph(words("choose-up-to", { n: capOf(item) }), "quiet")] : [];
}

/** The ways to give no answer ("I don't know", "I don't want to answer"), which stay in view in the bottom bar. */
export const skipButtons = (view: ItemView): HTMLElement[] => missing(view, true);

/** Missing codes: "none of these" is among the options, the others are ways to give no answer. */
const missing = (view: ItemView, light: boolean): HTMLElement[] =>
  view.item.missing.filter((code) => (code !== NONE_OF_THESE) === light).map((code) =>
    answerButton(view, code, view.texts.missing[code] ?? "", light ? "light" : kindOf(view)));

const kindOf = ({ item }: ItemView): string => (item.type === "multi" ? "multi" : "single");

function rankButton(view: ItemView, code: number): HTMLElement {
  const rank = view.ranks.indexOf(code) + 1;
  const element = button("answer", "", "rank", () => view.press(code), {
    "data-code": String(code), "aria-pressed": String(rank > 0),
  });
  element.append(make("span", { class: "place" }, rank > 0 ? String(rank) : ""), view.text.options[code] ?? "");
  return element;
}

/** Marks what is chosen on the present item screen, without building it again. */
export function markChosen(chosen: Answer | undefined, ranks: readonly number[] = []): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-code]")) {
    const code = Number(element.dataset.code);
    const rank = ranks.indexOf(code) + 1;
    element.setAttribute("aria-pressed", String(rank > 0 || isChosen(chosen, code)));
    const mark = element.querySelector(".place");
    if (mark) mark.textContent = rank > 0 ? String(rank) : "";
  }
}
