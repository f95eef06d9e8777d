// Encryption of a draft with its code: PBKDF2 and AES-GCM (WebCrypto), bound to study, pin and last day, of one size.
import type { Draft } from "../answers/draft";
import { type Bytes, concat, fromBase64url, toBase64url, utf8 } from "../documents/bytes";
import { codeBytes, type WordCode } from "../sealing/word_code";

/** The code has 88 bits; 2^17 rounds make each guess cost as much as 17 bits more. */
const ROUNDS = 2 ** 17;
const SALT_SIZE = 16;
const IV_SIZE = 12;
const TAG_SIZE = 16;
const LENGTH_SIZE = 4;
/** Bytes of every draft's plaintext, however much was answered. */
export const DRAFT_SIZE = 32_768;

/** The context a draft is bound to: it cannot be decrypted in another study or under another link. */
export interface DraftContext {
  study: string;
  pin: string;
}

/** The answers do not fit into DRAFT_SIZE. */
export class DraftError extends Error {
  override readonly name = "DraftError";
}

// Decision 37.
/** Returns `draft` encrypted with `code`: the last day, a dot, and base64url of salt 16, IV 12 and AES-256-GCM. */
export async function encryptDraft(draft: Draft, code: WordCode, context: DraftContext, until: number): Promise<string> {
  const plaintext = padded(draft);
  const [salt, iv] = [SALT_SIZE, IV_SIZE].map((size) => crypto.getRandomValues(new Uint8Array(size))) as [Bytes, Bytes];
  const key = await keyOf(code, salt, "encrypt");
  const algorithm = { name: "AES-GCM", iv, additionalData: associatedData(context, until) };
  const sealed = await crypto.subtle.encrypt(algorithm, key, plaintext);
  plaintext.fill(0);
  return `${until}.${toBase64url(concat(salt, iv, new Uint8Array(sealed)))}`;
}

/** Returns the draft in `stored`; null for a wrong code, another study, another link or a single changed bit alike. */
export async function decryptDraft(stored: string, code: WordCode, context: DraftContext): Promise<Draft | null> {
  const [, day = "", text = ""] = /^(\d{1,7})\.([A-Za-z0-9_-]+)$/.exec(stored) ?? [];
  const sealed = fromBase64url(text);
  if (!sealed || sealed.length !== SALT_SIZE + IV_SIZE + DRAFT_SIZE + TAG_SIZE) return null;
  const iv = sealed.slice(SALT_SIZE, SALT_SIZE + IV_SIZE);
  const key = await keyOf(code, sealed.slice(0, SALT_SIZE), "decrypt");
  const algorithm = { name: "AES-GCM", iv, additionalData: associatedData(context, Number(day)) };
  try {
    const plaintext = await crypto.subtle.decrypt(algorithm, key, sealed.slice(SALT_SIZE + IV_SIZE));
    return read(new Uint8Array(plaintext));
  } catch {
    return null;
  }
}

async function keyOf(code: WordCode, salt: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", codeBytes(code), "PBKDF2", false, ["deriveKey"]);
  const rounds = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(rounds, secret, { name: "AES-GCM", length: 256 }, false, [use]);
}

const associatedData = ({ study, pin }: DraftContext, until: number): Bytes =>
  utf8(["sotto draft v2", study, pin, until].join("\0"));

function padded({ given, typed, token }: Draft): Bytes {
  const json = utf8(JSON.stringify({ given, typed, token }));
  if (json.length > DRAFT_SIZE - LENGTH_SIZE) throw new DraftError("the answers are too long for a draft");
  const out = new Uint8Array(DRAFT_SIZE);
  new DataView(out.buffer).setUint32(0, json.length);
  out.set(json, LENGTH_SIZE);
  json.fill(0);
  return out;
}

function read(plaintext: Bytes): Draft {
  const size = new DataView(plaintext.buffer).getUint32(0);
  const draft = JSON.parse(new TextDecoder().decode(plaintext.subarray(LENGTH_SIZE, LENGTH_SIZE + size))) as Draft;
  plaintext.fill(0);
  return draft;
}
