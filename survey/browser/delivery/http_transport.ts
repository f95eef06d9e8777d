// One POST of one sealed body; only an explicit acknowledgement counts as stored.
import { type Draw, draw32 } from "../documents/random";
import { isOwnReply, isPortal, post, type Reply, retryAfterOf, textOf } from "../documents/requests";
import { HAND_IN_SIZE, WORK_HEADER } from "./constants";
import type { DeliveryOutcome, DeliveryResult, Transport } from "./contract";

const TIMEOUT_MS = 120_000;
/** Seconds between tries that the phone makes by itself: five tries in about two minutes. */
const RETRY_WAITS = [5, 15, 30, 60];
export const MAX_TRIES = RETRY_WAITS.length + 1;
/** A server that asks for a longer wait (seconds) leaves the next try to the person. */
const LONGEST_WAIT = 120;

/**
 * Returns the seconds until the next try after `tries` of them, or null where no more are made without being asked.
 *
 * `retryAfter` is what the server asks for (RFC 9110 section 10.2.3). A quarter more or less is drawn, so that phones
 * that failed together do not come back together.
 */
export function waitAfter(tries: number, retryAfter = 0, draw: Draw = draw32): number | null {
  const wait = RETRY_WAITS[tries - 1];
  if (wait === undefined || retryAfter > LONGEST_WAIT) return null;
  const drawn = draw() / 2 ** 32;
  return Math.ceil(Math.max(wait * (0.75 + drawn / 2), retryAfter * (1 + drawn / 4)));
}

/** Returns the transport that posts to `url`; `stored` only on 201 with the hex SHA-256 of the envelope. */
export const httpTransport = (url: string): Transport => ({
  deliver: ({ body, receipt, work }, signal) =>
    post(url, body, TIMEOUT_MS, signal, work ? { [WORK_HEADER]: work } : {}).then(
      (reply): DeliveryOutcome => ({ ...outcomeOf(reply, receipt), ...retryAfterOf(reply.response) }),
      () => ({ result: "unconfirmed" }),
    ),
});

function outcomeOf(reply: Reply, receipt: string): DeliveryOutcome {
  const result = resultOf(reply, receipt);
  return result === "unconfirmed" && isPortal(reply) ? { result, portal: true } : { result };
}

function resultOf(reply: Reply, receipt: string): DeliveryResult {
  const { status } = reply.response;
  if (status === 201 && textOf(reply.bytes) === receipt) return "stored";
  // Only the door itself can say what became of these bytes: said on the way, they may have been taken before.
  if (status === 201 || !isOwnReply(reply, HAND_IN_SIZE)) return "unconfirmed";
  return ({ 400: "refused", 410: "closed", 503: "full", 507: "full" } as const)[status] ?? "not-stored";
}
