// An invitation's way out: seal with a tag, have one token signed blind for this envelope, hand both in.
import type { Bytes } from "../documents/bytes";
import { keyId, studyId } from "../sealing/ids";
import { type Owner, ownerOf, ownerSecret } from "../sealing/owner";
import { blind, type Blinding, finalize, issuerKey, tokenBody, tokenMessage, wipe } from "../sealing/token";
import { type Code, drawCode } from "../sealing/word_code";
import type { Outcome, Outlet, Result, Sealed, Stage } from "./contract";
import { signedFor, type Standing } from "./issuer";

/** What a ticket is for: a study, the key that its answers are sealed to, its issuer's modulus, and who hands in. */
export interface Errand {
  study: string;
  key: Bytes;
  issuer: Bytes;
  /** One POST of a finished body. */
  door: Outlet;
}

const RESULTS: Readonly<Record<Standing, Result>> = {
  // Nothing was handed in yet, so whatever went wrong here can be tried again without a doubt.
  good: "not-stored", away: "not-stored", used: "used", unknown: "refused", closed: "closed",
};

/** Everything of one person's token; the same blinded bytes and the same body for every try. */
export class Ticket implements Outlet {
  private readonly errand: Errand;
  private readonly invitation: string;
  private owner: Owner | null = null;
  private blinding: Blinding | null = null;
  private body: Bytes | null = null;
  /** The withdrawal code, which `forget` leaves; `drop` does not. */
  private words: Code | null = null;

  /** `invitation` is a code of 17 symbols. */
  constructor(errand: Errand, invitation: string) {
    this.errand = errand;
    this.invitation = invitation;
  }

  async tag(): Promise<Bytes> {
    if (!this.owner) {
      const { study, key } = this.errand;
      this.words = drawCode();
      this.owner = await ownerOf(await ownerSecret(this.words, await studyId(study), await keyId(key)));
    }
    return this.owner.tag;
  }

  async deliver(sealed: Sealed, gone: AbortSignal, tell: (stage: Stage) => void = () => undefined): Promise<Outcome> {
    const failure = this.body ? null : await this.fetch(sealed.envelope, gone);
    if (failure || !this.body) return failure ?? { result: "not-stored" };
    tell("invite-way");
    return this.errand.door.deliver({ ...sealed, body: this.body }, gone);
  }

  forget(): void {
    const { owner, blinding, body } = this;
    wipe(owner?.t, owner?.tag, blinding?.prepared, blinding?.blinded, blinding?.inverse, body);
    this.owner = this.blinding = this.body = null;
  }

  /** The withdrawal code; null before Send and after `drop`. */
  get code(): Code | null {
    return this.words;
  }

  /** Forgets everything, the withdrawal code too. */
  drop(): void {
    this.forget();
    (this.words as number[] | null)?.fill(0);
    this.words = null;
  }

  /** Has the token signed and makes the body; returns what is wrong where there is none. */
  private async fetch(envelope: Bytes, gone: AbortSignal): Promise<Outcome | null> {
    const { study, issuer } = this.errand;
    try {
      const key = await issuerKey(issuer);
      await this.tag();
      const owner = this.owner as Owner;
      this.blinding ??= await blind(key, await tokenMessage(await studyId(study), owner.t, envelope));
      const issued = await signedFor(study, this.invitation, this.blinding.blinded, gone);
      if (gone.aborted) return { result: "not-stored" };
      if ("standing" in issued) return { result: RESULTS[issued.standing], ...later(issued) };
      const signature = await finalize(key, this.blinding, issued.signed);
      this.body = tokenBody(owner, this.blinding, signature, envelope);
      wipe(signature, issued.signed);
      return null;
    } catch {
      return { result: "not-stored" };
    }
  }
}

const later = ({ after }: { after?: number }): { after?: number } => (after === undefined ? {} : { after });
