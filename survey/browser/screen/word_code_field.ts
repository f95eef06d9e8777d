// A field for a word code, which shows faults of the typed words and suggests the nearest words of the list.
import { readWordCode, type WordCodeFault, wordsIn } from "../sealing/typed_word_code";
import type { WordCode } from "../sealing/word_code";
import { bringIntoView, button, make, paragraph } from "./dom";

/** The messages about faults, in the language of the page. */
export interface WordCodeTexts {
  count(n: number): string;
  unknown(n: number): string;
  suggestions: string;
}

export interface WordCodeField {
  field: HTMLTextAreaElement;
  /** Shows faults; whoever uses the field may show others there. */
  messages: HTMLElement;
  /** Returns the code in the field, or null after showing its fault. */
  read(): WordCode | null;
}

export function wordCodeField(texts: WordCodeTexts): WordCodeField {
  const field = make("textarea", {
    id: "code", rows: "3", autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false",
    translate: "no", "aria-describedby": "said",
  });
  const messages = make("div", { id: "said", role: "alert" });
  const read = (): WordCode | null => {
    messages.textContent = "";
    const code = readWordCode(field.value);
    if (!("count" in code || "unknown" in code)) return code;
    showFault(texts, code, field, messages);
    field.focus({ preventScroll: true });
    bringIntoView(field, messages);
    return null;
  };
  return { field, messages, read };
}

/** Shows how many words are missing, or names the word that is not in the list and offers the nearest ones. */
function showFault(
  texts: WordCodeTexts, fault: WordCodeFault, field: HTMLTextAreaElement, messages: HTMLElement,
): void {
  if ("count" in fault) return messages.append(paragraph(texts.count(fault.count)));
  messages.append(paragraph(texts.unknown(fault.unknown)));
  if (fault.near.length === 0) return;
  const buttons = fault.near.map((word) => button("near", word, "plain", () => {
    const typed = wordsIn(field.value);
    typed[fault.unknown - 1] = word;
    field.value = typed.join(" ");
    messages.textContent = "";
    field.focus();
  }, { translate: "no" }));
  messages.append(paragraph(texts.suggestions), make("div", { class: "others" }, ...buttons));
}
