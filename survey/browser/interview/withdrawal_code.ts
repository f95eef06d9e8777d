// After Send: the withdrawal code, shown as eight words to a person who asks for it, and stored nowhere.
import type { Words } from "../documents/interface_texts";
import { loadScript } from "../documents/requests";
import { button, make, paragraph } from "../screen/dom";
import type { WordCode } from "../sealing/word_code";

type Lists = Pick<typeof import("../drafts/drafts"), "wordsOfCode">;

/** Loads the word lists for everyone whose answer is stored, so that the requests do not show who wants the code. */
export const fetchLists = (script: string): Promise<Lists | null> => loadScript<Lists>(script).catch(() => null);

export interface WithdrawalCode {
  code: WordCode;
  locale: string;
  /** Of the page where the words are typed, with https://, since it is copied by hand and typed later. */
  address: string;
  lists: () => Promise<Lists | null>;
}

/**
 * Offers the code in the bottom bar, beside what closes the page and loses it; the words come in `section`, and only
 * when it is pressed.
 */
export function offerCode(words: Words, withdrawal: WithdrawalCode, section: HTMLElement): void {
  const press = (): void => void show(words, withdrawal, section, opener);
  const opener = button("takeback", words("invite-takeback"), "plain", press);
  document.querySelector("footer .bar")?.prepend(make("div", { class: "skips" }, opener));
  document.querySelector("footer")?.classList.add("going");
}

async function show(
  words: Words, withdrawal: WithdrawalCode, section: HTMLElement, opener: HTMLButtonElement,
): Promise<void> {
  opener.disabled = true;
  const lists = await withdrawal.lists();
  opener.disabled = false;
  section.querySelector("[role=alert]")?.remove();
  if (!lists) return section.append(make("div", { role: "alert" }, paragraph(words("invite-away"))));
  const list = lists.wordsOfCode(withdrawal.code, withdrawal.locale).map((word) => make("li", {}, word));
  const heading = make("h2", { tabindex: "-1" }, words("invite-takeback-title"));
  opener.parentElement?.remove();
  section.textContent = "";
  section.append(heading, make("ol", { class: "code", translate: "no" }, ...list),
    paragraph(words("invite-takeback-how")),
    make("p", { class: "receipt", dir: "ltr", translate: "no" }, withdrawal.address),
    paragraph(words("invite-takeback-until")), make("p", { class: "caution" }, words("invite-takeback-warn")));
  // The words are what was asked for: not only their heading, at the lower edge, where focus alone brings it.
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
}
