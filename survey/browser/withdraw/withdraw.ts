// Takes an answer back: eight words become w on this phone, and w is handed in; the words are never sent (GET /w/<study>).
import { type Bytes, concat } from "../documents/bytes";
import { listenForDisplay } from "../screen/display";
import { button, fill, make, paragraph } from "../screen/dom";
import { type Language, vanish } from "../screen/page";
import { codeField } from "../screen/word_code_field";
import { BODY_VERSION } from "../sealing/constants";
import { studyId } from "../sealing/ids";
import { ownerSecret } from "../sealing/owner";
import type { Code } from "../sealing/word_code";

const TIMEOUT_MS = 60_000;

type Said = "taken" | "closed" | "refused" | "away";
type Say = (key: string, n?: number) => string;

interface Shown extends Language {
  words: Readonly<Record<string, string>>;
}

class Withdrawal {
  private readonly study: string;
  private readonly keyId: Bytes;
  private readonly languages: readonly Shown[];
  private language: Shown;
  private screen: () => void = () => this.ask();

  constructor(study: string, keyId: Bytes, languages: readonly [Shown, ...Shown[]]) {
    this.study = study;
    this.keyId = keyId;
    this.languages = languages;
    const known = (locale: string): Shown | undefined => languages.find((one) => one.locale === locale);
    this.language = navigator.languages.map(known).find(Boolean) ?? languages[0];
  }

  start(): void {
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && vanish());
    addEventListener("pagehide", () => { document.body.textContent = ""; });
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    this.ask();
  }

  private readonly say: Say = (key, n) => (this.language.words[key] ?? "").replace("{n}", String(n));

  private ask(): void {
    const { say } = this;
    const typed = codeField({
      count: (n) => say("count", n), unknown: (n) => say("unknown", n), near: say("near"),
    });
    const go = button("withdraw", say("go"), "main", () => {
      const code = typed.read();
      if (!code) return;
      typed.field.value = "";
      void this.send(code);
    });
    const label = make("label", { for: "code" }, say("label"));
    this.show(() => this.ask(), say("title"), paragraph(say("how")), label, typed.field, typed.said, choice(go));
  }

  private async send(code: Code): Promise<void> {
    this.show(null, this.say("title"), make("p", { role: "status" }, this.say("sending")));
    const said = await handIn(this.study, this.keyId, code);
    this.over(said);
  }

  private over(said: Said): void {
    const { say } = this;
    const again = button("again", say("again"), "plain", () => this.ask());
    const here = (): void => this.over(said);
    if (said === "taken") {
      const lines = [paragraph(say("taken-text")), paragraph(say("taken-check"), "quiet")];
      return this.show(here, say("taken-title"), ...lines, choice(again));
    }
    if (said === "closed") return this.show(here, say("closed-title"), paragraph(say("closed-text")));
    this.show(here, say("title"), make("div", { role: "alert" }, paragraph(say(said))), choice(again));
  }

  /** `screen` builds the same again in another language; null while that must wait. */
  private show(screen: (() => void) | null, title: string, ...body: HTMLElement[]): void {
    this.screen = screen ?? (() => undefined);
    const { locale, dir } = this.language;
    Object.assign(document.documentElement, { lang: locale, dir });
    const heading = make("h1", { id: "title", tabindex: "-1" }, title);
    const main = make("main", { id: "main" }, heading, ...body);
    const close = button("leave", this.say("close"), "leave", vanish, { "aria-keyshortcuts": "Escape" });
    document.body.classList.remove("still");
    fill(document.body, make("header", {}, this.choose(screen === null)), main, make("footer", {}, close));
    heading.focus({ preventScroll: true });
  }

  private choose(busy: boolean): HTMLElement {
    const list = make("select", { "aria-label": this.say("language"), disabled: busy });
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
async function handIn(study: string, keyId: Bytes, code: Code): Promise<Said> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const secret = await ownerSecret(code, await studyId(study), keyId);
    const body = concat(Uint8Array.of(BODY_VERSION), keyId, secret);
    secret.fill(0);
    const { status } = await fetch(`/w/${study}`, {
      method: "POST", body, headers: { "Content-Type": "application/octet-stream" }, cache: "no-store",
      credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", signal: stop.signal,
    });
    body.fill(0);
    if (status === 202) return "taken";
    if (status === 410) return "closed";
    return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "refused" : "away";
  } catch {
    return "away";
  } finally {
    clearTimeout(timer);
  }
}

const choice = (...buttons: HTMLElement[]): HTMLElement => make("div", { class: "choice" }, ...buttons);

function start(): void {
  listenForDisplay();
  const { study = "", epoch = "", words = "{}" } = document.body.dataset;
  if (document.documentElement.hasAttribute("data-refused")) return;
  document.documentElement.dataset.ready = "";
  const said = JSON.parse(words) as Record<string, Record<string, string>>;
  const languages = [...document.querySelectorAll<HTMLElement>("[data-locale]")].map((element) => {
    const { locale = "", dir = "ltr" } = element.dataset;
    return { locale, dir, name: element.textContent ?? "", words: said[locale] ?? {} };
  });
  const keyId = Uint8Array.from(epoch.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const [first, ...others] = languages;
  if (first) new Withdrawal(study, keyId, [first, ...others]).start();
}

start();
