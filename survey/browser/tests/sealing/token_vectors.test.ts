import { afterEach, expect, test, vi } from "vitest";
import { fromBase64url, sha256, toHex } from "../../documents/bytes";
import { keyId, studyId } from "../../sealing/ids";
import { ownerOf, ownerSecret } from "../../sealing/owner";
import { blind, type Blinding, finalize, issuerKey, tokenBody, TokenError, tokenMessage } from "../../sealing/token";
import { readWordCode, wordsOfCode } from "../../sealing/typed_word_code";
import { codeBytes } from "../../sealing/word_code";
import { drawn } from "../draws";
import { fromHex, open, vector } from "../vectors";

interface Made {
  w: string; t: string; tag: string; payload: string; envelope: string; message: string; prefix: string; prepared: string;
  salt: string; factor: string; blinded: string; blind_signature: string; signature: string; record: string;
  body_sha256: string;
}
interface Tokens {
  slug: string; seed: string; public_key: string; key_id: string; manifest_hash: string; plaintext_size: number;
  issuers: { issuer_key: string }[]; made: Made[]; not_unblinded: { name: string; blind_signature: string }[];
}
interface Spelt { places: number[]; words: Record<string, string>; slug: string; study_id: string; key_id: string; w: string;
  t: string; tag: string; body: string }
interface Words {
  codes: Spelt[]; typed: { typed: string; places: number[] }[];
  bad: { typed: string; fault: { count?: number; unknown?: number; near?: string[] } }[];
}
const tokens = vector<Tokens>("token.json");
const words = vector<Words>("withdrawal.json");
const modulus = fromBase64url(tokens.issuers[0]?.issuer_key ?? "") ?? new Uint8Array();

afterEach(() => vi.restoreAllMocks());

test.each(tokens.made)("the shared token of $tag: every step gives the shared bytes", async (made) => {
  const owner = await ownerOf(fromHex(made.w));
  expect([toHex(owner.t), toHex(owner.tag)]).toEqual([made.t, made.tag]);
  const message = await tokenMessage(await studyId(tokens.slug), owner.t, fromHex(made.envelope));
  expect(toHex(message)).toBe(made.message);
  drawn(fromHex(made.prefix), fromHex(made.salt), fromHex(made.factor));
  const key = await issuerKey(modulus);
  const blinding = await blind(key, message);
  expect([toHex(blinding.prepared), toHex(blinding.blinded)]).toEqual([made.prepared, made.blinded]);
  const signature = await finalize(key, blinding, fromHex(made.blind_signature));
  expect(toHex(signature)).toBe(made.signature);
  const body = tokenBody(owner, blinding, signature, fromHex(made.envelope));
  expect([toHex(body), toHex(await sha256(body))]).toEqual([`01${made.record}`, made.body_sha256]);
});

test.each(tokens.made)("the shared envelope of $tag opens under its tag and under no other", async (made) => {
  const opener = { seed: fromHex(tokens.seed), slug: tokens.slug, manifestHash: fromHex(tokens.manifest_hash),
    tag: fromHex(made.tag), plaintextSize: tokens.plaintext_size };
  const key = fromHex(tokens.public_key);
  expect(toHex(await open(opener, key, fromHex(made.envelope)))).toBe(made.payload);
  await expect(open({ ...opener, tag: fromHex(made.t) }, key, fromHex(made.envelope))).rejects.toThrow();
  expect(toHex(await keyId(key))).toBe(tokens.key_id);
});

test.each(tokens.not_unblinded)("an issuer's answer is refused: $name", async ({ blind_signature }) => {
  const made = tokens.made[0] as Made;
  drawn(fromHex(made.prefix), fromHex(made.salt), fromHex(made.factor));
  const key = await issuerKey(modulus);
  const blinding: Blinding = await blind(key, fromHex(made.message));
  await expect(finalize(key, blinding, fromHex(blind_signature))).rejects.toThrow(TokenError);
});

test.each(words.codes)("the shared withdrawal code $places gives w, t and tag", async (one) => {
  const w = await ownerSecret(one.places, await studyId(one.slug), fromHex(one.key_id));
  expect([toHex(w), one.body]).toEqual([one.w, `01${one.key_id}${one.w}`]);
  const owner = await ownerOf(w);
  expect([toHex(owner.t), toHex(owner.tag)]).toEqual([one.t, one.tag]);
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
