// Padding, sealing with HPKE, and the layout of the body (crypto/ENVELOPE.md; as crypto/sealing.py).
import { type Bytes, concat, utf8 } from "../documents/bytes";
import {
  BODY_VERSION, INFO_LABEL, LENGTH_SIZE, ROW_KEY_SIZE, SEAL_SECRET_SIZE, SUITE, TOKEN_SIZE,
} from "./constants";
import type { HpkeSeal } from "./hpke";
import { keyId, studyId } from "./ids";

/** The key that answers are sealed to, and the context of the seal. */
export interface Recipient {
  study: string;
  /** X-Wing public key, 1216 bytes. */
  key: Bytes;
  /** SHA-256 of the wave manifest, 32 bytes. */
  manifestHash: Bytes;
  /** Size of every plaintext of the study, bytes. */
  plaintextSize: number;
}

/** What an answer is sealed with: its token's row key and u (32 bytes each), and the record's first 352 bytes. */
export interface Sealing {
  rowKey: Bytes;
  u: Bytes;
  head: Bytes;
}

/** The payload does not fit, or the phone could not seal it. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Returns HPKE's `info`: label, study id 16, manifest hash 32, key id 8 and row key 32, zeros on an open link. */
export async function sealInfo(recipient: Recipient, rowKey: Bytes): Promise<Bytes> {
  const study = await studyId(recipient.study);
  return concat(utf8(INFO_LABEL), study, recipient.manifestHash, await keyId(recipient.key), rowKey);
}

/** Returns length (big-endian, 2 bytes), u 32, payload and zeros: `size` bytes, whatever was answered. */
export function pad(payload: Bytes, size: number, u: Bytes): Bytes {
  const start = LENGTH_SIZE + u.length;
  if (payload.length > 0xffff || payload.length + start > size) throw new SealError("the payload does not fit");
  const out = new Uint8Array(size);
  new DataView(out.buffer).setUint16(0, payload.length);
  out.set(u, LENGTH_SIZE);
  out.set(payload, start);
  return out;
}

/**
 * Returns the envelope of `payload`: 02 | 01 | key_id 8 | enc 1120 | ciphertext. Throws SealError.
 *
 * Without a token, on an open link, row key and u are zeros.
 */
export async function seal(hpke: HpkeSeal, recipient: Recipient, payload: Bytes, token?: Sealing): Promise<Bytes> {
  const [rowKey, u] = token ? [token.rowKey, token.u] : [new Uint8Array(ROW_KEY_SIZE), new Uint8Array(SEAL_SECRET_SIZE)];
  const plaintext = pad(payload, recipient.plaintextSize, u);
  try {
    const sealed = await hpke(recipient.key, await sealInfo(recipient, rowKey), plaintext);
    return concat(Uint8Array.of(...SUITE), await keyId(recipient.key), sealed);
  } catch {
    throw new SealError("this browser could not seal");
  } finally {
    plaintext.fill(0);
  }
}

/** Returns the body: 02 | t 32 | c 32 | prefix 32 | signature 256, all zeros on an open link | envelope. */
export const bodyOf = (envelope: Bytes, token?: Sealing): Bytes =>
  concat(Uint8Array.of(BODY_VERSION), token ? token.head : new Uint8Array(TOKEN_SIZE), envelope);
