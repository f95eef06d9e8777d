import { expect, test } from "vitest";
import { type Bytes, concat, sha256, toHex, utf8 } from "../../documents/bytes";
import { hpkeSuite, librarySeal } from "../../sealing/hpke_library";
import { keyId } from "../../sealing/ids";
import { sealCommitment } from "../../sealing/owner";
import { bodyOf, pad, seal as sealBy, SealError, sealInfo } from "../../sealing/seal";
import { fromHex, open, type Opener, rowKeyOf, vector, zeros } from "../vectors";

interface Case {
  name: string; sealed_by: string; seed: string; slug: string; manifest_hash: string; t: string; c: string; u: string; envelope: string;
  plaintext_size: number; truncate?: string; ekm?: string; info?: string; plaintext?: string; row_key?: string;
  body_sha256?: string; expect: { payload?: string; fail?: string };
}
interface Key { seed: string; public_key: string; key_id: string }
const vectors = vector<{ keys: Key[]; cases: Case[] }>("envelope.json");
const publicKey = (seed: string): Bytes => fromHex(vectors.keys.find((key) => key.seed === seed)?.public_key ?? "");
const openerOf = (one: Case): Opener => ({
  seed: fromHex(one.seed), slug: one.slug, manifestHash: fromHex(one.manifest_hash), t: fromHex(one.t), c: fromHex(one.c),
  plaintextSize: one.plaintext_size,
});
const opens = vectors.cases.filter((one) => one.expect.payload !== undefined);
const fails = vectors.cases.filter((one) => one.expect.fail !== undefined && one.truncate === undefined);

test.each(vectors.keys)("the key id of $key_id is the hash of its key", async ({ public_key, key_id }) => {
  expect(toHex(await keyId(fromHex(public_key)))).toBe(key_id);
});

test.each(opens)("shared envelope opens: $name", async (one) => {
  expect(toHex(await open(openerOf(one), publicKey(one.seed), fromHex(one.envelope)))).toBe(one.expect.payload);
});

test.each(fails)("shared envelope is refused: $name ($expect.fail)", async (one) => {
  await expect(open(openerOf(one), publicKey(one.seed), fromHex(one.envelope))).rejects.toThrow();
});

test.each(vectors.cases.filter((one) => one.truncate === "every"))("every beginning is refused: $name", async (one) => {
  const envelope = fromHex(one.envelope);
  for (let size = 0; size < envelope.length; size++) {
    await expect(open(openerOf(one), publicKey(one.seed), envelope.slice(0, size))).rejects.toThrow();
  }
});

test.each(opens)("what the phone binds and pads is what Python does: $name", async (one) => {
  const { seed, slug, manifestHash, t, plaintextSize } = openerOf(one);
  const recipient = { study: slug, key: publicKey(toHex(seed)), manifestHash, plaintextSize };
  expect(toHex(await sealInfo(recipient, await rowKeyOf(t)))).toBe(one.info);
  expect(toHex(pad(fromHex(one.expect.payload ?? ""), plaintextSize, fromHex(one.u)))).toBe(one.plaintext);
});

test.each(opens.filter((one) => one.body_sha256))("the body of an open link is the shared one: $name", async (one) => {
  expect(toHex(await sha256(bodyOf(fromHex(one.envelope))))).toBe(one.body_sha256);
  expect(toHex(await sha256(fromHex(one.envelope)))).toBe(one.row_key);
});

test.each(opens.filter((one) => one.ekm))("the shared randomness gives the shared bytes: $name", async (one) => {
  const suite = hpkeSuite();
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey(one.seed));
  const context = { recipientPublicKey, info: fromHex(one.info ?? ""), ekm: fromHex(one.ekm ?? "") };
  const sealed = await suite.seal(context, fromHex(one.plaintext ?? ""));
  const head = concat(Uint8Array.of(2, 1), await keyId(publicKey(one.seed)));
  expect(toHex(concat(head, new Uint8Array(sealed.enc), new Uint8Array(sealed.ct)))).toBe(one.envelope);
});

const opener = openerOf(opens[0] as Case);
const seal = sealBy.bind(null, librarySeal);
const openerOfLink = { ...opener, t: zeros(32), c: zeros(32) };
const key = publicKey(toHex(opener.seed));
const recipient = { study: opener.slug, key, manifestHash: opener.manifestHash, plaintextSize: 256 };

test("what the phone seals, the holder of the key opens", async () => {
  for (const payload of [zeros(0), Uint8Array.of(1), crypto.getRandomValues(new Uint8Array(222))]) {
    expect(await open(openerOfLink, recipient.key, await seal(recipient, payload))).toEqual(payload);
  }
});

test("every envelope has the same length, and no two are alike", async () => {
  const envelopes = await Promise.all([zeros(0), zeros(0), zeros(222)].map((payload) => seal(recipient, payload)));
  expect(new Set(envelopes.map((envelope) => envelope.length))).toEqual(new Set([10 + 1120 + 256 + 16]));
  expect(new Set(envelopes.map(toHex)).size).toBe(3);
});

test.each([{ study: "other" }, { manifestHash: zeros(32) }])("a seal for %j opens nowhere else", async (other) => {
  const envelope = await seal({ ...recipient, ...other }, utf8("answers"));
  await expect(open(openerOfLink, recipient.key, envelope)).rejects.toThrow();
});

test("a payload that does not fit is refused before anything is sealed", async () => {
  await expect(seal(recipient, zeros(223))).rejects.toThrow(SealError);
});

test("a key of another length cannot be sealed to", async () => {
  await expect(seal({ ...recipient, key: zeros(1215) }, zeros(1))).rejects.toThrow(SealError);
});

test("what is sealed under a token opens under its t and c, and under no other or none", async () => {
  const [t, u] = [zeros(32).fill(5), zeros(32).fill(6)];
  const c = await sealCommitment(u);
  const envelope = await seal(recipient, utf8("answers"), { rowKey: await rowKeyOf(t), u, head: zeros(352) });
  expect(await open({ ...opener, t, c }, recipient.key, envelope)).toEqual(utf8("answers"));
  for (const other of [{ t, c: u }, { t: u, c }, { t: zeros(32), c: zeros(32) }]) {
    await expect(open({ ...opener, ...other }, recipient.key, envelope)).rejects.toThrow();
  }
});

test("the body is version, 352 bytes of a token or zeros, and the envelope", async () => {
  const body = bodyOf(Uint8Array.of(7, 8));
  const tokened = bodyOf(Uint8Array.of(7, 8), { rowKey: zeros(32), u: zeros(32), head: zeros(352).fill(9) });
  expect([body[0], body.length, body.slice(1, 353).some((byte) => byte !== 0)]).toEqual([2, 355, false]);
  expect([tokened.length, tokened.slice(1, 353).every((byte) => byte === 9)]).toEqual([355, true]);
  expect(body.slice(353)).toEqual(Uint8Array.of(7, 8));
});
