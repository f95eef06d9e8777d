// The types of delivery: sealed answers, transports, results.
import type { Bytes } from "../documents/bytes";
import type { Sealing } from "../sealing/seal";

/** One person's sealed answers; the same bytes are sent at every try. */
export interface SealedAnswer {
  envelope: Bytes;
  /** Version byte and record, as sent. */
  body: Bytes;
  /** Hex SHA-256 of the envelope. */
  receipt: string;
  /** Only where the study asks for it: the proof of work, as its header has it. */
  work?: string;
}

/**
 * `stored`: acknowledged with the envelope's hash; `queued`: sealed and safe on this device, not yet sent; `closed`,
 * `full`: the server says so; `refused`: the server will never accept these bytes; `not-stored`: a temporary fault;
 * `unconfirmed`: no reply of the survey's own came, so they may or may not have arrived.
 */
export type DeliveryResult = "stored" | "queued" | "closed" | "full" | "refused" | "not-stored" | "unconfirmed";

/** Results after which another try is offered. */
export type DeliveryFailure = "seal-failed" | "not-stored" | "full" | "unconfirmed" | "portal";

/** The stages of a try; each is also the key of its text. */
export type DeliveryStage = "sending-lock" | "sending-way" | "sending-slow" | "work-sum";

export type OnStage = (stage: DeliveryStage) => void;

export interface DeliveryOutcome {
  result: DeliveryResult;
  /** Of `unconfirmed`: a network's own page came in place of the reply. */
  portal?: true;
  /** Seconds that the server asks to wait before the next try. */
  retryAfter?: number;
}

/** Delivers sealed answers: over the network, or into the queue of the field kit. */
export interface Transport {
  /** Only of an invitation: returns what the answer is sealed with, fetched before the first question. */
  sealing?(): Promise<Sealing>;
  /** One try. Never throws; `signal` is aborted when the person leaves or stops; `onStage` hears of further stages. */
  deliver(sealed: SealedAnswer, signal: AbortSignal, onStage?: OnStage): Promise<DeliveryOutcome>;
  /** Wipes the state kept between tries. */
  forget?(): void;
}
