// Tokens: one blind signature for one sealed envelope (RFC 9474; as crypto/tokens.py and blinding.py).
import { BlindRSA } from "@cloudflare/blindrsa-ts/lib/src/blindrsa.js";
import { type Bytes, concat, sha256, toBase64url } from "../documents/bytes";
import { BODY_VERSION, PREFIX_SIZE, SALT_SIZE } from "./constants";
import type { Owner } from "./owner";

/** RFC 9474 section 5: RSABSSA-SHA384-PSS-Randomized. */
export const SUITE = new BlindRSA({
  name: "RSABSSA-SHA384-PSS-Randomized", hash: "SHA-384", saltLength: SALT_SIZE, prepareType: PREFIX_SIZE,
  supportsRSARAW: false,
});

/** The issuer's response is no valid token for this envelope. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** A prepared message (prefix 32, message 80) and the inverse of its blinding: a retry uses the same. */
export interface Blinding {
  prepared: Bytes;
  /** The blinded message for the issuer, 256 bytes. */
  blinded: Bytes;
  inverse: Bytes;
}

/** Returns the key of `modulus` (256 bytes, exponent 65537) for WebCrypto. */
export const issuerKey = (modulus: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("jwk", { kty: "RSA", alg: "PS384", n: toBase64url(modulus), e: "AQAB" },
    { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);

/** Returns what is signed blind, 80 bytes: study id, t and the envelope's hash, so that no other answer can spend it. */
export const tokenMessage = async (study: Bytes, t: Bytes, envelope: Bytes): Promise<Bytes> =>
  concat(study, t, await sha256(envelope));

/** Blinds `message` under a fresh prefix, salt and factor. */
export async function blind(key: CryptoKey, message: Bytes): Promise<Blinding> {
  const prepared = SUITE.prepare(message) as Bytes;
  const { blindedMsg, inv } = await SUITE.blind(key, prepared);
  return { prepared, blinded: blindedMsg as Bytes, inverse: inv as Bytes };
}

/** Returns the signature of what was blinded, checked; throws TokenError. */
export async function finalize(key: CryptoKey, blinding: Blinding, signed: Bytes): Promise<Bytes> {
  try {
    return (await SUITE.finalize(key, blinding.prepared, signed, blinding.inverse)) as Bytes;
  } catch {
    throw new TokenError("the token is not good");
  }
}

/** Returns the body with a token: 01 | tag 32 | prefix 32 | t 32 | signature 256 | envelope. */
export const tokenBody = ({ t, tag }: Owner, { prepared }: Blinding, signature: Bytes, envelope: Bytes): Bytes =>
  concat(Uint8Array.of(BODY_VERSION), tag, prepared.subarray(0, PREFIX_SIZE), t, signature, envelope);

/** Overwrites secrets that could link a token to its request. */
export function wipe(...parts: readonly (Uint8Array | null | undefined)[]): void {
  for (const part of parts) part?.fill(0);
}
