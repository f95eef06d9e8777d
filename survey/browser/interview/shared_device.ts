// Shared devices, with an assistant (assisted) or without (kiosk): hand-over, idle watch, next person.
import type { DeliveryResult } from "../delivery/contract";
import type { Texts } from "../documents/documents";
import { type Words, wordsOf } from "../documents/interface_texts";
import { button, choice, make, paragraph } from "../screen/dom";
import type { Screen } from "../screen/page";
import type { Handover, Scene } from "../screen/scene";
import { Idle } from "./idle";
import type { InterviewOptions } from "./options";

export type SharedMode = "kiosk" | "assisted";

type Shared = Required<Pick<InterviewOptions, "mode" | "leave" | "onScene" | "lastScreen">> & { handover?: Handover };

/** One person's turn: the options of an interview, and how the turn is stopped from outside. */
export interface Turn {
  options: Shared;
  stop(): void;
}

/** Returns one person's turn; `restart` empties the screen and shows the first one. */
export function turn(mode: SharedMode, restart: () => void): Turn {
  let warning: HTMLElement | null = null;
  let texts: Texts | null = null;
  let focused: Element | null = null;
  const idle = new Idle({
    warn: (left) => {
      focused = warning ? focused : document.activeElement;
      warning = idleWarning(warning, texts, left);
    },
    calm: () => {
      warning?.remove();
      warning = null;
      if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    },
    wipe: () => leave(),
  });
  const leave = (): void => {
    idle.stop();
    restart();
  };
  const onScene = (scene: Scene): void => {
    texts = scene.texts;
    // An assistant watches the device until the person has left.
    if (mode === "kiosk" || scene.at === "done" || scene.at === "ended") idle.start();
    if (mode === "assisted") hint(scene);
  };
  const lastScreen: Shared["lastScreen"] = (result, _, texts, words) => finishedScreen(mode, result, texts, words, leave);
  const shared: Shared = { mode, leave, onScene, lastScreen };
  return { options: mode === "assisted" ? { ...shared, handover } : shared, stop: () => idle.stop() };
}

/** The two screens at which the device changes hands. */
export const handover: Handover = {
  screen(to, _, words, go): Screen {
    const [title, lines, press] = to === "person"
      ? ["handover-title", ["handover-text", "handover-hidden"], "handover-go"] as const
      : ["giveback-title", ["giveback-text"], "giveback-go"] as const;
    const body = lines.map((key) => paragraph(words(key)));
    return { title: words(title), body, action: ["handover", words(press), go] };
  },
};

/** Adds a line under the heading: whether the assistant reads this screen aloud, or it is private. */
function hint({ at, items, texts }: Scene): void {
  if (at !== "consent" && at !== "item" && at !== "ready") return;
  const words = wordsOf(texts.interface, texts.locale);
  const own = items.some((item) => item.private);
  const line = make("p", { class: "quiet", id: "aloud" }, words(own ? "assist-private" : "assist-aloud"));
  document.getElementById("aloud")?.remove();
  document.getElementById("title")?.after(line);
}

function finishedScreen(
  mode: SharedMode, result: DeliveryResult, texts: Texts, words: Words, leave: () => void,
): Screen | undefined {
  if (result !== "stored" && result !== "queued") return undefined;
  const thanks = words(result === "queued" ? "kept-text" : "stored-text");
  const summary = make("summary", {}, words("debrief"));
  const debrief = make("details", { class: "folded debrief" }, summary, paragraph(texts.debrief));
  const body = [thanks, ...texts.thanks, ...(mode === "assisted" ? [words("assist-finished")] : [])];
  const title = result === "queued" ? "kept-title" : "stored-title";
  const shown = [...body.map((part) => paragraph(part)), debrief];
  return { title: words(title), body: shown, action: ["close", words("finish"), leave] };
}

/** Puts the warning over the page, or counts down in the one that is there; any touch takes it away. */
function idleWarning(shown: HTMLElement | null, texts: Texts | null, left: number): HTMLElement | null {
  if (!texts) return shown;
  const words = wordsOf(texts.interface, texts.locale);
  if (shown) {
    const count = shown.querySelector(".left");
    if (count) count.textContent = words("idle-left", { n: left });
    return shown;
  }
  const here = button("here", words("idle-here"), "main", () => undefined);
  const attributes = { class: "cover idle", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "idle" };
  const dialog = make("div", attributes,
    make("h2", { id: "idle" }, words("idle-title")), paragraph(words("idle-text")),
    make("p", { class: "quiet left", "aria-hidden": "true" }, words("idle-left", { n: left })), choice(here));
  document.body.append(dialog);
  here.focus();
  return dialog;
}
