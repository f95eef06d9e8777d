// Scenes: the description of the current screen for observers (reading aloud, drafts, shared devices).
import type { Group, Item, Texts } from "../documents/documents";
import type { Words } from "../documents/interface_texts";
import type { Screen } from "./page";

/** The current screen; it has ids of items and codes, never an answer. */
export interface Scene {
  at: "code" | "consent" | "item" | "handover" | "ready" | "sending" | "failed" | "done" | "ended";
  /** On an item screen the item, or the items of a ranking; else empty. */
  items: readonly Item[];
  group: Group | undefined;
  /** The codes in the order in which this screen shows them, the missing ones last. */
  codes: readonly number[];
  texts: Texts;
  screen: Screen;
}

/** How an assistant and the person answering share one device (assisted mode, private items). */
export interface Handover {
  /** Returns the screen in between: it says who takes the device now; `go` shows what comes next. */
  screen(to: "person" | "assistant", texts: Texts, words: Words, go: () => void): Screen;
}
