import { afterEach, expect, test, vi } from "vitest";
import { concat, sha256, toHex, utf8 } from "../../documents/bytes";
import { verifies } from "../../sealing/blind_rsa";
import { FETCHED_TOKEN_SIZE, tokenBytes, tokenOfBytes } from "../../sealing/fetched_token";
import { studyId } from "../../sealing/ids";
import { ownerOf, ownerSecret, sealCommitment } from "../../sealing/owner";
import { blind, finalize, issuerKey, TokenError, tokenMessage } from "../../sealing/token";
import { drawn } from "../draws";
import { fromHex, label, vector, zeros } from "../vectors";

interface Published { n: string; e: string; input_msg: string; msg_prefix: string; salt: string; inv: string;
  blinded_msg: string; blind_sig: string; sig: string; is_randomized: string | boolean; msg: string }
const published = vector<Published>("rfc9474.json");
const bytes = (hex: string) => fromHex(hex.replace(/^0x/, ""));

afterEach(() => vi.restoreAllMocks());

/** Returns x with x·y = 1 (mod n). */
function inverse(y: bigint, n: bigint): bigint {
  let [a, b, u, v] = [((y % n) + n) % n, n, 1n, 0n];
  while (a > 1n) {
    const q = b / a;
    [a, b, u, v] = [b - q * a, a, v - q * u, u];
  }
  return ((u % n) + n) % n;
}
const big = (data: Uint8Array): bigint => BigInt(`0x${toHex(data)}`);
const small = (value: bigint, size: number) => fromHex(value.toString(16).padStart(2 * size, "0"));

test("RFC 9474's published vector: prepared, blinded, finalized and verified byte for byte", async () => {
  const modulus = bytes(published.n);
  const key = await issuerKey(modulus);
  const factor = small(inverse(big(bytes(published.inv)), big(modulus)), modulus.length);
  drawn(bytes(published.msg_prefix), bytes(published.salt), factor);
  const blinding = await blind(key, bytes(published.msg));
  expect(toHex(blinding.prepared)).toBe(toHex(bytes(published.input_msg)));
  expect(toHex(blinding.blinded)).toBe(toHex(bytes(published.blinded_msg)));
  expect(toHex(blinding.inverse)).toBe(toHex(bytes(published.inv)));
  const signature = await finalize(key, blinding, bytes(published.blind_sig));
  expect(toHex(signature)).toBe(toHex(bytes(published.sig)));
  expect(await verifies(key.verifier, signature, blinding.prepared)).toBe(true);
});

test("a blind signature with one changed bit, or of another length, is refused", async () => {
  const modulus = bytes(published.n);
  const key = await issuerKey(modulus);
  const blinding = { prepared: bytes(published.input_msg), blinded: bytes(published.blinded_msg), inverse: bytes(published.inv) };
  const sound = bytes(published.blind_sig);
  expect((await finalize(key, blinding, sound)).length).toBe(modulus.length);
  const changed = sound.slice();
  changed[100] = (changed[100] ?? 0) ^ 1;
  for (const bad of [changed, sound.slice(1), zeros(0), zeros(modulus.length)]) {
    await expect(finalize(key, blinding, bad)).rejects.toThrow(TokenError);
  }
});

test("no two blindings of one message are alike", async () => {
  const key = await issuerKey(bytes(published.n));
  const [one, other] = [await blind(key, utf8("m")), await blind(key, utf8("m"))];
  expect(toHex(one.prepared) === toHex(other.prepared)).toBe(false);
  expect(toHex(one.blinded) === toHex(other.blinded)).toBe(false);
});

test("w is PBKDF2 of the eight places over study and key id, t and row key its hashes, and w is wiped", async () => {
  const study = await studyId("small-study");
  const keyId = fromHex("0011223344556677");
  const code = [0, 2047, 1, 1024, 2, 3, 4, 5];
  const w = await ownerSecret(code, study, keyId);
  const { pbkdf2Sync } = await import("node:crypto");
  const salt = concat(label("sotto withdraw"), study, keyId);
  const password = fromHex("000007ff000104000002000300040005");
  expect(toHex(w)).toBe(pbkdf2Sync(password, salt, 131_072, 32, "sha256").toString("hex"));
  const t = await sha256(concat(label("sotto owner"), w));
  const owner = await ownerOf(w);
  expect([toHex(owner.t), toHex(owner.rowKey)]).toEqual([toHex(t), toHex(await sha256(concat(label("sotto tag"), t)))]);
  expect(toHex(w)).toBe("0".repeat(64));
});

test("the message is label, study, key id and both commitments, 103 bytes", async () => {
  const [study, id, t, c] = [zeros(16).fill(1), zeros(8).fill(2), zeros(32).fill(3), await sealCommitment(zeros(32))];
  const message = tokenMessage(study, id, t, c);
  expect([toHex(message), message.length]).toEqual([toHex(concat(label("sotto token v2"), study, id, t, c)), 103]);
  expect(toHex(c)).toBe(toHex(await sha256(concat(label("sotto seal"), zeros(32)))));
});

test("a fetched token comes back from its 336 bytes, and from no other number of them", () => {
  const token = { places: [0, 2047, 1, 1024, 2, 3, 4, 5], u: zeros(32).fill(1), prefix: zeros(32).fill(2), signature: zeros(256).fill(3) };
  const bytes = tokenBytes(token);
  expect([bytes.length, FETCHED_TOKEN_SIZE]).toEqual([336, 336]);
  expect(tokenOfBytes(bytes)).toEqual(token);
  expect([tokenOfBytes(bytes.slice(1)), tokenOfBytes(zeros(0))]).toEqual([null, null]);
});

test("a factor is drawn again where it is not below the modulus, and what has no inverse is refused", async () => {
  const modulus = bytes(published.n);
  const key = await issuerKey(modulus);
  const factor = small(inverse(big(bytes(published.inv)), big(modulus)), modulus.length);
  drawn(bytes(published.msg_prefix), bytes(published.salt), zeros(modulus.length), modulus, zeros(modulus.length).fill(255), factor);
  expect(toHex((await blind(key, bytes(published.msg))).blinded)).toBe(toHex(bytes(published.blinded_msg)));
  vi.restoreAllMocks();
  const even = { ...key, modulus: key.modulus - 1n };
  drawn(bytes(published.msg_prefix), bytes(published.salt), small(2n, modulus.length));
  await expect(blind(even, bytes(published.msg))).rejects.toThrow("does not exist");
});
