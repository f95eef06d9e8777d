// Redeems an invitation code for a token, after a press and before the first question; no answer exists yet.
import { type Bytes, concat } from "../documents/bytes";
import { PREFIX_SIZE, SEAL_SECRET_SIZE } from "../sealing/constants";
import type { FetchedToken } from "../sealing/fetched_token";
import { keyId, studyId } from "../sealing/ids";
import { ownerOf, ownerSecret, sealCommitment } from "../sealing/owner";
import { blind, type Blinding, finalize, type IssuerKey, issuerKey, tokenMessage } from "../sealing/token";
import type { TokenRequest } from "../sealing/tab_name";
import { drawCode, type WordCode } from "../sealing/word_code";
import { type CodeStatus, requestSignature } from "./issuer";

/** What a token is for: a study, the key that its answers are sealed to (1216 bytes), and its issuer's modulus. */
export interface TokenIssuer {
  study: string;
  key: Bytes;
  issuer: Bytes;
}

interface Prepared {
  places: WordCode;
  u: Bytes;
  key: IssuerKey;
  blinding: Blinding;
}

/** One code's redemption: every try sends the same blinded bytes, so that a lost reply costs no slip. */
export class Redemption {
  /** 17 symbols. */
  readonly code: string;
  private readonly wave: TokenIssuer;
  private readonly kept: TokenRequest | null;
  private request: Promise<Prepared> | null = null;

  /** `kept`: the request of this code before a reload, which is sent again. */
  constructor(wave: TokenIssuer, code: string, kept: TokenRequest | null = null) {
    this.wave = wave;
    this.code = code;
    this.kept = kept;
  }

  /**
   * One try: returns the token, whose signature was checked, or why there is none. Never throws.
   *
   * `keep` is given the request before it is sent; it must not throw.
   */
  async redeem(
    signal: AbortSignal, keep?: (request: TokenRequest) => Promise<void>,
  ): Promise<FetchedToken | CodeStatus> {
    try {
      const { places, u, key, blinding } = await (this.request ??= this.prepared());
      const { blinded, inverse, prepared } = blinding;
      const prefix = prepared.slice(0, PREFIX_SIZE);
      await keep?.({ places, u, prefix, blinded, inverse });
      const reply = await requestSignature(this.wave.study, this.code, blinded, signal);
      if ("status" in reply) return reply.status;
      const signature = await finalize(key, blinding, reply.signature);
      return { places, u, prefix, signature };
    } catch {
      return "away";
    }
  }

  /** Draws u and the withdrawal code, which are independent of the invitation's: whoever has that learns neither. */
  private async prepared(): Promise<Prepared> {
    const [study, wave] = await Promise.all([studyId(this.wave.study), keyId(this.wave.key)]);
    const { kept } = this;
    const places = kept?.places ?? drawCode();
    const u = kept?.u ?? crypto.getRandomValues(new Uint8Array(SEAL_SECRET_SIZE));
    const { t } = await ownerOf(await ownerSecret(places, study, wave));
    const key = await issuerKey(this.wave.issuer);
    const message = tokenMessage(study, wave, t, await sealCommitment(u));
    const blinding = kept ? { ...kept, prepared: concat(kept.prefix, message) } : await blind(key, message);
    return { places, u, key, blinding };
  }
}
