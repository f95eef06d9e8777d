// Redeems an invitation code for a token, after a press and before the first question; no answer exists yet.
import type { Bytes } from "../documents/bytes";
import { PREFIX_SIZE, SEAL_SECRET_SIZE } from "../sealing/constants";
import type { FetchedToken } from "../sealing/fetched_token";
import { keyId, studyId } from "../sealing/ids";
import { ownerOf, ownerSecret, sealCommitment } from "../sealing/owner";
import { blind, type Blinding, finalize, issuerKey, tokenMessage } from "../sealing/token";
import { drawCode, type WordCode } from "../sealing/word_code";
import { type CodeStatus, requestSignature } from "./issuer";

/** What a token is for: a study, the key that its answers are sealed to (1216 bytes), and its issuer's modulus. */
export interface TokenIssuer {
  study: string;
  key: Bytes;
  issuer: Bytes;
}

interface Request {
  places: WordCode;
  u: Bytes;
  key: CryptoKey;
  blinding: Blinding;
}

/** One code's redemption: every try sends the same blinded bytes, so that a lost reply costs no slip. */
export class Redemption {
  /** 17 symbols. */
  readonly code: string;
  private readonly wave: TokenIssuer;
  private request: Promise<Request> | null = null;

  constructor(wave: TokenIssuer, code: string) {
    this.wave = wave;
    this.code = code;
  }

  /** One try: returns the token, whose signature was checked, or why there is none. Never throws. */
  async redeem(signal: AbortSignal): Promise<FetchedToken | CodeStatus> {
    try {
      const { places, u, key, blinding } = await (this.request ??= this.prepared());
      const reply = await requestSignature(this.wave.study, this.code, blinding.blinded, signal);
      if ("status" in reply) return reply.status;
      const signature = await finalize(key, blinding, reply.signature);
      return { places, u, prefix: blinding.prepared.slice(0, PREFIX_SIZE), signature };
    } catch {
      return "away";
    }
  }

  /** Draws u and the withdrawal code, which are independent of the invitation's: whoever has that learns neither. */
  private async prepared(): Promise<Request> {
    const [study, wave] = await Promise.all([studyId(this.wave.study), keyId(this.wave.key)]);
    const [places, u] = [drawCode(), crypto.getRandomValues(new Uint8Array(SEAL_SECRET_SIZE))];
    const { t } = await ownerOf(await ownerSecret(places, study, wave));
    const key = await issuerKey(this.wave.issuer);
    const blinding = await blind(key, tokenMessage(study, wave, t, await sealCommitment(u)));
    return { places, u, key, blinding };
  }
}
