// The two requests to the issuer: is this code good, and sign this blinded message for it. It never sees an answer.
import { type Bytes, concat, utf8 } from "../documents/bytes";
import { BODY_VERSION, SIGNATURE_SIZE } from "../sealing/constants";

const TIMEOUT_MS = 60_000;

/** The issuer's word on a code; `away`: none came, or none that can be relied on. */
export type Standing = "good" | "used" | "unknown" | "closed" | "away";

const STANDINGS: Readonly<Record<number, Standing>> = { 204: "good", 404: "unknown", 409: "used", 410: "closed" };

/** A blind signature, or why there is none; `after`: seconds that the issuer asks to wait. */
export type Issued = { signed: Bytes } | { standing: Standing; after?: number };

/** Asks whether `code` (17 symbols) may still be used; changes nothing there. */
export async function standingOf(study: string, code: string, gone: AbortSignal): Promise<Standing> {
  const response = await asked(`/t/${study}/check`, concat(Uint8Array.of(BODY_VERSION), utf8(code)), gone);
  return STANDINGS[response?.status ?? 0] ?? "away";
}

/** Asks for the blind signature of `blinded` (256 bytes): the same for the same bytes, none for others. */
export async function signedFor(study: string, code: string, blinded: Bytes, gone: AbortSignal): Promise<Issued> {
  const response = await asked(`/t/${study}`, concat(Uint8Array.of(BODY_VERSION), utf8(code), blinded), gone);
  if (response?.status === 200) {
    const signed = await response.arrayBuffer().catch(() => null);
    return signed?.byteLength === SIGNATURE_SIZE ? { signed: new Uint8Array(signed) } : { standing: "away" };
  }
  const standing = STANDINGS[response?.status ?? 0] ?? "away";
  const after = /^\d{1,6}$/.exec(response?.headers.get("Retry-After") ?? "")?.[0];
  return after === undefined ? { standing } : { standing, after: Number(after) };
}

/** One POST with nothing of this phone in it but the body; null where no answer came. */
async function asked(url: string, body: Bytes, gone: AbortSignal): Promise<Response | null> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const timer = setTimeout(abort, TIMEOUT_MS);
  gone.addEventListener("abort", abort);
  try {
    return await fetch(url, {
      method: "POST", body, headers: { "Content-Type": "application/octet-stream" }, cache: "no-store",
      credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", signal: stop.signal,
    });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", abort);
    body.fill(0);
  }
}
