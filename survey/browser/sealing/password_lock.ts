// Bytes locked with a password: PBKDF2-HMAC-SHA-256 (RFC 8018) and AES-256-GCM, both WebCrypto's.
import { type Bytes, concat } from "../documents/bytes";

/** 2^17: each guess of a password costs as much as 17 bits more. */
const ROUNDS = 131_072;
const SALT_SIZE = 16;
const IV_SIZE = 12;
const TAG_SIZE = 16;
/** Bytes that a lock adds: salt 16, IV 12, tag 16. */
export const LOCK_SIZE = SALT_SIZE + IV_SIZE + TAG_SIZE;

/** A key and the salt (16 bytes) under which a password gives it: derived once, it locks again without the wait. */
export interface PasswordKey {
  salt: Bytes;
  key: CryptoKey;
}

/** Derives the key of a password, which is wiped; under a fresh salt unless one is given. */
export async function passwordKey(password: Bytes, salt?: Bytes): Promise<PasswordKey> {
  const used = salt ?? crypto.getRandomValues(new Uint8Array(SALT_SIZE));
  const secret = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveKey"]);
  password.fill(0);
  const rounds = { name: "PBKDF2", hash: "SHA-256", salt: used, iterations: ROUNDS };
  const kind = { name: "AES-GCM", length: 256 };
  return { salt: used, key: await crypto.subtle.deriveKey(rounds, secret, kind, false, ["encrypt", "decrypt"]) };
}

/** Returns salt 16, a fresh IV 12, and AES-256-GCM of `plaintext`, bound to `context`. */
export async function lock({ salt, key }: PasswordKey, plaintext: Bytes, context: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: context }, key, plaintext);
  return concat(salt, iv, new Uint8Array(sealed));
}

/** Returns the salt of what `lock` returned. */
export const saltOf = (locked: Bytes): Bytes => locked.slice(0, SALT_SIZE);

/** Returns what was locked; null for another password, another context or a single changed bit alike. */
export async function unlock({ key }: PasswordKey, locked: Bytes, context: Bytes): Promise<Bytes | null> {
  const iv = locked.slice(SALT_SIZE, SALT_SIZE + IV_SIZE);
  const algorithm = { name: "AES-GCM", iv, additionalData: context };
  const sealed = locked.slice(SALT_SIZE + IV_SIZE);
  return crypto.subtle.decrypt(algorithm, key, sealed).then((opened) => new Uint8Array(opened), () => null);
}
