// One POST of one sealed body: whatever does not say "stored" in so many words counts as not stored.
import { type Bytes, sha256, toHex } from "./bytes";

const TIMEOUT_MS = 120_000;

/** `unconfirmed`: no reply came, so it may or may not have arrived; the others are the server's word. */
export type Outcome = "stored" | "closed" | "full" | "not-stored" | "unconfirmed";

/** Hands in `body`; `stored` only on 201 with the hex SHA-256 of `envelope`. Never throws. */
export async function handIn(url: string, body: Bytes, envelope: Bytes, gone: AbortSignal): Promise<Outcome> {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), TIMEOUT_MS);
  const abort = (): void => stop.abort();
  gone.addEventListener("abort", abort);
  try {
    const response = await fetch(url, request(body, stop.signal));
    if (response.status !== 201) return refusal(response.status);
    return (await response.text()) === toHex(await sha256(envelope)) ? "stored" : "not-stored";
  } catch {
    return "unconfirmed";
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", abort);
  }
}

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

function refusal(status: number): Outcome {
  if (status === 410) return "closed";
  return status === 503 || status === 507 ? "full" : "not-stored";
}
