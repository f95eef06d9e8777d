// Checks an invitation code before the first question, from the link or typed, until the issuer accepts one.
import { checkCode } from "../delivery/issuer";
import { wordsOf } from "../documents/interface_texts";
import type { Documents } from "../pinned/manifest";
import type { Language, Page, Screen } from "../screen/page";
import type { Scene } from "../screen/scene";
import { InvitationCodeError, readInvitationCode } from "../sealing/invitation_code";
import { checkingScreen, type CodeProblem, codeScreen } from "./invitation_screen";

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
}

export class InvitationCheck {
  private readonly host: CheckHost;
  private readonly aborter = new AbortController();
  private readonly page: Page;
  private documents: Documents;
  private problem: CodeProblem | null = null;
  private checking = false;
  private accept: (code: string) => void = () => undefined;
  private languageChanges = 0;

  constructor(host: CheckHost) {
    this.host = host;
    this.documents = host.documents;
    this.page = host.page((locale) => void this.setLanguage(locale));
  }

  /** Resolves with a code that the issuer accepted, and the documents in the language last chosen. */
  async pass(): Promise<{ code: string; documents: Documents }> {
    const passed = new Promise<string>((resolve) => { this.accept = resolve; });
    this.page.open();
    this.begin(this.host.code);
    const code = await passed;
    return { code, documents: this.documents };
  }

  /** Stops the check; its promise never resolves. */
  close(): void {
    this.aborter.abort();
  }

  /** Whoever mistyped a link types the code from the slip. */
  private begin(linked: string | null): void {
    try {
      if (linked !== null) return void this.check(readInvitationCode(linked));
    } catch (error) {
      this.problem = error instanceof InvitationCodeError ? error.reason : "symbol";
    }
    this.show();
  }

  private async check(code: string): Promise<void> {
    this.checking = true;
    this.show();
    const status = await checkCode(this.host.study, code, this.aborter.signal);
    if (this.aborter.signal.aborted) return;
    this.checking = false;
    if (status === "good") return this.accept(code);
    this.problem = status;
    this.show();
  }

  private show(): void {
    const { texts } = this.documents;
    const words = wordsOf(texts.interface);
    const check = (code: string): void => void this.check(code);
    const screen: Screen = this.checking ? checkingScreen(words) : codeScreen(words, this.problem, check);
    const name = this.host.languages.find(({ locale }) => locale === texts.locale)?.name ?? texts.locale;
    this.page.show(screen, words, { locale: texts.locale, dir: texts.dir, name });
    this.host.onScene({ at: "code", items: [], group: undefined, codes: [], texts, screen });
  }

  /** Shows the same screen in another language, or a note that its documents could not be loaded. */
  private async setLanguage(locale: string): Promise<void> {
    const turn = ++this.languageChanges;
    const documents = await this.host.load(locale).catch(() => null);
    if (turn !== this.languageChanges || this.checking || this.aborter.signal.aborted) return;
    if (!documents) return this.page.note(wordsOf(this.documents.texts.interface)("switch-failed"));
    this.documents = documents;
    this.show();
  }
}
