// Who an answer belongs to: eight words give w, which alone may withdraw; its hashes t and tag go with the answer.
import { type Bytes, concat, sha256, utf8 } from "../documents/bytes";
import { type Code, codeBytes } from "./word_code";

/** The code has 88 bits; 2^17 rounds make each guess cost as much as 17 bits more. */
const ROUNDS = 2 ** 17;
const ZERO = Uint8Array.of(0);
const SECRET_BITS = 256;

/** t is handed in, and signed blind; the tag of t is the row's key. Each 32 bytes. */
export interface Owner {
  t: Bytes;
  tag: Bytes;
}

/** Returns w, 32 bytes: PBKDF2-HMAC-SHA-256 of the code, salted with study (16 bytes) and key id (8 bytes). */
export async function ownerSecret(code: Code, study: Bytes, keyId: Bytes): Promise<Bytes> {
  const password = codeBytes(code);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  password.fill(0);
  const salt = concat(utf8("sotto withdraw"), ZERO, study, keyId);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, SECRET_BITS));
}

/** Returns t and tag of w, and wipes w. */
export async function ownerOf(secret: Bytes): Promise<Owner> {
  const t = await sha256(concat(utf8("sotto owner"), ZERO, secret));
  secret.fill(0);
  return { t, tag: await sha256(concat(utf8("sotto tag"), ZERO, t)) };
}
