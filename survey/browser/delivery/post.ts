// One POST of one sealed body: whatever does not say "stored" in so many words counts as not stored.
import { type Draw, draw32 } from "../documents/random";
import { WORK_HEADER } from "./constants";
import type { Outcome, Outlet, Result, Sealed } from "./contract";

const TIMEOUT_MS = 120_000;
/** Seconds between tries that the phone makes by itself: five tries in about two minutes. */
const WAITS = [5, 15, 30, 60];
export const TRIES = WAITS.length + 1;
/** Who is asked to wait longer than this is not kept waiting: the person decides. */
const LONGEST = 120;

/**
 * Returns the seconds until the next try after `tries` of them, or null where no more are made without being asked.
 *
 * `after` is what the server asks for (Retry-After, RFC 9110 section 10.2.3). A quarter more or less is drawn, so that
 * phones that failed together do not come back together.
 */
export function waitAfter(tries: number, after = 0, draw: Draw = draw32): number | null {
  const wait = WAITS[tries - 1];
  if (wait === undefined || after > LONGEST) return null;
  const drawn = draw() / 2 ** 32;
  return Math.ceil(Math.max(wait * (0.75 + drawn / 2), after * (1 + drawn / 4)));
}

/** Returns the outlet that hands in to `url`; `stored` only on 201 with the hex SHA-256 of the envelope. */
export const post = (url: string): Outlet => ({
  async deliver(sealed: Sealed, gone: AbortSignal): Promise<Outcome> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
    const abort = (): void => stop.abort();
    gone.addEventListener("abort", abort);
    try {
      return await answered(await fetch(url, request(sealed, stop.signal)), sealed);
    } catch {
      return { result: "unconfirmed" };
    } finally {
      clearTimeout(timer);
      gone.removeEventListener("abort", abort);
    }
  },
});

const request = ({ body, work }: Sealed, signal: AbortSignal): RequestInit => ({
  method: "POST",
  body,
  headers: { "Content-Type": "application/octet-stream", ...(work ? { [WORK_HEADER]: work } : {}) },
  cache: "no-store",
  credentials: "omit",
  redirect: "error",
  referrerPolicy: "no-referrer",
  signal,
});

async function answered(response: Response, sealed: Sealed): Promise<Outcome> {
  if (response.status !== 201) return { result: refusal(response.status), ...waiting(response) };
  return { result: (await response.text()) === sealed.receipt ? "stored" : "not-stored" };
}

/** Retry-After in seconds; its other spelling, a date, is the clock's business and is passed over. */
function waiting(response: Response): { after?: number } {
  const value = response.headers.get("Retry-After") ?? "";
  return /^\d{1,6}$/.test(value) ? { after: Number(value) } : {};
}

function refusal(status: number): Result {
  if (status === 410) return "closed";
  if (status === 503 || status === 507) return "full";
  // Too slow, too often and work that no longer counts may pass; whatever else is wrong now will be wrong again.
  return status >= 400 && status < 500 && ![408, 428, 429].includes(status) ? "refused" : "not-stored";
}
