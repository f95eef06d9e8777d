// Padding, sealing with HPKE, and the layout of the body (crypto/ENVELOPE.md; as crypto/sealing.py).
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type Bytes, concat, utf8 } from "../documents/bytes";
import { BODY_VERSION, INFO_LABEL, LENGTH_SIZE, SUITE, TAG_SIZE, TOKEN_SIZE } from "./constants";
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

/** The payload does not fit, or the phone could not seal it. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Returns HPKE's `info`: label, study id 16, manifest hash 32, key id 8 and tag 32, zeros on an open link. */
export async function sealInfo(recipient: Recipient, tag: Bytes): Promise<Bytes> {
  const study = await studyId(recipient.study);
  return concat(utf8(INFO_LABEL), study, recipient.manifestHash, await keyId(recipient.key), tag);
}

/** Returns length (big-endian, 2 bytes), payload and zeros: `size` bytes, whatever was answered. */
export function pad(payload: Bytes, size: number): Bytes {
  if (payload.length > 0xffff || payload.length + LENGTH_SIZE > size) throw new SealError("the payload does not fit");
  const out = new Uint8Array(size);
  new DataView(out.buffer).setUint16(0, payload.length);
  out.set(payload, LENGTH_SIZE);
  return out;
}

/** Returns the HPKE suite of the envelope: X-Wing, HKDF-SHA256, ChaCha20-Poly1305. */
export const hpkeSuite = (): CipherSuite =>
  new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });

/**
 * Returns the envelope of `payload`: 01 | 01 | key_id 8 | enc 1120 | ciphertext. Throws SealError.
 *
 * `tag` (32 bytes, unless given zeros: an open link) binds it to its token.
 */
export async function seal(recipient: Recipient, payload: Bytes, tag: Bytes = new Uint8Array(TAG_SIZE)): Promise<Bytes> {
  const plaintext = pad(payload, recipient.plaintextSize);
  try {
    const suite = hpkeSuite();
    const recipientPublicKey = await suite.kem.deserializePublicKey(recipient.key);
    const sealed = await suite.seal({ recipientPublicKey, info: await sealInfo(recipient, tag) }, plaintext);
    const head = concat(Uint8Array.of(...SUITE), await keyId(recipient.key));
    return concat(head, new Uint8Array(sealed.enc), new Uint8Array(sealed.ct));
  } catch {
    throw new SealError("this browser could not seal");
  } finally {
    plaintext.fill(0);
  }
}

/** Returns the body of an open link: 01 | 352 zeros | envelope. */
export const openBody = (envelope: Bytes): Bytes =>
  concat(Uint8Array.of(BODY_VERSION), new Uint8Array(TOKEN_SIZE), envelope);
