// The one request to the issuer: it signs a blinded message for a code. It never sees an answer.
import { type Bytes, concat, utf8 } from "../documents/bytes";
import { ANONYMOUS, retryAfterOf, withTimeout } from "../documents/requests";
import { BODY_VERSION, SIGNATURE_SIZE } from "../sealing/constants";

const TIMEOUT_MS = 60_000;

/** Why the issuer signed nothing; `away`: no valid reply. */
export type CodeStatus = "used" | "unknown" | "closed" | "away";

const CODE_STATUSES: Readonly<Record<number, CodeStatus>> = { 404: "unknown", 409: "used", 410: "closed" };

/** A blind signature, or why there is none; `retryAfter`: seconds that the issuer asks to wait. */
export type SignatureReply = { signature: Bytes } | { status: CodeStatus; retryAfter?: number };

/** Requests the blind signature of `blinded` (256 bytes); a code gets it for one message only, repeatedly. */
export async function requestSignature(
  study: string, code: string, blinded: Bytes, signal: AbortSignal,
): Promise<SignatureReply> {
  const response = await postToIssuer(`/t/${study}`, [utf8(code), blinded], signal);
  if (response?.status !== 200) {
    return { status: CODE_STATUSES[response?.status ?? 0] ?? "away", ...retryAfterOf(response) };
  }
  const signature = await response.arrayBuffer().catch(() => null);
  return signature?.byteLength === SIGNATURE_SIZE ? { signature: new Uint8Array(signature) } : { status: "away" };
}

/** One POST without cookies or referrer; null where no reply came. */
async function postToIssuer(url: string, parts: readonly Bytes[], signal: AbortSignal): Promise<Response | null> {
  const body = concat(Uint8Array.of(BODY_VERSION), ...parts);
  const headers = { "Content-Type": "application/octet-stream" };
  const response = withTimeout(TIMEOUT_MS, signal, ({ signal: until }) =>
    fetch(url, { method: "POST", body, headers, ...ANONYMOUS, signal: until }));
  return response.catch(() => null).finally(() => body.fill(0));
}
