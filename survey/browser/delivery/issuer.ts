// The two requests to the issuer: check a code, and sign a blinded message for it. It never sees an answer.
import { type Bytes, concat, utf8 } from "../documents/bytes";
import { ANONYMOUS, retryAfterOf, withTimeout } from "../documents/requests";
import { BODY_VERSION, SIGNATURE_SIZE } from "../sealing/constants";

const TIMEOUT_MS = 60_000;

/** The issuer's status of a code; `away`: no valid reply. */
export type CodeStatus = "good" | "used" | "unknown" | "closed" | "away";

const CODE_STATUSES: Readonly<Record<number, CodeStatus>> = {
  204: "good", 404: "unknown", 409: "used", 410: "closed",
};
const statusOf = (response: Response | null): CodeStatus => CODE_STATUSES[response?.status ?? 0] ?? "away";

/** A blind signature, or why there is none; `retryAfter`: seconds that the issuer asks to wait. */
export type SignatureReply = { signature: Bytes } | { status: CodeStatus; retryAfter?: number };

/** Requests the status of `code` (17 symbols), without using it. */
export async function checkCode(study: string, code: string, signal: AbortSignal): Promise<CodeStatus> {
  return statusOf(await postToIssuer(`/t/${study}/check`, [utf8(code)], signal));
}

/** Requests the blind signature of `blinded` (256 bytes); a code gets it for one message only, repeatedly. */
export async function requestSignature(
  study: string, code: string, blinded: Bytes, signal: AbortSignal,
): Promise<SignatureReply> {
  const response = await postToIssuer(`/t/${study}`, [utf8(code), blinded], signal);
  if (response?.status !== 200) return { status: statusOf(response), ...retryAfterOf(response) };
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
