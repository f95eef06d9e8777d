// After Send: eight words with which the answer can be taken back, shown to who asks for them and kept nowhere.
import type { Words } from "../documents/words";
import { button, make, paragraph } from "../screen/dom";
import type { Code } from "../sealing/word_code";

type Lists = Pick<typeof import("../drafts/drafts"), "wordsOfCode">;

/** Fetches the word lists: for everyone who was stored, so that nobody can tell who wanted the words. */
export const fetchLists = async (script: string): Promise<Lists | null> => {
  try {
    return (await import(script)) as Lists;
  } catch {
    return null;
  }
};

export interface Words8 {
  code: Code;
  locale: string;
  /** Where they are typed. */
  address: string;
  lists: () => Promise<Lists | null>;
}

/** Returns the button, under which the words come only when it is pressed. */
export function takeBack(words: Words, given: Words8): HTMLElement {
  const there = make("section", { id: "takeback", class: "later" });
  const offer = button("takeback", words("invite-takeback"), "plain", () => void show(words, given, there, offer));
  there.append(make("div", { class: "choice" }, offer));
  return there;
}

async function show(words: Words, given: Words8, there: HTMLElement, pressed: HTMLButtonElement): Promise<void> {
  pressed.disabled = true;
  const lists = await given.lists();
  pressed.disabled = false;
  there.querySelector("[role=alert]")?.remove();
  if (!lists) return there.append(make("div", { role: "alert" }, paragraph(words("invite-away"))));
  const list = lists.wordsOfCode(given.code, given.locale).map((word) => make("li", {}, word));
  const heading = make("h2", { tabindex: "-1" }, words("invite-takeback-title"));
  there.textContent = "";
  there.append(heading, make("ol", { class: "code", translate: "no" }, ...list),
    paragraph(words("invite-takeback-how")), make("p", { class: "receipt", dir: "ltr", translate: "no" }, given.address),
    paragraph(words("invite-takeback-until")), make("p", { class: "caution" }, words("invite-takeback-warn")));
  heading.focus();
}
