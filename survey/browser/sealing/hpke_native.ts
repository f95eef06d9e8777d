// Seals by the browser's own cryptography (WICG webcrypto-modern-algos): its X-Wing, its HKDF, its ChaCha20-Poly1305.
import { type Bytes, concat, sha256, toHex, utf8 } from "../documents/bytes";
import { ENC_SIZE } from "./constants";
import type { HpkeSeal } from "./hpke";

/** What TypeScript does not know of WebCrypto yet. */
interface ModernCrypto {
  encapsulateBits(kem: string, key: CryptoKey): Promise<{ ciphertext: ArrayBuffer; sharedKey: ArrayBuffer }>;
  decapsulateBits(kem: string, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
  getPublicKey(key: CryptoKey, usages: readonly string[]): Promise<CryptoKey>;
  importKey(format: string, key: Bytes, algorithm: string, extractable: boolean, usages: readonly string[]): Promise<CryptoKey>;
  exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer>;
}

const KEM = "MLKEM768-X25519";
const AEAD = "ChaCha20-Poly1305";
/** "HPKE", then the KEM, the KDF and the AEAD, two bytes each (RFC 9180, 5.1). */
const SUITE_ID = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3));
const HASH_SIZE = 32;
const KEY_SIZE = 32;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;

/** Where in enc the X25519 share stands, behind the ML-KEM ciphertext; 9 is that curve's base point. */
const SHARE_AT = 1088;
const BASE_POINT = 9;
/** Bytes 0 to 255, four times: many blocks, since a cipher may be right on one and wrong on more (CVE-2023-4807). */
export const KNOWN_TEXT = Uint8Array.from({ length: 1024 }, (_, at) => at);
/** Zeros for ML-KEM, whose implicit rejection takes any; the base point for X25519. */
export const KNOWN_MESSAGE = concat(new Uint8Array(SHARE_AT), Uint8Array.of(BASE_POINT), new Uint8Array(31));
/**
 * SHA-256 of the text's ciphertext, tag included, under the secret that a key of zeros finds in the message; that of
 * hpke-js has it too, and `cryptography` opens it (tests do).
 */
export const KNOWN_ANSWER = "a7bf2901662f388ff954d018edec8d767ddd8b173983f210039fff2c683decd0";

// Read at each use: a page without WebCrypto must be able to load this.
const modern = (): ModernCrypto => crypto.subtle as unknown as ModernCrypto;

/** Seals once; rejects where the browser has not all of it, refuses the key, or makes a seal of another length. */
export const nativeSeal: HpkeSeal = async (key, info, plaintext) => {
  const recipient = await modern().importKey("raw-public", key, KEM, false, ["encapsulateBits"]);
  const { ciphertext, sharedKey } = await modern().encapsulateBits(KEM, recipient);
  const sealed = concat(new Uint8Array(ciphertext), await sealedUnder(new Uint8Array(sharedKey), info, plaintext));
  if (sealed.length !== ENC_SIZE + plaintext.length + TAG_SIZE) throw new Error("the seal has another length");
  return sealed;
};

/**
 * Returns the ciphertext under a KEM's shared secret (32 bytes): KeySchedule and Seal of RFC 9180, 5.1 and 5.2. The
 * secret and the key from it are wiped, whatever fails.
 */
export async function sealedUnder(shared: Bytes, info: Bytes, plaintext: Bytes): Promise<Bytes> {
  const used = [shared];
  try {
    const expanded = await expansion(shared, info);
    const bytes = await expanded("key", KEY_SIZE);
    used.push(bytes);
    const key = await modern().importKey("raw-secret", bytes, AEAD, false, ["encrypt"]);
    const iv = await expanded("base_nonce", NONCE_SIZE);
    return new Uint8Array(await crypto.subtle.encrypt({ name: AEAD, iv }, key, plaintext));
  } finally {
    for (const one of used) one.fill(0);
  }
}

/** Returns what derives from a shared secret, in base mode without a psk, the bytes of a label (RFC 9180, 5.1). */
async function expansion(shared: Bytes, info: Bytes): Promise<(label: string, size: number) => Promise<Bytes>> {
  const context = concat(Uint8Array.of(0), await extracted("psk_id_hash"), await extracted("info_hash", info));
  const secret = await crypto.subtle.importKey("raw", labelled("secret"), "HKDF", false, ["deriveBits"]);
  return async (label, size) => {
    const expand = concat(Uint8Array.of(0, size), labelled(label, context));
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: shared, info: expand };
    return new Uint8Array(await crypto.subtle.deriveBits(hkdf, secret, 8 * size));
  };
}

/** Returns LabeledExtract without a salt (RFC 9180, 4): HMAC, whose key of zeros is what HKDF takes for none. */
async function extracted(label: string, ...parts: readonly Bytes[]): Promise<Bytes> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(HASH_SIZE), hmac, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, labelled(label, ...parts)));
}

const labelled = (label: string, ...parts: readonly Bytes[]): Bytes =>
  concat(utf8("HPKE-v1"), SUITE_ID, utf8(label), ...parts);

/** Returns the private key of a seed of 32 bytes. */
const keyOf = (seed: Bytes): Promise<CryptoKey> => modern().importKey("raw-seed", seed, KEM, false, ["decapsulateBits"]);

/** Returns the ciphertext that the holder of `seed` finds for enc (1120 bytes): what the sealer made, or the browser is wrong. */
export async function sealedAgain(seed: Bytes, enc: Bytes, info: Bytes, plaintext: Bytes): Promise<Bytes> {
  const shared = await modern().decapsulateBits(KEM, await keyOf(seed), enc);
  return sealedUnder(new Uint8Array(shared), info, plaintext);
}

/**
 * Returns whether this browser seals, and seals rightly; rejects where it cannot.
 *
 * A key of zeros is expanded, a message decapsulated, and a text sealed: the bytes must have the known hash. `info` is
 * the public key, so that it is compared too. Then two seals of the text to that key, as phones make them: its holder
 * must come to the same bytes, and the two must differ.
 */
export async function isNativeRight(): Promise<boolean> {
  const seed = new Uint8Array(KEY_SIZE);
  const own = await modern().getPublicKey(await keyOf(seed), ["encapsulateBits"]);
  const key = new Uint8Array(await modern().exportKey("raw-public", own));
  const known = await sealedAgain(seed, KNOWN_MESSAGE, key, KNOWN_TEXT);
  if (toHex(await sha256(known)) !== KNOWN_ANSWER) return false;
  const [one, other] = await Promise.all([seed, seed].map(() => nativeSeal(key, seed, KNOWN_TEXT))) as [Bytes, Bytes];
  const again = await sealedAgain(seed, one.slice(0, ENC_SIZE), seed, KNOWN_TEXT);
  return toHex(one.slice(ENC_SIZE)) === toHex(again) && toHex(one) !== toHex(other);
}
