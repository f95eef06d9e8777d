// The frame around every screen: Leave, language, display, progress, skipping, Back, Next, focus, notes, forgetting.
import type { Words } from "../documents/interface_texts";
import { displayControl } from "./display";
import { button, fill, make } from "./dom";

/** Milliseconds for which presses are ignored after a screen change, so that a double tap answers one question. */
const SETTLE_MS = 250;
/** The same before what can't be undone and stands where Next, Send or Back stood; each press begins it anew. */
const ACTION_SETTLE_MS = 600;
/** So much of the last element may lie under the bottom bar before that is said. */
const MORE_PX = 8;

export interface Language {
  locale: string;
  name: string;
  dir: string;
}

/** `name`: what it does, whatever the language of its label. */
export type Action = readonly [name: string, label: string, press: () => void];

export interface Screen {
  title: string;
  /** Of a grid: the current row, shown under the grid's text. */
  row?: string;
  body: readonly Node[];
  /** The share of the way that is done, in percent. */
  progress?: number;
  /** The ways to give no answer, which stay in view. */
  skip?: readonly HTMLElement[];
  back?: () => void;
  next?: () => void;
  /** What goes on from here or ends: like Next it stays in view, so that Leave never stands alone. */
  action?: Action;
  /** Set where a press in the content may clear answers, at a place where Back stood. */
  careful?: boolean;
  /** Set while something must not be interrupted: no language can be chosen. */
  busy?: boolean;
}

/** The actions of the frame's controls. */
export interface Controls {
  leave(): void;
  setLanguage(locale: string): void;
}

// Decision 122.
export class Page {
  private readonly main = make("main", { id: "main" });
  private readonly head = make("header");
  private readonly foot = make("footer");
  private readonly live = make("p", { class: "live", role: "status" });
  private readonly bar = make("div", { class: "bar" });
  private settling = 0;

  private readonly languages: readonly Language[];
  private readonly controls: Controls;

  constructor(languages: readonly Language[], controls: Controls) {
    this.languages = languages;
    this.controls = controls;
  }

  /** Replaces the first screen by the frame. */
  open(): void {
    fill(this.foot, this.live, this.bar);
    document.body.classList.remove("still");
    fill(document.body, this.head, this.main, this.foot);
    watchBars(this.head, this.main, this.foot);
  }

  /** Shows a screen from its top and moves the focus to its heading. */
  show(screen: Screen, words: Words, language: Language): void {
    this.translate(language);
    const described = [screen.row && "row", screen.progress !== undefined && "count"].filter(Boolean).join(" ") || false;
    const heading = make("h1", { id: "title", tabindex: "-1", "aria-describedby": described }, screen.title);
    const row = screen.row && make("h2", { id: "row", "data-row": true }, screen.row);
    const [count, progress] = progressBar(screen.progress, words);
    fill(this.main, make("div", { class: "aids" }, count), heading, row, ...screen.body);
    const languages = this.languageChoice(words, language, screen.busy === true);
    fill(this.head, this.leaveButton(words), languages, displayControl(words), progress);
    this.renewBar(screen, words);
    this.note("");
    this.settle(screen.action || screen.careful ? ACTION_SETTLE_MS : SETTLE_MS);
    scrollTo(0, 0);
    markMore();
    heading.focus({ preventScroll: true });
  }

  /** Shows and speaks a short note that stays until the next screen. */
  note(note: string): void {
    this.live.textContent = note;
  }

  private translate({ locale, dir }: Language): void {
    document.documentElement.lang = locale;
    document.documentElement.dir = dir;
  }

  private settle(time: number): void {
    const { classList } = document.documentElement;
    const wait = (): void => {
      clearTimeout(this.settling);
      if (classList.contains("settling")) this.settling = window.setTimeout(() => classList.remove("settling"), time);
    };
    classList.add("settling");
    document.onpointerdown = wait;
    wait();
  }

  private languageChoice(words: Words, { locale }: Language, busy: boolean): HTMLElement {
    const choice = make("select", { "aria-label": words("language"), disabled: busy });
    for (const other of this.languages) {
      choice.append(make("option", { value: other.locale, lang: other.locale }, other.name));
    }
    choice.value = locale;
    choice.addEventListener("change", () => {
      const chosen = choice.value;
      choice.value = locale;
      this.controls.setLanguage(chosen);
    });
    return choice;
  }

  /** At the top, far from the answers and from Next, where no thumb passes by. */
  private leaveButton(words: Words): HTMLElement {
    return button("leave", words("leave"), "leave", () => this.controls.leave(), {
      "aria-keyshortcuts": "Escape", title: words("leave-help"),
    });
  }

  private renewBar({ skip = [], back, next, action }: Screen, words: Words): void {
    const skips = make("div", { class: "skips" }, ...skip);
    fill(this.bar, skip.length > 0 && skips, next && button("next", words("next"), "main", next),
      back && button("back", words("back"), "back", back), action && button(action[0], action[1], "main", action[2]));
    this.foot.className = next ? "going" : skip.length > 0 || back || action ? "" : "bare";
  }
}

/** Has the browser ask before the page is reloaded or closed, or lets it go; not all browsers ask, and none of them unpressed. */
export function askToStay(asks: boolean): void {
  window.onbeforeunload = asks ? () => "?" : null;
}

/** Returns whether the browser asks, and so whether anything would be lost. */
export const asksToStay = (): boolean => window.onbeforeunload !== null;

/** Empties the page and the tab's name, and puts a blank page in its place in the history. */
export function vanish(): void {
  empty();
  window.name = "";
  location.replace("about:blank");
}

/** Removes everything visible, audible or scheduled from the page. */
export function empty(): void {
  document.body.textContent = "";
  document.documentElement.className = "";
  window.speechSynthesis?.cancel();
}

function progressBar(n: number | undefined, words: Words): HTMLElement[] {
  if (n === undefined) return [];
  const label = words("progress", { n });
  const bar = make("progress", { max: "100", value: String(n), "aria-label": label });
  return [make("span", { class: "count", id: "count" }, label), bar];
}

/** The bars must not cover the focused element (WCAG 2.2, 2.4.11): sets the scroll padding, and watches for more. */
export function watchBars(head: HTMLElement, main: HTMLElement, foot: HTMLElement): void {
  document.onscroll = window.onresize = markMore;
  if (typeof ResizeObserver === "undefined") return;
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => {
    style.setProperty("--head", `${head.offsetHeight}px`);
    style.setProperty("--foot", `${foot.offsetHeight}px`);
    markMore();
  });
  for (const part of [head, main, foot]) observer.observe(part);
}

/** Marks whether something lies below the bottom bar, which then shows that one can go on. */
function markMore(): void {
  // A draft's screen has its own bar, inside of the content.
  const bar = document.querySelector(".deck") ?? document.querySelector("footer");
  const above = bar?.previousElementSibling;
  const end = bar?.matches("footer") ? above?.lastElementChild : above;
  const hidden = bar && end ? end.getBoundingClientRect().bottom - bar.getBoundingClientRect().top : 0;
  document.documentElement.classList.toggle("more-below", hidden > MORE_PX);
}
