// The screens of a delivery: the current stage as text and as a progress bar, and the person's choices.
import type { DeliveryFailure, DeliveryStage } from "../delivery/contract";
import type { InterfaceKey, Words } from "../documents/interface_texts";
import { button, choice, make, paragraph } from "./dom";
import type { Screen } from "./page";

export const sendingScreen = (words: Words): Screen => ({
  title: words("sending-title"),
  body: [
    make("progress", { id: "stage-bar", max: "3", value: "1", "aria-labelledby": "stage" }),
    make("p", { id: "stage", role: "status" }, words("sending-lock")), paragraph(words("sending-text"), "quiet"),
  ],
  busy: true,
});

/** Updates the stage of the screen above in place. */
export function showStage(words: Words, stage: DeliveryStage): void {
  const [line, bar] = ["stage", "stage-bar"].map((id) => document.getElementById(id));
  if (line) line.textContent = words(stage);
  // Locking, on the way, confirmed: the bar shows how many are behind us; a sum is done in between.
  bar?.setAttribute("value", stage.endsWith("lock") ? "1" : stage.endsWith("sum") ? "1.5" : "2");
}

export interface FailedView {
  failure: DeliveryFailure;
  /** Seconds until the next automatic try; null where there is none. */
  wait: number | null;
  /** The number of the next try, and of all. */
  next: number;
  of: number;
  retry: () => void;
  stop: () => void;
}

export function failedScreen(words: Words, view: FailedView): Screen {
  const { failure, retry, stop, wait } = view;
  const title: InterfaceKey = ["unconfirmed", "portal"].includes(failure) ? "unconfirmed-title" : "not-stored-title";
  const alert = make("div", { role: "alert" }, paragraph(words(`${failure}-text`)));
  const screen = { title: words(title), action: ["retry", words("retry"), retry] } as const;
  if (wait === null) return { ...screen, body: [alert] };
  const bar = make("progress", { id: "wait-bar", max: String(wait), value: "0", "aria-hidden": "true" });
  const line = make("p", { id: "wait", class: "quiet" }, waitLine(words, view, wait));
  return { ...screen, body: [alert, line, bar, choice(button("stop", words("stop-trying"), "plain", stop))] };
}

/** Counts down on the screen above; not spoken, as that would never end. */
export function showWait(words: Words, view: Pick<FailedView, "next" | "of">, left: number): void {
  const [line, bar] = ["wait", "wait-bar"].map((id) => document.getElementById(id));
  if (line) line.textContent = waitLine(words, view, left);
  bar?.setAttribute("value", String(Number(bar.getAttribute("max")) - left));
}

const waitLine = (words: Words, { next, of }: Pick<FailedView, "next" | "of">, seconds: number): string =>
  words("trying-again", { seconds, n: next, total: of });
