// The one request to the issuer: it signs a blinded message for a code. It never sees an answer.
import { type Bytes, concat, utf8 } from "../documents/bytes";
import { isOwnReply, isPortal, post, retryAfterOf } from "../documents/requests";
import { BODY_VERSION, SIGNATURE_SIZE } from "../sealing/constants";
import { REDEEM_SIZE } from "./constants";

const TIMEOUT_MS = 60_000;

/** Why the issuer signed nothing; `away`: no valid reply, `portal`: a network's own page or words in its place. */
export type CodeStatus = "used" | "unknown" | "closed" | "away" | "portal";

const CODE_STATUSES: Readonly<Record<number, CodeStatus>> = { 404: "unknown", 409: "used", 410: "closed" };

/** A blind signature, or why there is none; `retryAfter`: seconds that the issuer asks to wait. */
export type SignatureReply = { signature: Bytes } | { status: CodeStatus; retryAfter?: number };

/** Requests the blind signature of `blinded` (256 bytes); a code gets it for one message only, repeatedly. */
export async function requestSignature(
  study: string, code: string, blinded: Bytes, signal: AbortSignal,
): Promise<SignatureReply> {
  const body = concat(Uint8Array.of(BODY_VERSION), utf8(code), blinded);
  const reply = await post(`/t/${study}`, body, TIMEOUT_MS, signal).catch(() => null).finally(() => body.fill(0));
  if (!reply) return { status: "away" };
  const { response, bytes } = reply;
  if (response.status === 200 && bytes.length === SIGNATURE_SIZE) return { signature: bytes };
  // Only the issuer itself can say what became of a code: whatever another says, the slip may still be good.
  const status = isOwnReply(reply, REDEEM_SIZE) ? CODE_STATUSES[response.status] : undefined;
  const isForeign = isPortal(reply) || (response.ok && bytes.length > 0);
  return { status: status ?? (isForeign ? "portal" : "away"), ...retryAfterOf(response) };
}
