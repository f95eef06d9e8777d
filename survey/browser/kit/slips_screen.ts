// The part of the kit's start screen for slips: how many there are, the pass phrase, and a field for further codes.
import { button, choice, make, paragraph } from "../screen/dom";
import type { Typed } from "./slip_desk";
import { MOST_SLIPS, SHORTEST_PHRASE, type SlipCounts } from "./slips";

export interface SlipsState {
  counts: SlipCounts;
  typed: Typed;
}

export interface SlipsActions {
  unlock(): void;
  fetch(): void;
}

type Words = (key: string, n?: number) => string;

/** Returns why no interview may begin now, as a key of kit.po; null where one may. */
export function heldBack({ left, open, early }: SlipCounts): string | null {
  if (left === 0) return "slips-none";
  if (early) return "slips-tomorrow";
  return open ? null : "slips-locked";
}

/** Returns the number of slips, the field for the pass phrase while they are locked, and the field for codes. */
export function slipsPart({ counts, typed }: SlipsState, words: Words, actions: SlipsActions): HTMLElement[] {
  const number = make("p", { "data-count": "slips" }, words("slips", counts.left));
  const unlock = button("slips-open", words("slips-open"), "plain", actions.unlock);
  const locked = [
    make("label", { for: "phrase" }, words("slips-phrase", SHORTEST_PHRASE)), phraseField(typed),
    ...(counts.left > 0 ? [choice(unlock)] : []),
  ];
  const fetch = button("slips-fetch", words("slips-fetch"), "plain", actions.fetch);
  const label = make("label", { for: "codes" }, words("slips-codes", MOST_SLIPS));
  const how = paragraph(words("slips-how"), "quiet");
  return [number, ...(counts.open ? [] : locked), label, codesField(typed), how, choice(fetch)];
}

function phraseField(typed: Typed): HTMLElement {
  const field = make("input", { id: "phrase", type: "password", autocomplete: "off", spellcheck: "false" });
  field.value = typed.phrase;
  field.addEventListener("input", () => { typed.phrase = field.value; });
  return field;
}

function codesField(typed: Typed): HTMLElement {
  const field = make("textarea", {
    id: "codes", class: "slip", rows: "4", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    translate: "no", dir: "ltr",
  });
  field.value = typed.codes;
  field.addEventListener("input", () => { typed.codes = field.value; });
  return field;
}
