// What whoever starts an interview decides about it: its mode and stratum, where the sealed answers go, who looks on.
import type { Bytes } from "../documents/bytes";
import type { Answer, Group, Item, Texts } from "../documents/documents";
import type { Documents } from "../pinned/manifest";
import type { Screen } from "../screen/page";
import type { Mode } from "../answers/payload";
import type { Words } from "../documents/words";

/** One person's answers after the seal: made once, and the same bytes for every try. */
export interface Sealed {
  envelope: Bytes;
  /** Version and record: what is handed in. */
  body: Bytes;
  /** Hex SHA-256 of the envelope. */
  receipt: string;
  /** Only where the study asks for it: the proof of work, as its header is spelt. */
  work?: string;
}

/**
 * `stored`: acknowledged with the envelope's hash; `kept`: sealed and safe on this device, not yet handed in;
 * `closed`, `full`: the server's word; `refused`: these bytes will never be taken; `used`: the invitation was spent on
 * another answer; `not-stored`: a fault that may pass; `unconfirmed`: no reply came, so they may or may not have arrived.
 */
export type Result = "stored" | "kept" | "closed" | "full" | "refused" | "used" | "not-stored" | "unconfirmed";

/** What happens while answers are under way: keys of what is said of it. */
export type Stage =
  | "sending-lock" | "sending-way" | "sending-slow" | "invite-lock" | "invite-token" | "invite-way" | "work-sum";

export interface Outcome {
  result: Result;
  /** Seconds that the other side asks to wait before the next try. */
  after?: number;
}

/** Where sealed answers go: the network, or the queue of the field kit. */
export interface Outlet {
  /** Only of an invitation: returns what binds the seal to its token, 32 bytes, the same every time. */
  tag?(): Promise<Bytes>;
  /** One try. Never throws; `gone` is aborted when the person leaves or stops; `tell` is told of further stages. */
  deliver(sealed: Sealed, gone: AbortSignal, tell?: (stage: Stage) => void): Promise<Outcome>;
  /** Wipes what was kept from try to try. */
  forget?(): void;
}

/** Answers and half-typed words, to be kept in a draft: never a random draw, never anything sealed. */
export interface Draft {
  given: [string, Answer][];
  typed: [string, string[]][];
}

/** What stands on the screen; it names items and codes, never an answer. */
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
  /** The screen that stands between: it says who takes the device now; `go` shows what comes next. */
  screen(to: "person" | "assistant", texts: Texts, words: Words, go: () => void): Screen;
}

export interface Options {
  mode: Mode;
  /** One of the questionnaire's strata. */
  stratum: string;
  outlet: Outlet;
  /** Fetches the same wave's documents in another language; throws DocumentsError. */
  load: (locale: string) => Promise<Documents>;
  /** What happens once everything is forgotten and the person leaves; unless given, the page vanishes. */
  leave?: () => void;
  /** Set in assisted mode: private items are handed over, and not shown again afterwards. */
  handover?: Handover;
  /** Called after every change of the screen. */
  shown?: (scene: Scene) => void;
  /** Replaces the last screen after `stored`, `kept`, `closed`, `refused` or `used`; undefined leaves it as it is. */
  last?: (result: Result, receipt: string, texts: Texts, words: Words) => Screen | undefined;
  /** Goes on from a draft, at the first item that has no answer. */
  draft?: Draft;
}
