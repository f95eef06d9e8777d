// The delivery contract: what a sealed answer is, where it can be handed in, and what comes of a try.
import type { Bytes } from "../documents/bytes";

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

/** Why answers are not stored after a try: what the screen says, and that it can be tried again. */
export type Failure = "seal-failed" | "not-stored" | "full" | "unconfirmed";

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
