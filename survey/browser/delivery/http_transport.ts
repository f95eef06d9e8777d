// One POST of one sealed body; anything but an explicit acknowledgement counts as not stored.
import { type Draw, draw32 } from "../documents/random";
import { ANONYMOUS, retryAfterOf, withTimeout } from "../documents/requests";
import { WORK_HEADER } from "./constants";
import type { DeliveryOutcome, DeliveryResult, SealedAnswer, Transport } from "./contract";

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
  deliver: (sealed, signal) =>
    withTimeout(TIMEOUT_MS, signal, async ({ signal: until }): Promise<DeliveryOutcome> =>
      outcomeOf(await fetch(url, { ...request(sealed), signal: until }), sealed),
    ).catch(() => ({ result: "unconfirmed" })),
});

const request = ({ body, work }: SealedAnswer): RequestInit => ({
  method: "POST",
  body,
  headers: { "Content-Type": "application/octet-stream", ...(work ? { [WORK_HEADER]: work } : {}) },
  ...ANONYMOUS,
});

async function outcomeOf(response: Response, sealed: SealedAnswer): Promise<DeliveryOutcome> {
  if (response.status !== 201) return { result: resultOf(response.status), ...retryAfterOf(response) };
  return { result: (await response.text()) === sealed.receipt ? "stored" : "not-stored" };
}

function resultOf(status: number): DeliveryResult {
  if (status === 410) return "closed";
  if (status === 503 || status === 507) return "full";
  // 408, 429 and 428 are temporary; any other client error would be repeated.
  return status >= 400 && status < 500 && ![408, 428, 429].includes(status) ? "refused" : "not-stored";
}
