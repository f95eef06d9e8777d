// The vectors shared with Python, and an opener that only tests have.
import { readFileSync } from "node:fs";
import { type Bytes, concat, sha256, toHex, utf8 } from "../documents/bytes";
import type { Answer, Questionnaire, Texts } from "../documents/documents";
import { INTERFACE_KEYS } from "../documents/interface_texts";
import { KEY_ID_SIZE } from "../sealing/constants";
import { hpkeSuite } from "../sealing/hpke_library";
import { sealCommitment } from "../sealing/owner";
import { sealInfo } from "../sealing/seal";

const folder = new URL("../../../tests/vectors/", import.meta.url);

export const vector = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;
export const smallQuestionnaire = (): Questionnaire => vector("questionnaire-small.json");
export const typesQuestionnaire = (): Questionnaire => vector("questionnaire-types.json");

/** The small study's English texts with a word for every key of the interface. */
export function smallTexts(): Texts {
  const texts = vector<Texts>("texts-small-en.json");
  return { ...texts, interface: Object.fromEntries(INTERFACE_KEYS.map((key) => [key, `${key}!`])) };
}

export const fromHex = (hex: string): Bytes => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const asMap = (answers: Record<string, Answer>): Map<string, Answer> => new Map(Object.entries(answers));

export interface Opener {
  seed: Bytes;
  slug: string;
  manifestHash: Bytes;
  /** Zeros on an open link, as c. */
  t: Bytes;
  c: Bytes;
  plaintextSize: number;
}

/** Opens as crypto/ENVELOPE.md says; throws for anything that is not exactly one envelope of this study. */
export async function open(opener: Opener, publicKey: Bytes, envelope: Bytes): Promise<Bytes> {
  const { slug, manifestHash, plaintextSize, t, c } = opener;
  const info = await sealInfo({ study: slug, key: publicKey, manifestHash, plaintextSize }, await rowKeyOf(t));
  if (envelope.length !== 2 + KEY_ID_SIZE + 1120 + plaintextSize + 16) throw new Error("length");
  if (envelope[0] !== 2 || envelope[1] !== 1) throw new Error("suite");
  const named = info.slice(17 + 1 + 16 + 32, 17 + 1 + 16 + 32 + KEY_ID_SIZE);
  if (!named.every((byte, at) => byte === envelope[2 + at])) throw new Error("key id");
  const { u, payload } = unpad(await openHpke(opener.seed, info, envelope.slice(10, 1130), envelope.slice(1130)));
  const commitment = t.some(Boolean) ? await sealCommitment(u) : u;
  if (toHex(commitment) !== toHex(c)) throw new Error("u");
  return payload;
}

/** Returns the key of a row by its t; zeros on an open link. */
export const rowKeyOf = async (t: Bytes): Promise<Bytes> => (t.some(Boolean) ? sha256(concat(label("sotto tag"), t)) : t);


async function openHpke(seed: Bytes, info: Bytes, enc: Bytes, ciphertext: Bytes): Promise<Bytes> {
  const suite = hpkeSuite();
  const recipientKey = await suite.kem.deserializePrivateKey(seed);
  return new Uint8Array(await suite.open({ recipientKey, enc, info }, ciphertext));
}

function unpad(plaintext: Bytes): { u: Bytes; payload: Bytes } {
  const end = 34 + new DataView(plaintext.buffer, plaintext.byteOffset).getUint16(0);
  if (end > plaintext.length || plaintext.slice(end).some((byte) => byte !== 0)) throw new Error("padding");
  return { u: plaintext.slice(2, 34), payload: plaintext.slice(34, end) };
}

export const zeros = (size: number): Bytes => new Uint8Array(size);
export const label = (text: string): Bytes => concat(utf8(text), zeros(1));
