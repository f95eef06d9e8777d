// What stands on each screen: pure builders from texts and actions to a Screen, with no state of their own.
import { capOf } from "./answers";
import { type Answer, type Item, NONE_OF_THESE, type Option, type Texts } from "./documents";
import { button, make, paragraph } from "./dom";
import type { Progress, Screen } from "./page";
import type { Words } from "./words";

export function consentScreen(texts: Texts, words: Words, agree: () => void, decline: () => void): Screen {
  const { consent } = texts;
  const choice = make("div", { class: "choice", role: "group", "aria-labelledby": "ask" },
    button("agree", consent.agree, "plain", agree), button("decline", consent.decline, "plain", decline));
  // Both answers look alike: nobody is led to agree.
  const text = consent.paragraphs.map((part) => paragraph(part));
  const ask = make("h2", { id: "ask" }, consent.question);
  return { title: words("consent-title"), body: [...text, ask, choice] };
}

export interface ItemView {
  item: Item;
  /** The options in the order drawn on this phone. */
  options: readonly Option[];
  chosen: Answer | undefined;
  progress: Progress;
  press: (code: number) => void;
  back: () => void;
  next: () => void;
}

export function itemScreen(texts: Texts, words: Words, view: ItemView): Screen {
  const { item, back, next, progress } = view;
  const own = texts.items[item.id];
  const offer = (code: number, label: string, light: boolean): HTMLElement =>
    button("answer", label, light ? `${item.type} light` : item.type, () => view.press(code), {
      "data-code": String(code), "aria-pressed": String(isChosen(view.chosen, code)),
    });
  const options = view.options.map(({ code }) => offer(code, own?.options[code] ?? "", false));
  const missing = (light: boolean): HTMLElement[] =>
    item.missing.filter((code) => (code !== NONE_OF_THESE) === light)
      .map((code) => offer(code, texts.missing[code] ?? "", light));
  const group = make("div", { class: "choice", role: "group", "aria-labelledby": "title" },
    ...options, ...missing(false), make("div", { class: "others" }, ...missing(true)));
  const capped = item.type === "multi" && capOf(item) < item.options.length;
  const body = capped ? [paragraph(words("choose-up-to", { n: capOf(item) }), "quiet"), group] : [group];
  const screen = { title: own?.text ?? "", body, progress, back };
  return item.type === "multi" || view.chosen !== undefined ? { ...screen, next } : screen;
}

/** Marks what is chosen on the item screen that stands in the page, without building it again. */
export function markChosen(chosen: Answer | undefined): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-code]")) {
    element.setAttribute("aria-pressed", String(isChosen(chosen, Number(element.dataset.code))));
  }
}

export function readyScreen(words: Words, send: () => void, back: () => void): Screen {
  const text = (["ready-kept", "ready-sealed", "ready-final"] as const).map((key) => paragraph(words(key)));
  const choice = make("div", { class: "choice" }, button("send", words("send"), "main", send));
  return { title: words("ready-title"), body: [...text, choice], back };
}

export const sendingScreen = (words: Words): Screen => ({
  title: words("sending-title"), body: [paragraph(words("sending-text"))], busy: true,
});

export type Failure = "seal-failed" | "not-stored" | "full" | "unconfirmed";

export function failedScreen(words: Words, failure: Failure, retry: () => void): Screen {
  const again = make("div", { class: "choice" }, button("retry", words("retry"), "main", retry));
  const title = failure === "unconfirmed" ? "unconfirmed-title" : "not-stored-title";
  return { title: words(title), body: [make("div", { role: "alert" }, paragraph(words(`${failure}-text`))), again] };
}

export function storedScreen(texts: Texts, words: Words, close: () => void): Screen {
  const summary = make("summary", {}, words("debrief"));
  const debrief = make("details", { class: "debrief" }, summary, paragraph(texts.debrief));
  const text = [words("stored-text"), ...texts.thanks].map((part) => paragraph(part));
  return { title: words("stored-title"), body: [...text, debrief, closeButton(words, close)] };
}

/** After declining, or an answer that ends the interview. */
export const endedScreen = (texts: Texts, words: Words, ending: string, close: () => void): Screen => ({
  title: words("ended-title"),
  body: [paragraph(texts.endings[ending] ?? ""), paragraph(words("nothing-sent")), closeButton(words, close)],
});

export const closedScreen = (words: Words, close: () => void): Screen => ({
  title: words("closed-title"), body: [paragraph(words("closed-text")), closeButton(words, close)],
});

const closeButton = (words: Words, close: () => void): HTMLElement =>
  make("div", { class: "choice" }, button("close", words("close"), "plain", close));

const isChosen = (chosen: Answer | undefined, code: number): boolean =>
  typeof chosen === "number" ? chosen === code : (chosen as readonly unknown[] | undefined)?.includes(code) === true;
