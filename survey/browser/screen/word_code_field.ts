// A field in which eight words are typed: what is wrong with them is named, and the nearest words are offered.
import { type Fault, readCode, split } from "../sealing/typed_word_code";
import type { Code } from "../sealing/word_code";
import { button, make, paragraph } from "./dom";

/** What is said of a fault, in the language of the page. */
export interface Sayings {
  count(n: number): string;
  unknown(n: number): string;
  near: string;
}

export interface CodeField {
  field: HTMLTextAreaElement;
  /** Where faults are told; whoever asks may tell others there. */
  said: HTMLElement;
  /** Returns the code that stands there, or null after saying what is wrong with it. */
  read(): Code | null;
}

export function codeField(sayings: Sayings): CodeField {
  const field = make("textarea", {
    id: "code", rows: "3", autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false",
    translate: "no", "aria-describedby": "said",
  });
  const said = make("div", { id: "said", role: "alert" });
  const read = (): Code | null => {
    said.textContent = "";
    const code = readCode(field.value);
    if (!("count" in code || "unknown" in code)) return code;
    say(sayings, code, field, said);
    return null;
  };
  return { field, said, read };
}

/** Says how many words are missing, or names the word that no code has and offers the nearest ones in its place. */
function say(sayings: Sayings, fault: Fault, field: HTMLTextAreaElement, said: HTMLElement): void {
  if ("count" in fault) return said.append(paragraph(sayings.count(fault.count)));
  said.append(paragraph(sayings.unknown(fault.unknown)));
  if (fault.near.length === 0) return;
  const near = fault.near.map((word) => button("near", word, "plain", () => {
    const typed = split(field.value);
    typed[fault.unknown - 1] = word;
    field.value = typed.join(" ");
    said.textContent = "";
    field.focus();
  }, { translate: "no" }));
  said.append(paragraph(sayings.near), make("div", { class: "others" }, ...near));
}
