import { afterEach, expect, test, vi } from "vitest";
import { concat, fromBase64url, sha256, toHex } from "../../documents/bytes";
import { keyId, studyId } from "../../sealing/ids";
import { ownerOf, ownerSecret, sealCommitment } from "../../sealing/owner";
import { bodyOf } from "../../sealing/seal";
import { blind, type Blinding, finalize, issuerKey, TokenError, tokenMessage } from "../../sealing/token";
import { readWordCode, wordsOfCode } from "../../sealing/typed_word_code";
import { codeBytes } from "../../sealing/word_code";
import { drawn } from "../draws";
import { fromHex, open, type Opener, vector } from "../vectors";

interface Made {
  w: string; u: string; t: string; c: string; row_key: string; payload: string; envelope: string; message: string; prefix: string; prepared: string;
  salt: string; factor: string; blinded: string; blind_signature: string; signature: string; record: string;
  body_sha256: string;
}
interface Tokens {
  slug: string; seed: string; public_key: string; key_id: string; manifest_hash: string; plaintext_size: number;
  issuers: { issuer_key: string }[]; made: Made[]; unreadable: { name: string; record: string }[];
  not_unblinded: { name: string; blind_signature: string }[];
}
interface Spelt { places: number[]; words: Record<string, string>; slug: string; study_id: string; key_id: string; w: string;
  t: string; row_key: string; body: string }
interface Words {
  codes: Spelt[]; typed: { typed: string; places: number[] }[];
  bad: { typed: string; fault: { count?: number; unknown?: number; near?: string[] } }[];
}
const tokens = vector<Tokens>("token.json");
const words = vector<Words>("withdrawal.json");
const modulus = fromBase64url(tokens.issuers[0]?.issuer_key ?? "") ?? new Uint8Array();

afterEach(() => vi.restoreAllMocks());

test.each(tokens.made)("the shared token of $row_key: every step gives the shared bytes", async (made) => {
  const owner = await ownerOf(fromHex(made.w));
  expect([toHex(owner.t), toHex(owner.rowKey)]).toEqual([made.t, made.row_key]);
  const c = await sealCommitment(fromHex(made.u));
  expect(toHex(c)).toBe(made.c);
  const message = tokenMessage(await studyId(tokens.slug), fromHex(tokens.key_id), owner.t, c);
  expect(toHex(message)).toBe(made.message);
  drawn(fromHex(made.prefix), fromHex(made.salt), fromHex(made.factor));
  const key = await issuerKey(modulus);
  const blinding = await blind(key, message);
  expect([toHex(blinding.prepared), toHex(blinding.blinded)]).toEqual([made.prepared, made.blinded]);
  const signature = await finalize(key, blinding, fromHex(made.blind_signature));
  expect(toHex(signature)).toBe(made.signature);
  const head = concat(owner.t, c, blinding.prepared.slice(0, 32), signature);
  const body = bodyOf(fromHex(made.envelope), { rowKey: owner.rowKey, u: fromHex(made.u), head });
  expect([toHex(body), toHex(await sha256(body))]).toEqual([`02${made.record}`, made.body_sha256]);
});

const openerOf = (t: string, c: string): Opener => ({
  seed: fromHex(tokens.seed), slug: tokens.slug, manifestHash: fromHex(tokens.manifest_hash), t: fromHex(t),
  c: fromHex(c), plaintextSize: tokens.plaintext_size,
});

test.each(tokens.unreadable)("a record that its token's owner did not seal does not open: $name", async ({ record }) => {
  const [t, c, envelope] = [record.slice(0, 64), record.slice(64, 128), fromHex(record.slice(704))];
  await expect(open(openerOf(t, c), fromHex(tokens.public_key), envelope)).rejects.toThrow();
});

test.each(tokens.made)("the shared envelope of $row_key opens under its token and under no other", async (made) => {
  const opener = openerOf(made.t, made.c);
  const key = fromHex(tokens.public_key);
  expect(toHex(await open(opener, key, fromHex(made.envelope)))).toBe(made.payload);
  await expect(open({ ...opener, t: fromHex(made.c) }, key, fromHex(made.envelope))).rejects.toThrow();
  expect(toHex(await keyId(key))).toBe(tokens.key_id);
});

test.each(tokens.not_unblinded)("an issuer's answer is refused: $name", async ({ blind_signature }) => {
  const made = tokens.made[0] as Made;
  drawn(fromHex(made.prefix), fromHex(made.salt), fromHex(made.factor));
  const key = await issuerKey(modulus);
  const blinding: Blinding = await blind(key, fromHex(made.message));
  await expect(finalize(key, blinding, fromHex(blind_signature))).rejects.toThrow(TokenError);
});

test.each(words.codes)("the shared withdrawal code $places gives w, t and row key", async (one) => {
  const w = await ownerSecret(one.places, await studyId(one.slug), fromHex(one.key_id));
  expect([toHex(w), one.body]).toEqual([one.w, `02${one.key_id}${one.w}`]);
  const owner = await ownerOf(w);
  expect([toHex(owner.t), toHex(owner.rowKey)]).toEqual([one.t, one.row_key]);
  expect(codeBytes(one.places).length).toBe(16);
  for (const [locale, spelt] of Object.entries(one.words)) {
    expect(wordsOfCode(one.places, locale).join(" ")).toBe(spelt);
  }
});

test.each(words.typed)("$typed is read as its places", ({ typed, places }) => {
  expect(readWordCode(typed)).toEqual(places);
});

test.each(words.bad)("$typed is no code: $fault", ({ typed, fault }) => {
  expect(readWordCode(typed)).toEqual(fault);
});
