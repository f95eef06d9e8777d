// By invitation: a slip's code before the first question, a token at Send; fetched only where a study asks for it.
import type { Outcome, Outlet, Result, Sealed, Stage } from "../delivery/contract";
import { Ticket } from "../delivery/token_outlet";
import type { Texts } from "../documents/documents";
import { type Words, wordsOf } from "../documents/words";
import type { Documents } from "../pinned/manifest";
import { button, make, paragraph } from "../screen/dom";
import type { Screen } from "../screen/page";
import type { Scene } from "../screen/scene";
import { Gate, type Host as GateHost } from "./invitation_gate";
import type { Options } from "./options";
import { fetchLists, takeBack } from "./withdrawal_words";

export interface Host extends Omit<GateHost, "shown" | "load"> {
  /** Of this person's interview: where finished bodies go, how it ends, who looks on. */
  options: Options;
}

/** Scenes from which a closed page costs the slip, or soon will. */
const STAY: readonly string[] = ["ready", "sending", "failed"];

export class Invited implements Outlet {
  private readonly host: Host;
  private readonly door: Outlet;
  private readonly own: Options["last"];
  private readonly gate: Gate;
  private ticket: Ticket | null = null;
  private stored = false;
  private lists: ReturnType<typeof fetchLists> | null = null;

  /** Takes the place of `host.options.outlet` and `last`, and hands on to them. */
  constructor(host: Host) {
    const { options } = host;
    this.host = host;
    this.door = options.outlet;
    this.own = options.last;
    this.gate = new Gate({ ...host, load: options.load, shown: (scene) => options.shown?.(scene) });
  }

  /** Resolves, with the documents in the language last chosen, once a code has been found good. */
  async admit(): Promise<Documents> {
    const { code, documents } = await this.gate.pass();
    const { recipient, issuer } = documents;
    const errand = { study: this.host.study, key: recipient.key, issuer: issuer as NonNullable<typeof issuer> };
    this.ticket = new Ticket({ ...errand, door: this.door }, code);
    return documents;
  }

  async tag(): ReturnType<Ticket["tag"]> {
    return (this.ticket as Ticket).tag();
  }

  async deliver(sealed: Sealed, gone: AbortSignal, tell?: (stage: Stage) => void): Promise<Outcome> {
    return (this.ticket as Ticket).deliver(sealed, gone, tell);
  }

  /** Wipes what was made for handing in; with `all` the withdrawal code too, and asks nobody any more. */
  forget(all = false): void {
    this.ticket?.forget();
    if (!all) return;
    this.gate.close();
    this.ticket?.drop();
    this.ticket = null;
  }

  /** Adds to the interview's screens what only an invitation has. */
  shown({ at, texts }: Scene): void {
    const words = wordsOf(texts.interface);
    if (STAY.includes(at)) place(make("p", { class: "caution", id: "stay" }, words("invite-stay")));
    const code = this.ticket?.code;
    if (at !== "done" || !this.stored || !code) return;
    void this.load();
    const address = `${location.host}/w/${this.host.study}`;
    place(takeBack(words, { code, locale: texts.locale, address, lists: () => this.load() }));
  }

  readonly last = (result: Result, receipt: string, texts: Texts, words: Words): Screen | undefined => {
    this.stored = result === "stored";
    if (result !== "used") return this.own?.(result, receipt, texts, words);
    const press = button("close", words("close"), "plain", () => this.host.options.leave?.());
    const body = [paragraph(words("invite-spent")), make("div", { class: "choice" }, press)];
    return { title: words("not-stored-title"), body };
  };

  /** The word lists, fetched once they came; asked for again where they did not. */
  private async load(): ReturnType<typeof fetchLists> {
    this.lists ??= fetchLists(document.body.dataset.drafts ?? "");
    const found = await this.lists;
    if (!found) this.lists = null;
    return found;
  }
}

/** Puts an element above the screen's last buttons, or at its end where there are none. */
function place(element: HTMLElement): void {
  const main = document.getElementById("main");
  const last = main?.lastElementChild;
  main?.insertBefore(element, last?.classList.contains("choice") ? last : null);
}
