// Saving for later, and going on with a code: the screens, fetched only by who asks for them (draft_buttons.ts imports it).
import type { Draft } from "../answers/draft";
import type { Words } from "../documents/words";
import { button, make, paragraph } from "../screen/dom";
import { type CodeField, codeField } from "../screen/word_code_field";
import { wordsOfCode } from "../sealing/typed_word_code";
import { drawCode } from "../sealing/word_code";
import { lock, type Place, unlock } from "./draft_lock";
import { keep, kept, today } from "./draft_slot";

// An invitation's withdrawal code is shown in the same words (withdrawal_words.ts).
export { wordsOfCode };

/** What the screens need of the page they stand in. */
export interface Host {
  place: Place;
  days: number;
  locale: string;
  words: Words;
  draft(): Draft;
  /** Goes back to the screen from which they were asked for. */
  back(): void;
  /** Forgets the answers and closes the page; the draft stays. */
  close(): void;
  resume(draft: Draft): void;
  /** Shows a title and what stands under it in place of the present screen. */
  show(title: string, ...body: HTMLElement[]): void;
}

/** Says what saving means, and saves only then. */
export function askToSave(host: Host): void {
  const { words, days } = host;
  const lines = [words("draft-how", { n: days }), words("draft-warn"), words("draft-lost"), words("draft-wiped")];
  const go = button("draft-go", words("draft-go"), "main", () => void save(host, go));
  const back = button("draft-back", words("draft-back"), "plain", host.back);
  host.show(words("draft-title"), ...lines.map((line) => paragraph(line)), choice(go, back));
}

async function save(host: Host, pressed: HTMLButtonElement): Promise<void> {
  pressed.disabled = true;
  const code = drawCode();
  const locked = await lock(host.draft(), code, host.place, today() + host.days).catch(() => null);
  if (locked === null || !keep(locked)) {
    host.show(host.words("draft-title"), alert(host.words("draft-failed")),
      choice(button("draft-back", host.words("draft-back"), "plain", host.back)));
    return;
  }
  showCode(host, wordsOfCode(code, host.locale));
}

function showCode({ words, show, close }: Host, code: readonly string[]): void {
  const list = make("ol", { class: "code", translate: "no" }, ...code.map((word) => make("li", {}, word)));
  show(words("draft-code-title"), list, paragraph(words("draft-code-text")),
    choice(button("draft-close", words("draft-code-close"), "main", close)));
}

/** Asks for the code of the draft on this phone. */
export function askForCode(host: Host): void {
  const { words } = host;
  const typed = codeField({
    count: (n) => words("draft-count", { n }), unknown: (n) => words("draft-unknown", { n }), near: words("draft-near"),
  });
  const open = button("draft-open", words("draft-open"), "main", () => void tryCode(host, typed, open));
  const label = make("label", { for: "code" }, words("draft-type-label"));
  host.show(words("draft-type-title"), label, typed.field, typed.said,
    choice(open, button("draft-back", words("draft-back"), "plain", host.back)));
}

async function tryCode(host: Host, { field, said, read }: CodeField, pressed: HTMLButtonElement): Promise<void> {
  const code = read();
  if (!code) return;
  pressed.disabled = true;
  const draft = await unlock(kept() ?? "", code, host.place).catch(() => null);
  pressed.disabled = false;
  if (!draft) return said.append(paragraph(host.words("draft-wrong")));
  field.value = "";
  host.resume(draft);
}

const alert = (text: string): HTMLElement => make("div", { role: "alert" }, paragraph(text));
const choice = (...buttons: HTMLElement[]): HTMLElement => make("div", { class: "choice" }, ...buttons);
