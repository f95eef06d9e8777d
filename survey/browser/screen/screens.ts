// The screens around the questions: consent, Send, result; pure builders without state.
import type { Texts } from "../documents/documents";
import type { Words } from "../documents/interface_texts";
import { button, choice, fill, make, paragraph } from "./dom";
import type { Screen } from "./page";

/** `lost`: what a reload costs on one's own phone; null on a device of many people, who do not hold the page. */
export function consentScreen(
  texts: Texts, words: Words, lost: "stay" | "draft-stay" | null, agree: () => void, decline: () => void,
): Screen {
  const { consent } = texts;
  // `data-consent`: the lines to read aloud, in the recordings' order. Both buttons look the same, so as not to nudge.
  const mark = { "data-consent": true };
  const text = consent.paragraphs.map((part) => make("p", mark, part));
  const ask = make("h2", { id: "ask", ...mark }, consent.question);
  const group = make("div", { class: "choice", role: "group", "aria-labelledby": "ask" },
    button("agree", consent.agree, "plain", agree, mark), button("decline", consent.decline, "plain", decline, mark));
  const points = (["protect-phone", "protect-lock", "protect-trace"] as const).map((key) => make("li", {}, words(key)));
  const warning = lost ? [make("p", { class: "quiet", id: "lost" }, words(lost))] : [];
  const protect = folded(words("protect"), make("ul", {}, ...points));
  return { title: words("consent-title"), body: [make("div", { class: "consent" }, ...text), protect, ...warning, ask, group] };
}

/** One line of the overview: a question, its answer in words, and the way back to it. */
export type OverviewLine = readonly [question: string, answer: string, change: () => void];

/** `overview`: null where none is offered; it is asked for each time somebody opens it. */
export function readyScreen(
  words: Words, overview: (() => OverviewLine[]) | null, send: () => void, back: () => void,
): Screen {
  const text = (["ready-kept", "ready-sealed", "ready-final"] as const).map((key) => paragraph(words(key)));
  // Before the text: a hurried person sees it before Send, and not only who looks for it.
  const shown = overview ? [overviewOf(words("overview"), overview)] : [];
  return { title: words("ready-title"), body: [...shown, ...text], back, action: ["send", words("send"), send] };
}

/** Closed, the page holds none of the answers: they are written when it opens, and taken away when it closes. */
function overviewOf(title: string, overview: () => OverviewLine[]): HTMLElement {
  const list = choice();
  const whole = folded(title, list);
  whole.classList.add("overview");
  whole.addEventListener("toggle", () => fill(list, ...(whole.open ? overview() : []).map(([question, answer, change]) => {
    const line = button("change", "", "change", change);
    line.append(make("span", { class: "quiet" }, question), make("b", {}, answer));
    return line;
  })));
  return whole;
}

/** After an ending, a note that nothing was sent; after declining, the ending's own text. */
export const endedScreen = (texts: Texts, words: Words, ending: string, close: () => void): Screen => ({
  title: words("ended-title"),
  body: [paragraph(texts.endings[ending] ?? ""), paragraph(words("nothing-sent"))],
  action: ["close", words("close"), close],
});

export function storedScreen(texts: Texts, words: Words, receipt: string, close: () => void): Screen {
  const text = [...texts.thanks, words("stored-text")].map((part) => paragraph(part));
  const debrief = folded(words("debrief"), paragraph(texts.debrief));
  debrief.classList.add("debrief");
  const note = receiptNote(words, receipt);
  note.append(pageLink(texts, words("receipt-check"), "c"));
  const body = [...text, pageLink(texts, words("results"), "r"), debrief, note];
  const tick = make("p", { class: "done", "aria-hidden": "true" }, "✓");
  return { title: words("stored-title"), body: [tick, ...body], action: ["close", words("close"), close] };
}

/** A link to one of the study's public pages, in a tab of its own: whoever leaves this page loses what it shows. */
const pageLink = ({ study, locale }: Texts, text: string, page: "c" | "r"): HTMLElement =>
  make("p", {}, make("a", {
    class: "link", href: `/${page}/${study}?lang=${locale}`, target: "_blank", rel: "noopener noreferrer",
  }, text));

/** The server refuses the answers for good: no retry is offered. */
export const overScreen = (words: Words, why: "closed" | "refused", close: () => void): Screen => ({
  title: words(`${why}-title`), body: [paragraph(words(`${why}-text`))], action: ["close", words("close"), close],
});

/** The first 16 hex digits of the envelope's hash, in groups that can be copied by hand. */
function receiptNote(words: Words, receipt: string): HTMLElement {
  const short = receipt.slice(0, 16).replace(/....(?=.)/g, "$& ");
  return folded(words("receipt"), paragraph(words("receipt-text")), make("p", { class: "receipt", dir: "ltr" }, short));
}

/** A disclosure (details element), closed at first. */
export const folded = (title: string, ...content: readonly Node[]): HTMLDetailsElement =>
  make("details", { class: "folded" }, make("summary", {}, title), ...content);
