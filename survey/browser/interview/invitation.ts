// Interviews by invitation: a code before the first question, a token at Send; loaded only where a study needs it.
import type { DeliveryOutcome, DeliveryResult, OnStage, SealedAnswer, Transport } from "../delivery/contract";
import { TokenTransport } from "../delivery/token_transport";
import type { Texts } from "../documents/documents";
import { type Words, wordsOf } from "../documents/interface_texts";
import type { Documents } from "../pinned/manifest";
import { button, make, paragraph } from "../screen/dom";
import type { Screen } from "../screen/page";
import type { Scene } from "../screen/scene";
import { type CheckHost, InvitationCheck } from "./invitation_check";
import type { InterviewOptions } from "./options";
import { fetchLists, withdrawalPart } from "./withdrawal_code";

export interface InvitationHost extends Omit<CheckHost, "onScene" | "load"> {
  /** Of this person's interview; its transport and last screen are those of an open link. */
  options: InterviewOptions;
}

/** Scenes where closing the page could waste the code. */
const WARNED: readonly string[] = ["ready", "sending", "failed"];

export class Invitation implements Transport {
  private readonly host: InvitationHost;
  private readonly transport: Transport;
  private readonly replaced: InterviewOptions["lastScreen"];
  private readonly check: InvitationCheck;
  private token: TokenTransport | null = null;
  private stored = false;
  private lists: ReturnType<typeof fetchLists> | null = null;

  /** Replaces `host.options.transport` and `lastScreen`, and delegates to them. */
  constructor(host: InvitationHost) {
    const { options } = host;
    this.host = host;
    this.transport = options.transport;
    this.replaced = options.lastScreen;
    this.check = new InvitationCheck({ ...host, load: options.load, onScene: (scene) => options.onScene?.(scene) });
  }

  /** Resolves, with the documents in the language last chosen, once the issuer has accepted a code. */
  async admit(): Promise<Documents> {
    const { code, documents } = await this.check.pass();
    const { recipient, issuer } = documents;
    const request = { study: this.host.study, key: recipient.key, issuer: issuer as NonNullable<typeof issuer> };
    this.token = new TokenTransport({ ...request, transport: this.transport }, code);
    return documents;
  }

  async tag(): ReturnType<TokenTransport["tag"]> {
    return (this.token as TokenTransport).tag();
  }

  async deliver(sealed: SealedAnswer, signal: AbortSignal, onStage?: OnStage): Promise<DeliveryOutcome> {
    return (this.token as TokenTransport).deliver(sealed, signal, onStage);
  }

  /** Wipes the token; with `all` the withdrawal code too, and stops asking for an invitation code. */
  forget(all = false): void {
    this.token?.forget();
    if (!all) return;
    this.check.close();
    this.token?.forgetAll();
    this.token = null;
  }

  /** Adds to the interview's screens: a warning before Send, after it the withdrawal code. */
  onScene({ at, texts }: Scene): void {
    const words = wordsOf(texts.interface);
    if (WARNED.includes(at)) insert(make("p", { class: "caution", id: "stay" }, words("invite-stay")));
    const code = this.token?.withdrawalCode;
    if (at !== "done" || !this.stored || !code) return;
    void this.load();
    const address = `${location.host}/w/${this.host.study}`;
    insert(withdrawalPart(words, { code, locale: texts.locale, address, lists: () => this.load() }));
  }

  readonly lastScreen = (result: DeliveryResult, receipt: string, texts: Texts, words: Words): Screen | undefined => {
    this.stored = result === "stored";
    if (result !== "used") return this.replaced?.(result, receipt, texts, words);
    const press = button("close", words("close"), "plain", () => this.host.options.leave?.());
    const body = [paragraph(words("invite-spent")), make("div", { class: "choice" }, press)];
    return { title: words("not-stored-title"), body };
  };

  /** Returns the word lists, loaded once; after a failure the next call tries again. */
  private async load(): ReturnType<typeof fetchLists> {
    this.lists ??= fetchLists(document.body.dataset.drafts ?? "");
    const lists = await this.lists;
    if (!lists) this.lists = null;
    return lists;
  }
}

/** Inserts an element above the screen's last buttons, or at its end where there are none. */
function insert(element: HTMLElement): void {
  const main = document.getElementById("main");
  const end = main?.lastElementChild;
  main?.insertBefore(element, end?.classList.contains("choice") ? end : null);
}
