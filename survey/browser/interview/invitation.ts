// Interviews by invitation: a code is redeemed for a token before the first question; loaded only where needed.
import type { DeliveryOutcome, DeliveryResult, OnStage, SealedAnswer, Transport } from "../delivery/contract";
import { fromBase64url, toBase64url } from "../documents/bytes";
import type { Texts } from "../documents/documents";
import { type Words, wordsOf } from "../documents/interface_texts";
import type { Documents } from "../pinned/manifest";
import { make } from "../screen/dom";
import { askToStay, type Screen } from "../screen/page";
import type { Scene } from "../screen/scene";
import { type FetchedToken, sealingWith, tokenBytes, tokenOfBytes } from "../sealing/fetched_token";
import { keyId, studyId } from "../sealing/ids";
import type { Sealing } from "../sealing/seal";
import type { WordCode } from "../sealing/word_code";
import { type CheckHost, InvitationCheck } from "./invitation_check";
import type { InterviewOptions } from "./options";
import { fetchLists, offerCode } from "./withdrawal_code";

export { TabSlip } from "./tab_slip";

export interface InvitationHost extends Omit<CheckHost, "onScene" | "load"> {
  /** Of this person's interview; its transport and last screen are those of an open link. */
  options: InterviewOptions;
}

/** Scenes where closing the page wastes the slip and the answers. */
const WARNED: readonly string[] = ["ready", "sending", "failed"];

export class Invitation implements Transport {
  private readonly host: InvitationHost;
  private readonly transport: Transport;
  private readonly replaced: InterviewOptions["lastScreen"];
  private readonly check: InvitationCheck;
  private token: FetchedToken | null = null;
  /** Computed while the consent is read: deriving w takes a slow phone half a second. */
  private computed: Promise<Sealing> | null = null;
  private withdrawalCode: WordCode | null = null;
  private stored = false;
  private lists: ReturnType<typeof fetchLists> | null = null;

  /** Replaces `host.options.transport`, `lastScreen` and `leave`, and delegates to them. */
  constructor(host: InvitationHost) {
    const { options } = host;
    this.host = host;
    this.transport = options.transport;
    this.replaced = options.lastScreen;
    const { leave } = options;
    options.leave = () => {
      this.leave();
      leave?.();
    };
    this.check = new InvitationCheck({ ...host, load: options.load, onScene: (scene) => options.onScene?.(scene) });
  }

  /** Resolves, with the documents in the language last chosen, once a code was redeemed for a token. */
  async admit(): Promise<Documents> {
    const { token, documents } = await this.check.pass();
    this.hold(token);
    return documents;
  }

  sealing(): Promise<Sealing> {
    return this.computed ?? Promise.reject(new Error("there is no token"));
  }

  deliver(sealed: SealedAnswer, signal: AbortSignal, onStage?: OnStage): Promise<DeliveryOutcome> {
    return this.transport.deliver(sealed, signal, onStage);
  }

  /** Returns the token for a draft, in base64url; undefined where none is held. */
  kept(): string | undefined {
    return this.token ? toBase64url(tokenBytes(this.token)) : undefined;
  }

  /** Goes on with the token of a draft, in place of a code. */
  resume(kept: string | undefined): void {
    this.check.close();
    const token = tokenOfBytes(fromBase64url(kept ?? "") ?? new Uint8Array());
    if (token) this.hold(token);
  }

  /** The person leaves, from the code screen or later: nothing stays, in the tab's name neither. */
  leave(): void {
    this.host.tab?.empty();
    this.forget(true);
  }

  /** Wipes the token; with `all` the withdrawal code too, and stops asking for an invitation code. */
  forget(all = false): void {
    askToStay(false);
    for (const part of [this.token?.u, this.token?.prefix, this.token?.signature]) part?.fill(0);
    void this.computed?.then(({ rowKey, head }) => [rowKey, head].forEach((part) => part.fill(0))).catch(() => undefined);
    this.token = this.computed = null;
    if (!all) return;
    this.check.close();
    (this.withdrawalCode as number[] | null)?.fill(0);
    this.withdrawalCode = null;
  }

  /** Adds to the interview's screens: a warning before Send, after it the withdrawal code. */
  onScene({ at, texts }: Scene): void {
    const words = wordsOf(texts.interface, texts.locale);
    if (WARNED.includes(at)) insert(make("p", { class: "caution", id: "stay" }, words("invite-stay")));
    if (at === "sending" || at === "ended") this.host.tab?.empty();
    if (at === "done" || at === "ended") this.forget(at === "ended");
    const code = this.withdrawalCode;
    if (at !== "done" || !this.stored || !code) return;
    // Only this page knows the withdrawal code: a reload or the browser's Back would lose it.
    askToStay(true);
    void this.load();
    const address = `${location.origin}/w/${this.host.study}`;
    const section = make("section", { id: "takeback" });
    insert(section);
    offerCode(words, { code, locale: texts.locale, address, lists: () => this.load() }, section);
  }

  readonly lastScreen = (result: DeliveryResult, receipt: string, texts: Texts, words: Words): Screen | undefined => {
    this.stored = result === "stored";
    return this.replaced?.(result, receipt, texts, words);
  };

  private hold(token: FetchedToken): void {
    this.token = token;
    askToStay(true);
    this.withdrawalCode = token.places;
    const { study, documents: { recipient } } = this.host;
    this.computed = Promise.all([studyId(study), keyId(recipient.key)]).then((ids) => sealingWith(token, ...ids));
    this.computed.catch(() => undefined);
  }

  /** Returns the word lists, loaded once; after a failure the next call tries again. */
  private async load(): ReturnType<typeof fetchLists> {
    this.lists ??= fetchLists(document.body.dataset.drafts ?? "");
    const lists = await this.lists;
    if (!lists) this.lists = null;
    return lists;
  }
}

/** Inserts an element above the screen's own buttons, links and folded parts, or at its end where there are none. */
function insert(element: HTMLElement): void {
  const main = document.getElementById("main");
  const parts = [...main?.children ?? []];
  main?.insertBefore(element, parts.find((one) => one.matches("details, .choice") || one.querySelector("a")) ?? null);
}
