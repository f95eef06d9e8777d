// The names that envelopes and tokens carry: of a study, and of the key that a wave's answers are sealed to.
import { type Bytes, concat, sha256, utf8 } from "../documents/bytes";

export const KEY_ID_SIZE = 8;
const STUDY_ID_SIZE = 16;
const ZERO = Uint8Array.of(0);

/** Returns the first 8 bytes of SHA-256("sotto key" 00 | public key). */
export const keyId = async (key: Bytes): Promise<Bytes> =>
  (await sha256(concat(utf8("sotto key"), ZERO, key))).slice(0, KEY_ID_SIZE);

/** Returns the first 16 bytes of SHA-256("sotto study" 00 | slug). */
export const studyId = async (slug: string): Promise<Bytes> =>
  (await sha256(concat(utf8("sotto study"), ZERO, utf8(slug)))).slice(0, STUDY_ID_SIZE);
