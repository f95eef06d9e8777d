// The code screen: an invitation code, from the link or typed, is redeemed for a token once the person presses.
import type { CodeStatus } from "../delivery/issuer";
import { Redemption, type TokenIssuer } from "../delivery/redemption";
import { wordsOf } from "../documents/interface_texts";
import type { Documents } from "../pinned/manifest";
import type { Language, Page, Screen } from "../screen/page";
import type { Scene } from "../screen/scene";
import type { FetchedToken } from "../sealing/fetched_token";
import { InvitationCodeError, readInvitationCode } from "../sealing/invitation_code";
import { isToken, type TokenRequest } from "../sealing/tab_name";
import { checkingScreen, type CodeProblem, codeScreen, showFault } from "./invitation_screen";
import type { TabSlip } from "./tab_slip";

/** The page as the check uses it. */
export interface CheckHost {
  study: string;
  /** The unparsed code of the link; null where there was none. */
  code: string | null;
  languages: readonly Language[];
  documents: Documents;
  load(locale: string): Promise<Documents>;
  onScene(scene: Scene): void;
  page(setLanguage: (locale: string) => void): Page;
  /** Keeps the slip over a reload; null where the study or a shared device forbids it. */
  tab: TabSlip | null;
}

/** A redeemed code's token, and the documents in the language last chosen. */
export interface Admission {
  token: FetchedToken;
  documents: Documents;
}

export class InvitationCheck {
  private readonly host: CheckHost;
  private readonly aborter = new AbortController();
  private readonly page: Page;
  private documents: Documents;
  /** What the field shows: the link's code, or what was typed before. */
  private typed: string;
  private problem: CodeProblem | null = null;
  private checking = false;
  private redemption: Redemption | null = null;
  private accept: (token: FetchedToken) => void = () => undefined;
  private languageChanges = 0;

  constructor(host: CheckHost) {
    this.host = host;
    this.documents = host.documents;
    this.typed = host.code ?? "";
    this.page = host.page((locale) => void this.setLanguage(locale));
  }

  /** Resolves once the issuer has signed for a code. */
  async pass(): Promise<Admission> {
    const passed = new Promise<FetchedToken>((resolve) => { this.accept = resolve; });
    this.page.open();
    // No request is made on load: a link that is merely opened must not use up a slip.
    if (this.typed) this.problem = problemOf(this.typed);
    this.show();
    return { token: await passed, documents: this.documents };
  }

  /** Stops the check; its promise never resolves. */
  close(): void {
    this.aborter.abort();
    this.redemption = null;
    this.typed = "";
  }

  private async redeem(code: string): Promise<void> {
    this.checking = true;
    this.typed = code;
    this.show();
    const reply = await this.tokenOf(code);
    if (this.aborter.signal.aborted) return;
    this.checking = false;
    if (typeof reply !== "string") return this.accept(reply);
    this.problem = reply;
    this.show();
  }

  /** Returns the token that was kept over a reload, else the issuer's reply: a token, or why there is none. */
  private async tokenOf(code: string): Promise<FetchedToken | CodeStatus> {
    const { tab } = this.host;
    // The same code sends the same bytes again, after a reload too: a reply that was lost costs no slip.
    if (this.redemption?.code !== code) {
      const kept = tab ? await tab.open(code) : null;
      if (kept && isToken(kept)) return kept;
      this.redemption = new Redemption(this.issuer, code, kept);
    }
    const keep = async (request: TokenRequest): Promise<void> => tab?.keep(code, request);
    const reply = await this.redemption.redeem(this.aborter.signal, keep);
    if (typeof reply !== "string") await tab?.keep(code, reply);
    else if (reply !== "away" && reply !== "portal") tab?.empty();
    return reply;
  }

  private get issuer(): TokenIssuer {
    const { recipient, issuer } = this.documents;
    return { study: this.host.study, key: recipient.key, issuer: issuer as NonNullable<typeof issuer> };
  }

  private show(): void {
    const { texts } = this.documents;
    const words = wordsOf(texts.interface, texts.locale);
    const screen: Screen = this.checking ? checkingScreen(words) : codeScreen({
      words, consent: texts.consent, problem: this.problem, typed: this.typed,
      given: this.typed !== "" && this.typed === this.host.code && this.problem === null,
      reloaded: this.host.tab?.full === true && this.redemption === null,
      accept: (code: string) => void this.redeem(code),
    });
    const name = this.host.languages.find(({ locale }) => locale === texts.locale)?.name ?? texts.locale;
    this.page.show(screen, words, { locale: texts.locale, dir: texts.dir, name });
    if (this.problem && !this.checking) showFault();
    this.host.onScene({ at: "code", items: [], group: undefined, codes: [], texts, screen });
  }

  /** Shows the same screen in another language, or a note that its documents could not be loaded. */
  private async setLanguage(locale: string): Promise<void> {
    const turn = ++this.languageChanges;
    const documents = await this.host.load(locale).catch(() => null);
    if (turn !== this.languageChanges || this.checking || this.aborter.signal.aborted) return;
    if (!documents) return this.page.note(wordsOf(this.documents.texts.interface, this.documents.texts.locale)("switch-failed"));
    this.documents = documents;
    this.show();
  }
}

/** Returns the fault of a code's spelling, null where it has none. */
function problemOf(typed: string): Exclude<CodeProblem, CodeStatus> | null {
  try {
    readInvitationCode(typed);
    return null;
  } catch (error) {
    return error instanceof InvitationCodeError ? error.reason : "symbol";
  }
}
