// Seals by hpke-js, where the browser cannot by itself: a script of its own, fetched by such browsers alone.
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { concat } from "../documents/bytes";
import type { HpkeSeal } from "./hpke";

/** Returns the HPKE suite of the envelope: X-Wing, HKDF-SHA256, ChaCha20-Poly1305. */
export const hpkeSuite = (): CipherSuite =>
  new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });

export const librarySeal: HpkeSeal = async (key, info, plaintext) => {
  const suite = hpkeSuite();
  const recipientPublicKey = await suite.kem.deserializePublicKey(key);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plaintext);
  return concat(new Uint8Array(enc), new Uint8Array(ct));
};
