// Tokens: two commitments, signed blind before the first question (RFC 9474; as crypto/tokens.py and blinding.py).
import { BlindRSA } from "@cloudflare/blindrsa-ts/lib/src/blindrsa.js";
import { type Bytes, concat, toBase64url, utf8 } from "../documents/bytes";
import { MESSAGE_LABEL, PREFIX_SIZE, SALT_SIZE } from "./constants";

/** RFC 9474 section 5: RSABSSA-SHA384-PSS-Randomized. */
export const SUITE = new BlindRSA({
  name: "RSABSSA-SHA384-PSS-Randomized", hash: "SHA-384", saltLength: SALT_SIZE, prepareType: PREFIX_SIZE,
  supportsRSARAW: false,
});

/** The issuer's response is no valid token for these commitments. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** A prepared message (prefix 32, message 103) and the inverse of its blinding: a retry uses the same. */
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

/** Returns what is signed blind, 103 bytes: label, study id 16, key id 8, and the commitments t and c, 32 each. */
export const tokenMessage = (study: Bytes, keyId: Bytes, t: Bytes, c: Bytes): Bytes =>
  concat(utf8(MESSAGE_LABEL), study, keyId, t, c);

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
