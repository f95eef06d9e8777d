// Documents of a small wave, pinned as its manifest pins them.
import { type Bytes, sha256, toBase64url, toHex, utf8 } from "../documents/bytes";
import type { Manifest } from "../documents/documents";
import { keyId } from "../sealing/ids";
import { fromHex, smallQuestionnaire, smallTexts, vector } from "./vectors";

export const STUDY = "small-study";
export const keys: readonly Bytes[] = vector<{ keys: { public_key: string }[] }>("envelope.json").keys.map((pair) => fromHex(pair.public_key));
const key = keys[0] as Bytes;
/** Returns the hex SHA-256 of `text`. */
export const hash = async (text: string): Promise<string> => toHex(await sha256(utf8(text)));

export interface Parts { manifest: string; questionnaire: string; texts: string }
export interface Changes { questionnaire?: object; texts?: object; manifest?: Partial<Manifest> }

/** The documents of a wave, with some members changed before everything is hashed and pinned. */
export async function wave(changes: Changes = {}): Promise<{ parts: Parts; pin: string }> {
  const questionnaire = JSON.stringify({ ...smallQuestionnaire(), ...changes.questionnaire });
  const texts = JSON.stringify({ ...smallTexts(), ...changes.texts });
  const manifest = JSON.stringify({
    format: "sotto-manifest-2", study: STUDY, wave: 1, mode: "open", sealing: "phone", key: toBase64url(key),
    key_id: toHex(await keyId(key)), issuer_key: null, plaintext_size: 256, questionnaire: await hash(questionnaire),
    texts: { en: await hash(texts) }, thresholds: {}, signer: "0".repeat(64), witnesses: null,
    budget: { nano_rho: 100_000_000, atto_delta: 100_000_000 }, demo: true, ...changes.manifest,
  });
  const pin = toBase64url((await sha256(utf8(manifest))).subarray(0, 24));
  return { parts: { manifest, questionnaire, texts }, pin };
}
