// The two secrets behind a token: w, derived from eight words, withdraws the answer; u, random, seals it.
import { type Bytes, concat, sha256, utf8 } from "../documents/bytes";
import {
  OWNER_LABEL, OWNER_SECRET_SIZE, ROW_KEY_LABEL, SEAL_LABEL, WITHDRAWAL_LABEL, WITHDRAWAL_ROUNDS,
} from "./constants";
import { codeBytes, type WordCode } from "./word_code";

/** t is sent, and signed blind; the row's key is computed from it wherever it is used. Each 32 bytes. */
export interface Owner {
  t: Bytes;
  rowKey: Bytes;
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

/** Returns t and row key of w, and wipes w. */
export async function ownerOf(secret: Bytes): Promise<Owner> {
  const t = await sha256(concat(utf8(OWNER_LABEL), secret));
  secret.fill(0);
  return { t, rowKey: await sha256(concat(utf8(ROW_KEY_LABEL), t)) };
}

/** Returns c, 32 bytes: the commitment to u, which leaves the phone only inside the sealed answer. */
export const sealCommitment = (u: Bytes): Promise<Bytes> => sha256(concat(utf8(SEAL_LABEL), u));
