// What seals: HPKE (RFC 9180) in base mode, single-shot, of the envelope's one suite (crypto/ENVELOPE.md).
import type { Bytes } from "../documents/bytes";

/** Seals `plaintext` to an X-Wing public key (1216 bytes); returns enc 1120 | ciphertext, 16 bytes longer. */
export type HpkeSeal = (key: Bytes, info: Bytes, plaintext: Bytes) => Promise<Bytes>;
