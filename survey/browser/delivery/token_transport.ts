// Delivery by invitation: seal with a tag, have one token signed blind for the envelope, send both together.
import type { Bytes } from "../documents/bytes";
import { keyId, studyId } from "../sealing/ids";
import { type Owner, ownerOf, ownerSecret } from "../sealing/owner";
import { blind, type Blinding, finalize, issuerKey, tokenBody, tokenMessage, wipe } from "../sealing/token";
import { drawCode, type WordCode } from "../sealing/word_code";
import type { DeliveryOutcome, DeliveryResult, OnStage, SealedAnswer, Transport } from "./contract";
import { type CodeStatus, requestSignature } from "./issuer";

/** What a token is for: a study, the key that its answers are sealed to, and its issuer's modulus. */
export interface TokenRequest {
  study: string;
  key: Bytes;
  issuer: Bytes;
  /** Delivers the finished body. */
  transport: Transport;
}

const RESULTS: Readonly<Record<CodeStatus, DeliveryResult>> = {
  // No answer was sent yet, so every fault here can be retried safely.
  good: "not-stored", away: "not-stored", used: "used", unknown: "refused", closed: "closed",
};

/** One person's token, with the same blinded bytes and the same body at every try. */
export class TokenTransport implements Transport {
  private readonly request: TokenRequest;
  private readonly invitation: string;
  private owner: Owner | null = null;
  private blinding: Blinding | null = null;
  private body: Bytes | null = null;
  /** The withdrawal code, which `forget` leaves and `forgetAll` wipes. */
  private withdrawalWords: WordCode | null = null;

  /** `invitation` is a code of 17 symbols. */
  constructor(request: TokenRequest, invitation: string) {
    this.request = request;
    this.invitation = invitation;
  }

  async tag(): Promise<Bytes> {
    if (!this.owner) {
      const { study, key } = this.request;
      this.withdrawalWords = drawCode();
      this.owner = await ownerOf(await ownerSecret(this.withdrawalWords, await studyId(study), await keyId(key)));
    }
    return this.owner.tag;
  }

  async deliver(sealed: SealedAnswer, signal: AbortSignal, onStage?: OnStage): Promise<DeliveryOutcome> {
    const failure = this.body ? null : await this.fetchToken(sealed.envelope, signal);
    if (failure || !this.body) return failure ?? { result: "not-stored" };
    onStage?.("invite-way");
    return this.request.transport.deliver({ ...sealed, body: this.body }, signal);
  }

  forget(): void {
    const { owner, blinding, body } = this;
    wipe(owner?.t, owner?.tag, blinding?.prepared, blinding?.blinded, blinding?.inverse, body);
    this.owner = this.blinding = this.body = null;
  }

  /** The withdrawal code; null before Send and after `forgetAll`. */
  get withdrawalCode(): WordCode | null {
    return this.withdrawalWords;
  }

  /** Forgets everything, the withdrawal code too. */
  forgetAll(): void {
    this.forget();
    (this.withdrawalWords as number[] | null)?.fill(0);
    this.withdrawalWords = null;
  }

  /** Has the token signed and makes the body; returns the failed result where there is no token. */
  private async fetchToken(envelope: Bytes, signal: AbortSignal): Promise<DeliveryOutcome | null> {
    const { study, issuer } = this.request;
    try {
      const key = await issuerKey(issuer);
      await this.tag();
      const owner = this.owner as Owner;
      this.blinding ??= await blind(key, await tokenMessage(await studyId(study), owner.t, envelope));
      const reply = await requestSignature(study, this.invitation, this.blinding.blinded, signal);
      if (signal.aborted) return { result: "not-stored" };
      if ("status" in reply) {
        const { status, ...wait } = reply;
        return { result: RESULTS[status], ...wait };
      }
      const signature = await finalize(key, this.blinding, reply.signature);
      this.body = tokenBody(owner, this.blinding, signature, envelope);
      wipe(signature, reply.signature);
      return null;
    } catch {
      return { result: "not-stored" };
    }
  }
}
