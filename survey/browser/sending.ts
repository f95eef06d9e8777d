// One POST of one sealed body: whatever does not say "stored" in so many words counts as not stored.
import type { Bytes } from "./bytes";
import type { Outcome, Outlet, Result, Sealed } from "./options";

const TIMEOUT_MS = 120_000;

/** Returns the outlet that hands in to `url`; `stored` only on 201 with the hex SHA-256 of the envelope. */
export const post = (url: string): Outlet => ({
  async deliver(sealed: Sealed, gone: AbortSignal): Promise<Outcome> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
    const abort = (): void => stop.abort();
    gone.addEventListener("abort", abort);
    try {
      return await answered(await fetch(url, request(sealed.body, stop.signal)), sealed);
    } catch {
      return { result: "unconfirmed" };
    } finally {
      clearTimeout(timer);
      gone.removeEventListener("abort", abort);
    }
  },
});

const request = (body: Bytes, signal: AbortSignal): RequestInit => ({
  method: "POST",
  body,
  headers: { "Content-Type": "application/octet-stream" },
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
  // Too slow and too often may pass; whatever else the server blames on the request, it will blame again.
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "refused" : "not-stored";
}
