// What a tab's name keeps over a reload: a token, or the request for one, locked with the invitation code.
import { type Bytes, concat, fromBase64url, toBase64url, utf8 } from "../documents/bytes";
import { SIGNATURE_SIZE } from "./constants";
import { FETCHED_TOKEN_SIZE, type FetchedToken, tokenBytes, tokenOfBytes } from "./fetched_token";
import { lock, LOCK_SIZE, type PasswordKey, passwordKey, saltOf, unlock } from "./password_lock";

/** What the issuer was sent or is about to be sent, and the inverse of the blinding factor: 256 bytes each. */
export interface TokenRequest extends Omit<FetchedToken, "signature"> {
  blinded: Bytes;
  inverse: Bytes;
}

export type Kept = FetchedToken | TokenRequest;

/** The context that a name is bound to: it opens in no other study and under no other link. */
export interface TabContext {
  study: string;
  pin: string;
}

const TOKEN = 1;
const REQUEST = 2;
/** kind 1 | places 16 | u 32 | prefix 32 | signature 256 | zeros 256; or, of a request, inverse 256 | blinded 256. */
const KEPT_SIZE = 1 + FETCHED_TOKEN_SIZE + SIGNATURE_SIZE;

export const isToken = (kept: Kept): kept is FetchedToken => "signature" in kept;

/** Returns the key of an invitation code (17 symbols), under a fresh salt. */
export const tabKey = (code: string): Promise<PasswordKey> => passwordKey(utf8(code));

/** Returns the name: base64url of salt 16, IV 12 and AES-256-GCM of one size, whatever is kept. */
export async function tabName(kept: Kept, key: PasswordKey, context: TabContext): Promise<string> {
  const plaintext = bytesOf(kept);
  const locked = await lock(key, plaintext, contextBytes(context));
  plaintext.fill(0);
  return toBase64url(locked);
}

/** Returns what a name keeps, and its key; null for another code, study or link, and for what is no such name. */
export async function openTabName(
  name: string, code: string, context: TabContext,
): Promise<{ kept: Kept; key: PasswordKey } | null> {
  const locked = fromBase64url(name);
  if (locked?.length !== LOCK_SIZE + KEPT_SIZE) return null;
  const key = await passwordKey(utf8(code), saltOf(locked));
  const plaintext = await unlock(key, locked, contextBytes(context));
  const kept = plaintext && keptOf(plaintext);
  plaintext?.fill(0);
  return kept && { kept, key };
}

const contextBytes = ({ study, pin }: TabContext): Bytes => utf8(["sotto tab v2", study, pin].join("\0"));

const bytesOf = (kept: Kept): Bytes => isToken(kept)
  ? concat(Uint8Array.of(TOKEN), tokenBytes(kept), new Uint8Array(SIGNATURE_SIZE))
  : concat(Uint8Array.of(REQUEST), tokenBytes({ ...kept, signature: kept.inverse }), kept.blinded);

function keptOf(plaintext: Bytes): Kept | null {
  const token = tokenOfBytes(plaintext.slice(1, 1 + FETCHED_TOKEN_SIZE));
  if (!token || plaintext[0] === TOKEN) return token;
  const { places, u, prefix, signature: inverse } = token;
  return plaintext[0] === REQUEST ? { places, u, prefix, inverse, blinded: plaintext.slice(1 + FETCHED_TOKEN_SIZE) } : null;
}
