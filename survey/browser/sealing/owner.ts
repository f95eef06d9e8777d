// The owner secret w of an answer, derived from eight words; w withdraws it, its hashes t and tag are sent with it.
import { type Bytes, concat, sha256, utf8 } from "../documents/bytes";
import { OWNER_LABEL, OWNER_SECRET_SIZE, TAG_LABEL, WITHDRAWAL_LABEL, WITHDRAWAL_ROUNDS } from "./constants";
import { codeBytes, type WordCode } from "./word_code";

/** t is sent, and signed blind; the tag of t is the row's key. Each 32 bytes. */
export interface Owner {
  t: Bytes;
  tag: Bytes;
}

/** Returns w, 32 bytes: PBKDF2-HMAC-SHA-256 of the code, salted with study (16 bytes) and key id (8 bytes). */
export async function ownerSecret(code: WordCode, study: Bytes, keyId: Bytes): Promise<Bytes> {
  const password = codeBytes(code);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  password.fill(0);
  const salt = concat(utf8(WITHDRAWAL_LABEL), study, keyId);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt, iterations: WITHDRAWAL_ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * OWNER_SECRET_SIZE));
}

/** Returns t and tag of w, and wipes w. */
export async function ownerOf(secret: Bytes): Promise<Owner> {
  const t = await sha256(concat(utf8(OWNER_LABEL), secret));
  secret.fill(0);
  return { t, tag: await sha256(concat(utf8(TAG_LABEL), t)) };
}
