// The withdrawal page (GET /w/<study>): derives w from eight words on this phone and sends w, never the words.
import { type Bytes, concat } from "../documents/bytes";
import { filledIn } from "../documents/interface_texts";
import { mayGoOn } from "../documents/lost_script";
import { browserTags, preferredLocale } from "../documents/preferred_locale";
import { isOwnReply, isPortal, post, type Reply } from "../documents/requests";
import { listenForDisplay } from "../screen/display";
import { button, fill, make, paragraph } from "../screen/dom";
import { type Language, vanish, watchBars } from "../screen/page";
import { wordCodeField } from "../screen/word_code_field";
import { BODY_VERSION } from "../sealing/constants";
import { studyId } from "../sealing/ids";
import { ownerSecret } from "../sealing/owner";
import type { WordCode } from "../sealing/word_code";

const TIMEOUT_MS = 60_000;
/** Bytes of every answer to a withdrawal, as in survey/respond_app/withdraw.py. */
const WITHDRAW_SIZE = 128;

type WithdrawalResult = "taken" | "closed" | "refused" | "portal" | "unanswered";
type Translate = (key: string, n?: number) => string;

interface PageLanguage extends Language {
  texts: Readonly<Record<string, string>>;
}

class Withdrawal {
  private readonly study: string;
  private readonly keyId: Bytes;
  private readonly languages: readonly PageLanguage[];
  private language: PageLanguage;
  private screen: () => void = () => this.ask();

  constructor(study: string, keyId: Bytes, languages: readonly [PageLanguage, ...PageLanguage[]]) {
    this.study = study;
    this.keyId = keyId;
    this.languages = languages;
    const locale = preferredLocale(browserTags(), languages.map((language) => language.locale));
    this.language = languages.find((language) => language.locale === locale) ?? languages[0];
  }

  start(): void {
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && vanish());
    addEventListener("pagehide", () => { document.body.textContent = ""; });
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    this.ask();
  }

  private readonly text: Translate = (key, n) => filledIn(this.language.texts[key] ?? "", n === undefined ? {} : { n });

  private ask(): void {
    const { text } = this;
    const typed = wordCodeField({
      count: (n) => text("count", n), unknown: (n) => text("unknown", n), suggestions: text("near"),
    });
    const go = button("withdraw", text("go"), "main", () => {
      const code = typed.read();
      if (!code) return;
      typed.field.value = "";
      void this.send(code);
    });
    const label = make("label", { for: "code" }, text("label"));
    this.show(() => this.ask(), text("title"), [paragraph(text("how")), label, typed.field, typed.messages], go);
  }

  private async send(code: WordCode): Promise<void> {
    this.show(null, this.text("title"), [make("p", { role: "status" }, this.text("sending"))]);
    const result = await submitted(this.study, this.keyId, code);
    this.showResult(result);
  }

  private showResult(result: WithdrawalResult): void {
    const { text } = this;
    const again = button("again", text("again"), "main", () => this.ask());
    const here = (): void => this.showResult(result);
    if (result === "taken") {
      const lines = [paragraph(text("taken-text")), paragraph(text("taken-check"), "quiet")];
      return this.show(here, text("taken-title"), lines, again);
    }
    if (result === "closed") return this.show(here, text("closed-title"), [paragraph(text("closed-text"))]);
    this.show(here, text("title"), [make("div", { role: "alert" }, paragraph(text(result)))], again);
  }

  /** `screen` builds the same again in another language, null while that must wait; `action` stands in the bar. */
  private show(screen: (() => void) | null, title: string, body: HTMLElement[], action?: HTMLElement): void {
    this.screen = screen ?? (() => undefined);
    const { locale, dir } = this.language;
    Object.assign(document.documentElement, { lang: locale, dir });
    const heading = make("h1", { id: "title", tabindex: "-1" }, title);
    const main = make("main", { id: "main" }, heading, ...body);
    const close = button("leave", this.text("close"), "leave", vanish, { "aria-keyshortcuts": "Escape" });
    document.body.classList.remove("still");
    const header = make("header", {}, this.choose(screen === null));
    const footer = make("footer", {}, make("div", { class: "bar" }, close, ...(action ? [action] : [])));
    fill(document.body, header, main, footer);
    watchBars(header, main, footer);
    heading.focus({ preventScroll: true });
  }

  private choose(busy: boolean): HTMLElement {
    const list = make("select", { "aria-label": this.text("language"), disabled: busy });
    for (const { locale, name } of this.languages) list.append(make("option", { value: locale, lang: locale }, name));
    list.value = this.language.locale;
    list.addEventListener("change", () => {
      this.language = this.languages.find(({ locale }) => locale === list.value) ?? this.language;
      this.screen();
    });
    return list;
  }
}

/** One POST of 01 | key id 8 | w 32; wipes w. */
async function submitted(study: string, keyId: Bytes, code: WordCode): Promise<WithdrawalResult> {
  try {
    const secret = await ownerSecret(code, await studyId(study), keyId);
    const body = concat(Uint8Array.of(BODY_VERSION), keyId, secret);
    secret.fill(0);
    return resultOf(await post(`/w/${study}`, body, TIMEOUT_MS).finally(() => body.fill(0)));
  } catch {
    return "unanswered";
  }
}

/** Only the host's own word counts: after whatever else came, the request may have been taken, and can be made again. */
function resultOf(reply: Reply): WithdrawalResult {
  if (!isOwnReply(reply, WITHDRAW_SIZE)) return isPortal(reply) ? "portal" : "unanswered";
  return ({ 202: "taken", 410: "closed", 400: "refused" } as const)[reply.response.status] ?? "unanswered";
}

function start(): void {
  listenForDisplay();
  const { study = "", epoch = "", words = "{}" } = document.body.dataset;
  if (!mayGoOn()) return;
  document.documentElement.dataset.ready = "";
  const texts = JSON.parse(words) as Record<string, Record<string, string>>;
  const languages = [...document.querySelectorAll<HTMLElement>("[data-locale]")].map((element) => {
    const { locale = "", dir = "ltr" } = element.dataset;
    return { locale, dir, name: element.textContent ?? "", texts: texts[locale] ?? {} };
  });
  const keyId = Uint8Array.from(epoch.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const [first, ...others] = languages;
  if (first) new Withdrawal(study, keyId, [first, ...others]).start();
}

start();
