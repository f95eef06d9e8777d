// The kit's start screen: mode and language of the next interview, numbers of queued and acknowledged records.
import type { SharedMode } from "../interview/shared_device";
import { button, choice, fill, make, paragraph } from "../screen/dom";
import type { Language } from "../screen/page";
import type { Counts } from "./queue";
import { heldBack, type SlipsActions, slipsPart, type SlipsState } from "./slips_screen";

export type KitWords = (key: string, n?: number) => string;

/** The state that the start screen shows; it is rendered again after every change. */
export interface HomeState {
  mode: SharedMode;
  /** The locale of the screen itself. */
  locale: string;
  counts: Counts;
  /** Whether everything is on the device that an interview without a network needs. */
  ready: boolean;
  /** Why no interview can begin: a key of kit.po. */
  blocked: "closed" | "no-link" | "no-memory" | "refused" | null;
  /** A key of kit.po: the result of the last action. */
  note: { key: string; n?: number } | null;
  /** Set while the deletion of late interviews is being confirmed. */
  discarding: boolean;
  /** Whether the browser promised persistent storage. */
  persistent: boolean;
  /** Whether the staff's part is open. */
  staff: boolean;
  /** By invitation: the slips on the device; on an open link null. */
  slips: SlipsState | null;
}

export interface HomeActions extends SlipsActions {
  begin(locale: string): void;
  setLanguage(locale: string): void;
  mode(mode: SharedMode): void;
  send(): void;
  save(): void;
  discard(sure: boolean | null): void;
  staff(open: boolean): void;
}

/** Shows the start screen in the page's main element. */
export function showHome(state: HomeState, languages: readonly Language[], words: KitWords, actions: HomeActions): void {
  const { blocked, counts } = state;
  // Not the locale that was chosen: a language without words of its own for staff is told in English, from left to right.
  const spoken = words("spoken");
  const language = languages.find((other) => other.locale === spoken);
  document.documentElement.lang = spoken;
  document.documentElement.dir = language?.dir ?? "ltr";
  const main = make("main", { id: "main" });
  const heading = make("h1", { id: "title", tabindex: "-1" }, words("title"));
  const full = counts.inMemory > 0 && alarm(words("full", counts.inMemory));
  const block = blocked !== null && alarm(words(blocked));
  const held = heldOf(state);
  const waiting = held && [paragraph(words(held), "note"), readiness(state, words)];
  const start = waiting || startPart(state, languages, words, actions);
  fill(main, heading, full, block, ...(blocked || full ? [] : start), staffPart(state, words, actions));
  fill(document.body, make("header", { class: "top" }, languageChoice(state, languages, words, actions)), main);
}

/** Returns why the slips let no interview begin; null on an open link too. */
const heldOf = ({ slips }: HomeState): string | null => slips && heldBack(slips.counts);

const readiness = ({ ready }: HomeState, words: KitWords): HTMLElement =>
  paragraph(words(ready ? "ready" : "not-ready"), ready ? "quiet" : "note");

function startPart(
  state: HomeState, languages: readonly Language[], words: KitWords, actions: HomeActions,
): HTMLElement[] {
  const modes = (["assisted", "kiosk"] as const).map((mode) =>
    button(mode, words(mode), "plain", () => actions.mode(mode), { "aria-pressed": String(state.mode === mode) }));
  const starts = languages.map(({ locale, name, dir }) =>
    button("begin", name, "main", () => actions.begin(locale), { "data-start": locale, lang: locale, dir }));
  return [
    make("fieldset", { class: "modes" }, make("legend", {}, words("mode")), ...modes),
    make("h2", { id: "start" }, words("start")),
    make("div", { class: "choice", role: "group", "aria-labelledby": "start" }, ...starts),
    readiness(state, words),
  ];
}

function staffPart(state: HomeState, words: KitWords, actions: HomeActions): HTMLElement {
  const { waiting, late, acknowledged } = state.counts;
  const part = make("details", { class: "staff folded", open: state.staff || waiting + late > 0 || heldOf(state) !== null },
    make("summary", {}, words("staff")));
  const numbers = make("ul", { class: "numbers" }, make("li", { "data-count": "waiting" }, words("waiting", waiting)),
    make("li", { "data-count": "acknowledged" }, words("acknowledged", acknowledged)));
  part.append(numbers, noteLine(state, words));
  if (state.slips) part.append(...slipsPart(state.slips, words, actions));
  if (!state.persistent) part.append(paragraph(words("unkept"), "quiet"));
  const send = button("send-now", words("send-now"), "plain", actions.send);
  const save = button("save", words("save"), "plain", actions.save);
  if (waiting + late > 0) part.append(choice(...(waiting > 0 ? [send, save] : [save])));
  if (late > 0) part.append(...latePart(state, words, actions));
  part.addEventListener("toggle", () => actions.staff(part.open));
  return part;
}

function latePart(state: HomeState, words: KitWords, actions: HomeActions): HTMLElement[] {
  const alert = alarm(words("late", state.counts.late));
  alert.dataset.count = "late";
  if (!state.discarding) {
    return [alert, choice(button("discard", words("discard"), "plain", () => actions.discard(null)))];
  }
  return [alert, paragraph(words("discard-sure")), choice(
    button("discard-no", words("discard-no"), "plain", () => actions.discard(false)),
    button("discard-yes", words("discard-yes"), "plain", () => actions.discard(true)))];
}

const noteLine = ({ note }: HomeState, words: KitWords): HTMLElement =>
  make("p", { class: "live", role: "status", "data-note": note?.key ?? false }, note ? words(note.key, note.n) : "");

function languageChoice(
  state: HomeState, languages: readonly Language[], words: KitWords, actions: HomeActions,
): HTMLElement {
  const choices = languages.map(({ locale, name }) => make("option", { value: locale, lang: locale }, name));
  const select = make("select", { "aria-label": words("language") }, ...choices);
  select.value = state.locale;
  select.addEventListener("change", () => actions.setLanguage(select.value));
  return select;
}

const alarm = (text: string): HTMLElement => make("p", { class: "alarm", role: "alert" }, text);
