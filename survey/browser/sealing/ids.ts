// The ids that envelopes and tokens carry: of a study, and of the key that a wave's answers are sealed to.
import { type Bytes, concat, sha256, utf8 } from "../documents/bytes";
import { KEY_ID_SIZE, KEY_LABEL, STUDY_ID_SIZE, STUDY_LABEL } from "./constants";


/** Returns the first 8 bytes of SHA-256("sotto key" 00 | public key). */
export const keyId = async (key: Bytes): Promise<Bytes> =>
  (await sha256(concat(utf8(KEY_LABEL), key))).slice(0, KEY_ID_SIZE);

/** Returns the first 16 bytes of SHA-256("sotto study" 00 | slug). */
export const studyId = async (slug: string): Promise<Bytes> =>
  (await sha256(utf8(STUDY_LABEL + slug))).slice(0, STUDY_ID_SIZE);
