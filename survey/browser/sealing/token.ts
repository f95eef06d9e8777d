// Tokens: two commitments, signed blind before the first question (RFC 9474; as crypto/tokens.py and blinding.py).
import { type Bytes, concat, toBase64url, utf8 } from "../documents/bytes";
import { type Blinding, type IssuerKey, numberOf, unblinded } from "./blind_rsa";
import { MESSAGE_LABEL } from "./constants";

export { blind, type Blinding, type IssuerKey } from "./blind_rsa";

/** The issuer's response is no valid token for these commitments. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** Returns the key of `modulus` (its top bit set, exponent 65537). */
export async function issuerKey(modulus: Bytes): Promise<IssuerKey> {
  const jwk = { kty: "RSA", alg: "PS384", n: toBase64url(modulus), e: "AQAB" };
  const verifier = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, false, ["verify"]);
  return { modulus: numberOf(modulus), size: modulus.length, verifier };
}

/** Returns what is signed blind, 103 bytes: label, study id 16, key id 8, and the commitments t and c, 32 each. */
export const tokenMessage = (study: Bytes, keyId: Bytes, t: Bytes, c: Bytes): Bytes =>
  concat(utf8(MESSAGE_LABEL), study, keyId, t, c);

/** Returns the signature of what was blinded, checked; throws TokenError. */
export async function finalize(key: IssuerKey, blinding: Blinding, signed: Bytes): Promise<Bytes> {
  const signature = await unblinded(key, blinding, signed);
  if (!signature) throw new TokenError("the token is not good");
  return signature;
}
