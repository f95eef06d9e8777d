// Before the first question of an invitation: the slip's code, out of the link or typed, found good or asked for again.
import { standingOf } from "../delivery/issuer";
import { wordsOf } from "../documents/words";
import type { Documents } from "../pinned/manifest";
import type { Language, Page, Screen } from "../screen/page";
import type { Scene } from "../screen/scene";
import { CodeError, readCode } from "../sealing/invitation_code";
import { checkingScreen, codeScreen, type Trouble } from "./invitation_screen";

/** What the page gives. */
export interface Host {
  study: string;
  /** As it stood in the link, unread; null where there was none. */
  code: string | null;
  languages: readonly Language[];
  documents: Documents;
  load(locale: string): Promise<Documents>;
  shown(scene: Scene): void;
  page(speak: (locale: string) => void): Page;
}

export class Gate {
  private readonly host: Host;
  private readonly gone = new AbortController();
  private readonly page: Page;
  private documents: Documents;
  private trouble: Trouble | null = null;
  private checking = false;
  private through: (code: string) => void = () => undefined;
  private spoken = 0;

  constructor(host: Host) {
    this.host = host;
    this.documents = host.documents;
    this.page = host.page((locale) => void this.speak(locale));
  }

  /** Resolves with a code that the issuer found good, and the documents in the language last chosen. */
  async pass(): Promise<{ code: string; documents: Documents }> {
    const passed = new Promise<string>((resolve) => { this.through = resolve; });
    this.page.open();
    this.begin(this.host.code);
    const code = await passed;
    return { code, documents: this.documents };
  }

  /** Asks no more; nothing resolves any more. */
  close(): void {
    this.gone.abort();
  }

  /** Whoever mistyped a link types the code from the slip. */
  private begin(linked: string | null): void {
    try {
      if (linked !== null) return void this.check(readCode(linked));
    } catch (error) {
      this.trouble = error instanceof CodeError ? error.reason : "symbol";
    }
    this.show();
  }

  private async check(code: string): Promise<void> {
    this.checking = true;
    this.show();
    const standing = await standingOf(this.host.study, code, this.gone.signal);
    if (this.gone.signal.aborted) return;
    this.checking = false;
    if (standing === "good") return this.through(code);
    this.trouble = standing;
    this.show();
  }

  private show(): void {
    const { texts } = this.documents;
    const words = wordsOf(texts.interface);
    const check = (code: string): void => void this.check(code);
    const screen: Screen = this.checking ? checkingScreen(words) : codeScreen(words, this.trouble, check);
    const name = this.host.languages.find(({ locale }) => locale === texts.locale)?.name ?? texts.locale;
    this.page.show(screen, words, { locale: texts.locale, dir: texts.dir, name });
    this.host.shown({ at: "code", items: [], group: undefined, codes: [], texts, screen });
  }

  /** Shows the same in another language, or says that it could not be had. */
  private async speak(locale: string): Promise<void> {
    const turn = ++this.spoken;
    const documents = await this.host.load(locale).catch(() => null);
    if (turn !== this.spoken || this.checking || this.gone.signal.aborted) return;
    if (!documents) return this.page.say(wordsOf(this.documents.texts.interface)("switch-failed"));
    this.documents = documents;
    this.show();
  }
}
