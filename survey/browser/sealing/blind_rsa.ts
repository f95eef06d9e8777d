// The phone's side of RSABSSA-SHA384-PSS-Randomized (RFC 9474; as crypto/blinding.py), in the browser's own integers.
import { invert, pow2 } from "@noble/curves/abstract/modular.js";
import { type Bytes, concat, toHex } from "../documents/bytes";
import { PREFIX_SIZE, SALT_SIZE } from "./constants";

// Decision 110.
const HASH_SIZE = 48;

/** An issuer's public key: its modulus N, the size of that in bytes, and the key with which WebCrypto verifies. */
export interface IssuerKey {
  modulus: bigint;
  size: number;
  verifier: CryptoKey;
}

/** A prepared message (prefix 32, message) and the inverse of its blinding: a retry uses the same. */
export interface Blinding {
  prepared: Bytes;
  /** The blinded message for the issuer, as long as the modulus. */
  blinded: Bytes;
  inverse: Bytes;
}

/** Blinds `message` under a fresh prefix, salt and factor (4.1 Prepare, 4.2 Blind); throws by bad luck, where a number has no inverse. */
export async function blind({ modulus, size }: IssuerKey, message: Bytes): Promise<Blinding> {
  const prepared = concat(random(PREFIX_SIZE), message);
  const encoded = numberOf(await pssEncoded(prepared, random(SALT_SIZE), size));
  invert(encoded, modulus);
  const factor = factorBelow(modulus, size);
  const inverse = invert(factor, modulus);
  const blinded = (encoded * raised(factor, modulus)) % modulus;
  return { prepared, blinded: bytesOf(blinded, size), inverse: bytesOf(inverse, size) };
}

/** Returns the signature of what was blinded, as long as the modulus (4.4 Finalize); null where it does not verify. */
export async function unblinded(
  { modulus, size, verifier }: IssuerKey, blinding: Blinding, signed: Bytes,
): Promise<Bytes | null> {
  if (signed.length !== size) return null;
  const signature = bytesOf((numberOf(signed) * numberOf(blinding.inverse)) % modulus, size);
  return (await verifies(verifier, signature, blinding.prepared)) ? signature : null;
}

/** Says whether `signature` is one of the prepared message: RSASSA-PSS with SHA-384 and 48 bytes of salt. */
export const verifies = (verifier: CryptoKey, signature: Bytes, prepared: Bytes): Promise<boolean> =>
  crypto.subtle.verify({ name: "RSA-PSS", saltLength: SALT_SIZE }, verifier, signature, prepared);

/** Returns EMSA-PSS-ENCODE with SHA-384 (RFC 8017, 9.1.1), for a modulus of 8 · `size` bits. */
async function pssEncoded(message: Bytes, salt: Bytes, size: number): Promise<Bytes> {
  const hash = await sha384(concat(new Uint8Array(8), await sha384(message), salt));
  const block = new Uint8Array(size - HASH_SIZE - 1);
  block[block.length - SALT_SIZE - 1] = 1;
  block.set(salt, block.length - SALT_SIZE);
  const mask = await maskOf(hash, block.length);
  const masked = block.map((byte, at) => byte ^ (mask[at] as number));
  masked[0] = (masked[0] as number) & 0x7f;
  return concat(masked, hash, Uint8Array.of(0xbc));
}

/** Returns `size` bytes of MGF1 with SHA-384 (RFC 8017, B.2.1). */
async function maskOf(seed: Bytes, size: number): Promise<Bytes> {
  const counters = Array.from({ length: Math.ceil(size / HASH_SIZE) }, (_, n) => Uint8Array.of(0, 0, 0, n));
  const blocks = await Promise.all(counters.map((counter) => sha384(concat(seed, counter))));
  return concat(...blocks).slice(0, size);
}

const sha384 = async (data: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest("SHA-384", data));

const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));

/** Draws a number from 1 to N − 1, each as likely. */
function factorBelow(modulus: bigint, size: number): bigint {
  for (;;) {
    const drawn = numberOf(random(size));
    if (drawn > 0 && drawn < modulus) return drawn;
  }
}

/** Returns `base` to the power of 65537 (mod N), which is 2^16 + 1. */
const raised = (base: bigint, modulus: bigint): bigint => (pow2(base, 16n, modulus) * base) % modulus;

/** Returns the big-endian number. */
export const numberOf = (data: Bytes): bigint => BigInt(`0x${toHex(data)}`);

const bytesOf = (value: bigint, size: number): Bytes => {
  const hex = value.toString(16).padStart(2 * size, "0");
  return Uint8Array.from({ length: size }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
};
