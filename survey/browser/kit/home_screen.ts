// The kit's start screen: who works how, in which language the next interview is, what waits and what was received.
import type { SharedMode } from "../interview/shared_device";
import { button, fill, make, paragraph } from "../screen/dom";
import type { Language } from "../screen/page";
import type { Counts } from "./queue";

export type KitWords = (key: string, n?: number) => string;

/** What the start screen shows; every change shows it anew. */
export interface State {
  mode: SharedMode;
  /** The locale of the screen itself. */
  locale: string;
  counts: Counts;
  /** Whether everything is on the device that an interview without a network needs. */
  ready: boolean;
  /** Why no interview can begin: a key of kit.po. */
  barred: "closed" | "invited" | "no-link" | "no-memory" | "refused" | null;
  /** A key of kit.po that says how the last act went. */
  note: { key: string; n?: number } | null;
  /** Set while it is asked whether late interviews are really deleted. */
  discarding: boolean;
  /** Whether the browser promised to keep what it holds. */
  lasting: boolean;
  /** Whether the staff's part stands open. */
  staff: boolean;
}

export interface Acts {
  begin(locale: string): void;
  speak(locale: string): void;
  mode(mode: SharedMode): void;
  send(): void;
  save(): void;
  discard(sure: boolean | null): void;
  staff(open: boolean): void;
}

/** Shows the start screen in the page's main element. */
export function showHome(state: State, languages: readonly Language[], words: KitWords, acts: Acts): void {
  const { locale, barred, counts } = state;
  const shown = languages.find((language) => language.locale === locale);
  document.documentElement.lang = locale;
  document.documentElement.dir = shown?.dir ?? "ltr";
  const main = make("main", { id: "main" });
  const heading = make("h1", { id: "title", tabindex: "-1" }, words("title"));
  const full = counts.held > 0 && alarm(words("full", counts.held));
  const bar = barred !== null && alarm(words(barred));
  fill(main, heading, full, bar, ...(barred || full ? [] : startPart(state, languages, words, acts)),
    staffPart(state, words, acts));
  fill(document.body, make("header", { class: "top" }, languageChoice(state, languages, words, acts)), main);
}

function startPart(state: State, languages: readonly Language[], words: KitWords, acts: Acts): HTMLElement[] {
  const modes = (["assisted", "kiosk"] as const).map((mode) =>
    button(mode, words(mode), "plain", () => acts.mode(mode), { "aria-pressed": String(state.mode === mode) }));
  const starts = languages.map(({ locale, name, dir }) =>
    button("begin", name, "main", () => acts.begin(locale), { "data-start": locale, lang: locale, dir }));
  return [
    make("fieldset", { class: "modes" }, make("legend", {}, words("mode")), ...modes),
    make("h2", { id: "start" }, words("start")),
    make("div", { class: "choice", role: "group", "aria-labelledby": "start" }, ...starts),
    paragraph(words(state.ready ? "ready" : "not-ready"), state.ready ? "quiet" : "note"),
  ];
}

function staffPart(state: State, words: KitWords, acts: Acts): HTMLElement {
  const { waiting, late, acknowledged } = state.counts;
  const part = make("details", { class: "staff folded", open: state.staff || waiting + late > 0 },
    make("summary", {}, words("staff")));
  const numbers = make("ul", { class: "numbers" }, make("li", { "data-count": "waiting" }, words("waiting", waiting)),
    make("li", { "data-count": "acknowledged" }, words("acknowledged", acknowledged)));
  part.append(numbers, note(state, words));
  if (!state.lasting) part.append(paragraph(words("unkept"), "quiet"));
  const send = button("send-now", words("send-now"), "plain", acts.send);
  const save = button("save", words("save"), "plain", acts.save);
  if (waiting + late > 0) part.append(choice(...(waiting > 0 ? [send, save] : [save])));
  if (late > 0) part.append(...latePart(state, words, acts));
  part.addEventListener("toggle", () => acts.staff(part.open));
  return part;
}

function latePart(state: State, words: KitWords, acts: Acts): HTMLElement[] {
  const said = alarm(words("late", state.counts.late));
  said.dataset.count = "late";
  if (!state.discarding) {
    return [said, choice(button("discard", words("discard"), "plain", () => acts.discard(null)))];
  }
  return [said, paragraph(words("discard-sure")), choice(
    button("discard-no", words("discard-no"), "plain", () => acts.discard(false)),
    button("discard-yes", words("discard-yes"), "plain", () => acts.discard(true)))];
}

const note = ({ note: said }: State, words: KitWords): HTMLElement =>
  make("p", { class: "live", role: "status", "data-note": said?.key ?? false }, said ? words(said.key, said.n) : "");

function languageChoice(state: State, languages: readonly Language[], words: KitWords, acts: Acts): HTMLElement {
  const choices = languages.map(({ locale, name }) => make("option", { value: locale, lang: locale }, name));
  const select = make("select", { "aria-label": words("language") }, ...choices);
  select.value = state.locale;
  select.addEventListener("change", () => acts.speak(select.value));
  return select;
}

const alarm = (text: string): HTMLElement => make("p", { class: "alarm", role: "alert" }, text);
const choice = (...buttons: HTMLElement[]): HTMLElement => make("div", { class: "choice" }, ...buttons);
