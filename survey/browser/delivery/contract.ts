// The delivery contract: what a sealed answer is, which transports take it, and what comes of a try.
import type { Bytes } from "../documents/bytes";

/** One person's answers after the seal: made once, with the same bytes at every try. */
export interface SealedAnswer {
  envelope: Bytes;
  /** Version and record: what is sent. */
  body: Bytes;
  /** Hex SHA-256 of the envelope. */
  receipt: string;
  /** Only where the study asks for it: the proof of work, as its header has it. */
  work?: string;
}

/**
 * `stored`: acknowledged with the envelope's hash; `queued`: sealed and safe on this device, not yet sent; `closed`,
 * `full`: the server says so; `refused`: these bytes will never be taken; `used`: the invitation was spent on another
 * answer; `not-stored`: a fault that may pass; `unconfirmed`: no reply came, so they may or may not have arrived.
 */
export type DeliveryResult = "stored" | "queued" | "closed" | "full" | "refused" | "used" | "not-stored" | "unconfirmed";

/** Why a try can be repeated: the screen says it and offers another. */
export type DeliveryFailure = "seal-failed" | "not-stored" | "full" | "unconfirmed";

/** What happens during a try; each is also the key of the text that says it. */
export type DeliveryStage =
  | "sending-lock" | "sending-way" | "sending-slow" | "invite-lock" | "invite-token" | "invite-way" | "work-sum";

export type OnStage = (stage: DeliveryStage) => void;

export interface DeliveryOutcome {
  result: DeliveryResult;
  /** Seconds that the server asks to wait before the next try. */
  retryAfter?: number;
}

/** Takes sealed answers: the network, or the queue of the field kit. */
export interface Transport {
  /** Only of an invitation: returns what binds the seal to its token, 32 bytes, the same every time. */
  tag?(): Promise<Bytes>;
  /** One try. Never throws; `signal` is aborted when the person leaves or stops; `onStage` hears of further stages. */
  deliver(sealed: SealedAnswer, signal: AbortSignal, onStage?: OnStage): Promise<DeliveryOutcome>;
  /** Wipes what is the same from try to try. */
  forget?(): void;
}
