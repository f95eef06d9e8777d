// Encryption of a draft with its code, bound to study, pin and last day, of one size.
import type { Draft } from "../answers/draft";
import { type Bytes, fromBase64url, toBase64url, utf8 } from "../documents/bytes";
import { lock, LOCK_SIZE, passwordKey, saltOf, unlock } from "../sealing/password_lock";
import { codeBytes, type WordCode } from "../sealing/word_code";

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
  const locked = await lock(await passwordKey(codeBytes(code)), plaintext, associatedData(context, until));
  plaintext.fill(0);
  return `${until}.${toBase64url(locked)}`;
}

/** Returns the draft in `stored`; null for a wrong code, another study, another link or a single changed bit alike. */
export async function decryptDraft(stored: string, code: WordCode, context: DraftContext): Promise<Draft | null> {
  const [, day = "", text = ""] = /^(\d{1,7})\.([A-Za-z0-9_-]+)$/.exec(stored) ?? [];
  const locked = fromBase64url(text);
  if (locked?.length !== LOCK_SIZE + DRAFT_SIZE) return null;
  const key = await passwordKey(codeBytes(code), saltOf(locked));
  const plaintext = await unlock(key, locked, associatedData(context, Number(day)));
  return plaintext && read(plaintext);
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
