// The explanation of local randomisation: one sentence and a folded picture of ten phones.
import type { Words } from "../documents/interface_texts";
import { make, paragraph } from "./dom";
import { folded } from "./screens";

const PHONES = 10;
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 26;
const HEIGHT = 44;
const GAP = 8;

/** Returns the sentence and the folded picture; `chance` is the share of answers that are drawn. */
export function chanceNote(words: Words, chance: number): HTMLElement[] {
  const drawn = Math.min(PHONES - 1, Math.max(1, Math.round(chance * PHONES)));
  const caption = words("chance-picture", { n: drawn });
  const key = make("p", { class: "key", "aria-hidden": "true" },
    sample(false, words("chance-true")), sample(true, words("chance-drawn")));
  return [
    paragraph(words("chance"), "chance"),
    folded(words("chance-more"), picture(drawn), key, paragraph(caption), paragraph(words("chance-why"))),
  ];
}

/** Ten phones in two rows; those that send a drawn answer are mixed with the others. */
function picture(drawn: number): HTMLElement {
  const frame = make("div", { class: "phones", "aria-hidden": "true" });
  const all = element("svg", { viewBox: `0 0 ${5 * (WIDTH + GAP) - GAP} ${2 * (HEIGHT + GAP) - GAP}`, class: "ten" });
  for (let at = 0; at < PHONES; at++) {
    const [x, y] = [(at % 5) * (WIDTH + GAP), Math.floor(at / 5) * (HEIGHT + GAP)];
    const group = element("g", { transform: `translate(${x} ${y})` });
    group.append(...phone(Math.floor(((at + 1) * drawn) / PHONES) > Math.floor((at * drawn) / PHONES)));
    all.append(group);
  }
  frame.append(all);
  return frame;
}

function sample(drawn: boolean, label: string): HTMLElement {
  const image = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "one" });
  image.append(...phone(drawn));
  return make("span", {}, image, label);
}

/** A phone with a tick, or with the five of a die. */
function phone(drawn: boolean): Element[] {
  const [width, height] = [String(WIDTH - 2), String(HEIGHT - 2)];
  const body = element("rect", { x: "1", y: "1", width, height, rx: "4", class: "body" });
  if (!drawn) return [body, element("path", { d: "M7 22l5 5 8-10", class: "tick" })];
  const die = element("rect", { x: "5", y: "14", width: "16", height: "16", rx: "3", class: "die" });
  const dots = [[9, 18], [17, 18], [13, 22], [9, 26], [17, 26]].map(([x, y]) =>
    element("circle", { cx: String(x), cy: String(y), r: "1.6", class: "dot" }));
  return [body, die, ...dots];
}

function element(name: string, attributes: Readonly<Record<string, string>>): Element {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
