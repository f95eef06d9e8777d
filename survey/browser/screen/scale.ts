// A row of numbered buttons: a scale with two end labels, or the count of a list experiment.
import { make, paragraph } from "./dom";
import { answerButton, type ItemView } from "./item_view";

/** Longer labels are shown in a column like other options. */
const SHORT = 3;
/** On a narrow phone a longer row is broken in two. */
const NARROW = 6;

export function scaleOptions(view: ItemView): HTMLElement[] {
  const labels = view.options.map(({ code }) => view.text.options[code] ?? String(code));
  const [low, high] = view.text.ends ?? ["", ""];
  if (labels.some((label) => label.length > SHORT)) {
    return view.options.map(({ code }, at) => answerButton(view, code, labels[at] as string, "single"));
  }
  const [first, last] = [labels[0] ?? "", labels[labels.length - 1] ?? ""];
  const ends = make("div", { class: "ends", "aria-hidden": "true" },
    make("span", {}, `${first} = ${low}`), make("span", {}, `${last} = ${high}`));
  const buttons = row(view, labels);
  // The buttons at both ends have the end labels for screen readers.
  buttons[0]?.setAttribute("aria-label", `${first}, ${low}`);
  buttons[buttons.length - 1]?.setAttribute("aria-label", `${last}, ${high}`);
  return [ends, rowOf(buttons)];
}

/** The lines of a list experiment and the buttons for their count; only the count is answered. */
export function countOptions(view: ItemView): HTMLElement[] {
  const lines = make("ul", { class: "lines" }, ...view.lines.map((line) => make("li", {}, line)));
  const counts = view.options.map(({ count }) => String(count));
  return [lines, paragraph(view.words("list-how"), "quiet"), rowOf(row(view, counts))];
}

const row = (view: ItemView, labels: readonly string[]): HTMLElement[] =>
  view.options.map(({ code }, at) => answerButton(view, code, labels[at] as string, "step"));

function rowOf(buttons: readonly HTMLElement[]): HTMLElement {
  const element = make("div", { class: "row" }, ...buttons);
  const n = buttons.length;
  // Set through the object model: the page's policy allows no style attribute.
  element.style.setProperty("--wide", String(n));
  element.style.setProperty("--narrow", String(n > NARROW ? Math.ceil(n / 2) : n));
  return element;
}
