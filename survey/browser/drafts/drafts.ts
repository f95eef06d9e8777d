// The screens for saving a draft and resuming one; draft_buttons.ts loads them when a button is pressed.
import type { Draft } from "../answers/draft";
import type { Words } from "../documents/interface_texts";
import { button, choice, make, paragraph } from "../screen/dom";
import { type WordCodeField, wordCodeField } from "../screen/word_code_field";
import { wordsOfCode } from "../sealing/typed_word_code";
import { drawCode } from "../sealing/word_code";
import { decryptDraft, type DraftContext, encryptDraft } from "./draft_lock";
import { storedDraft, storeDraft, today } from "./draft_slot";

// interview/withdrawal_code.ts fetches this script for the word lists.
export { wordsOfCode };

/** The page as the screens use it. */
export interface DraftHost {
  context: DraftContext;
  days: number;
  locale: string;
  words: Words;
  draft(): Draft;
  /** Goes back to the screen from which they were asked for. */
  back(): void;
  /** Forgets the answers and closes the page; the draft stays. */
  close(): void;
  resume(draft: Draft): void;
  /** Shows a title and content in place of the current screen. */
  show(title: string, ...body: HTMLElement[]): void;
}

/** Explains the risk of saving, and saves after confirmation. */
export function askToSave(host: DraftHost): void {
  const { words, days } = host;
  const lines = [words("draft-how", { n: days }), words("draft-lost"), words("draft-wiped")].map((line) => paragraph(line));
  // The same look as Back, and the danger said first, so as not to nudge.
  const go = button("draft-go", words("draft-go"), "plain", () => void save(host, go));
  const back = button("draft-back", words("draft-back"), "plain", host.back);
  host.show(words("draft-title"), paragraph(words("draft-warn"), "caution"), ...lines, choice(go, back));
}

async function save(host: DraftHost, pressed: HTMLButtonElement): Promise<void> {
  pressed.disabled = true;
  const code = drawCode();
  const encrypted = await encryptDraft(host.draft(), code, host.context, today() + host.days).catch(() => null);
  if (encrypted === null || !storeDraft(encrypted)) {
    host.show(host.words("draft-title"), alert(host.words("draft-failed")),
      choice(button("draft-back", host.words("draft-back"), "plain", host.back)));
    return;
  }
  showCode(host, wordsOfCode(code, host.locale));
}

function showCode({ words, show, close }: DraftHost, code: readonly string[]): void {
  const list = make("ol", { class: "code", translate: "no" }, ...code.map((word) => make("li", {}, word)));
  show(words("draft-code-title"), list, paragraph(words("draft-code-text")),
    choice(button("draft-close", words("draft-code-close"), "main", close)));
}

/** Asks for the code of the draft on this phone. */
export function askForCode(host: DraftHost): void {
  const { words } = host;
  const typed = wordCodeField({
    count: (n) => words("draft-count", { n }), unknown: (n) => words("draft-unknown", { n }),
    suggestions: words("draft-near"),
  });
  const open = button("draft-open", words("draft-open"), "main", () => void tryCode(host, typed, open));
  const label = make("label", { for: "code" }, words("draft-type-label"));
  host.show(words("draft-type-title"), label, typed.field, typed.messages,
    choice(open, button("draft-back", words("draft-back"), "plain", host.back)));
}

async function tryCode(
  host: DraftHost, { field, messages, read }: WordCodeField, pressed: HTMLButtonElement,
): Promise<void> {
  const code = read();
  if (!code) return;
  pressed.disabled = true;
  const draft = await decryptDraft(storedDraft() ?? "", code, host.context).catch(() => null);
  pressed.disabled = false;
  if (!draft) return messages.append(paragraph(host.words("draft-wrong")));
  field.value = "";
  host.resume(draft);
}

const alert = (text: string): HTMLElement => make("div", { role: "alert" }, paragraph(text));
