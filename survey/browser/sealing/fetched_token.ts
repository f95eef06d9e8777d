// A token as the phone holds it from the code screen to Send, and as a draft holds it: 336 bytes.
import { type Bytes, concat } from "../documents/bytes";
import { PREFIX_SIZE, SEAL_SECRET_SIZE, SIGNATURE_SIZE, WORDS } from "./constants";
import { ownerOf, ownerSecret, sealCommitment } from "./owner";
import type { Sealing } from "./seal";
import { codeBytes, type WordCode } from "./word_code";

/** All of a token that is not computed: the withdrawal code's places, u, prefix (32 bytes each), signature (256). */
export interface FetchedToken {
  places: WordCode;
  u: Bytes;
  prefix: Bytes;
  signature: Bytes;
}

const PLACES_SIZE = 2 * WORDS;
const SIZES = [PLACES_SIZE, SEAL_SECRET_SIZE, PREFIX_SIZE, SIGNATURE_SIZE] as const;
export const FETCHED_TOKEN_SIZE = SIZES.reduce((sum, size) => sum + size, 0);

/** Returns places 16, u 32, prefix 32, signature 256. */
export const tokenBytes = ({ places, u, prefix, signature }: FetchedToken): Bytes =>
  concat(codeBytes(places), u, prefix, signature);

/** Returns the token in 336 bytes; null for another size. */
export function tokenOfBytes(bytes: Bytes): FetchedToken | null {
  if (bytes.length !== FETCHED_TOKEN_SIZE) return null;
  let at = 0;
  const [code, u, prefix, signature] = SIZES.map((size) => bytes.slice(at, (at += size))) as [Bytes, Bytes, Bytes, Bytes];
  const places = Array.from({ length: WORDS }, (_, n) => ((code[2 * n] ?? 0) << 8) | (code[2 * n + 1] ?? 0));
  return { places, u, prefix, signature };
}

/** Returns what an answer is sealed with under a token of this study (16 bytes) and key (8 bytes). */
export async function sealingWith(token: FetchedToken, study: Bytes, keyId: Bytes): Promise<Sealing> {
  const secret = await ownerSecret(token.places, study, keyId);
  const { t, rowKey } = await ownerOf(secret);
  return { rowKey, u: token.u, head: concat(t, await sealCommitment(token.u), token.prefix, token.signature) };
}
