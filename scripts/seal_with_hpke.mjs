// Seals test vectors with hpke-js, the library of the phone page: reads a JSON list from standard input, writes one back.
// Each entry: public_key, info, plaintext and ekm (64 bytes of encapsulation randomness, for vectors only), all hex.
import { readFileSync } from "node:fs";

import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex")).buffer;
const hex = (buffer) => Buffer.from(buffer).toString("hex");

async function seal({ public_key, info, plaintext, ekm }) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytes(public_key));
  const sender = await suite.createSenderContext({ recipientPublicKey, info: bytes(info), ekm: bytes(ekm) });
  return hex(sender.enc) + hex(await sender.seal(bytes(plaintext)));
}

const sealed = [];
for (const entry of JSON.parse(readFileSync(0, "utf8"))) sealed.push(await seal(entry));
process.stdout.write(JSON.stringify(sealed));
