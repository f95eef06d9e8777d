// One interview from consent to thank-you: where the person stands, what was answered, and when it is forgotten.
import { capOf, drawOrders, type Given, inOrder, neighbour, type Orders, pathOf, toggled } from "./answers";
import { sha256, toHex } from "./bytes";
import { DECLINED, type Item } from "./documents";
import type { Documents } from "./manifest";
import type { Options, Result, Sealed } from "./options";
import { type Language, Page, type Screen, vanish } from "./page";
import { encode } from "./payload";
import * as screens from "./screens";
import { openBody, seal } from "./seal";
import { type Words, wordsOf } from "./words";

type Place =
  | { at: "consent" | "ready" | "sending" | "stored" | "closed" }
  | { at: "item"; id: string }
  | { at: "failed"; failure: screens.Failure }
  | { at: "ended"; ending: string };

export class Interview {
  private readonly page: Page;
  private readonly given: Given = new Map();
  private readonly gone = new AbortController();
  private place: Place = { at: "consent" };
  private sealed: Sealed | null = null;
  private orders: Orders;
  private spoken = 0;

  private readonly options: Options;
  private readonly languages: readonly Language[];
  private documents: Documents;

  constructor(options: Options, languages: readonly Language[], documents: Documents) {
    this.options = options;
    this.languages = languages;
    this.documents = documents;
    this.orders = drawOrders(documents.questionnaire);
    this.page = new Page(languages, { leave: () => this.leave(), speak: (locale) => void this.speak(locale) });
  }

  start(): void {
    this.page.open();
    this.go({ at: "consent" });
  }

  leave(): void {
    this.forget();
    (this.options.leave ?? vanish)();
  }

  /** Drops every answer and everything made from them. */
  forget(): void {
    this.given.clear();
    this.sealed?.body.fill(0);
    this.sealed?.envelope.fill(0);
    this.sealed = null;
    this.gone.abort();
  }

  private get words(): Words {
    return wordsOf(this.documents.texts.interface);
  }

  private go(place: Place): void {
    this.place = place;
    const { locale, dir } = this.documents.texts;
    const name = this.languages.find((language) => language.locale === locale)?.name ?? locale;
    this.page.show(this.screen(place), this.words, { locale, dir, name });
  }

  private screen(place: Place): Screen {
    const { documents: { texts }, words } = this;
    const close = (): void => this.leave();
    switch (place.at) {
      case "consent": return this.consentScreen();
      case "item": return this.itemScreen(place.id);
      case "ready": return screens.readyScreen(words, () => void this.send(), () => this.step(undefined, -1));
      case "sending": return screens.sendingScreen(words);
      case "failed": return screens.failedScreen(words, place.failure, () => void this.send());
      case "stored": return screens.storedScreen(texts, words, close);
      case "ended": return screens.endedScreen(texts, words, place.ending, close);
      case "closed": return screens.closedScreen(words, close);
    }
  }

  private consentScreen(): Screen {
    const agree = (): void => this.step(undefined, 1);
    return screens.consentScreen(this.documents.texts, this.words, agree, () => this.end(DECLINED));
  }

  private itemScreen(id: string): Screen {
    const path = pathOf(this.documents.questionnaire, this.given);
    const shown = inOrder(path, this.orders);
    const at = shown.findIndex((item) => item.id === id);
    const item = shown[at] as Item;
    return screens.itemScreen(this.documents.texts, this.words, {
      item,
      options: this.orders.options.get(id) ?? item.options,
      chosen: this.given.get(id),
      progress: { at: at + 1, total: shown.length + path.maybe },
      press: (code) => this.press(item, code),
      back: () => this.step(id, -1),
      next: () => this.next(id),
    });
  }

  private press(item: Item, code: number): void {
    const end = item.options.find((option) => option.code === code)?.end;
    if (end) this.end(end);
    else if (item.type === "multi") this.toggle(item, code);
    else {
      this.given.set(item.id, code);
      this.step(item.id, 1);
    }
  }

  private toggle(item: Item, code: number): void {
    const chosen = toggled(item, this.given.get(item.id), code);
    this.page.say(chosen === "full" ? this.words("cap-reached", { n: capOf(item) }) : "");
    if (chosen === "full") return;
    if (chosen === undefined) this.given.delete(item.id);
    else this.given.set(item.id, chosen);
    screens.markChosen(chosen);
  }

  private next(id: string): void {
    if (this.given.has(id)) this.step(id, 1);
    else this.page.say(this.words("choose-first"));
  }

  /** Moves along the path: before its first item stands the consent, after its last the screen to send. */
  private step(from: string | undefined, direction: 1 | -1): void {
    const path = pathOf(this.documents.questionnaire, this.given);
    const item = neighbour(path, this.orders, from, direction);
    if (item) this.go({ at: "item", id: item.id });
    else this.go({ at: direction === 1 ? "ready" : "consent" });
  }

  private end(ending: string): void {
    this.forget();
    this.go({ at: "ended", ending });
  }

  private async send(): Promise<void> {
    this.go({ at: "sending" });
    await painted();
    const result = await this.handIn();
    if (this.gone.signal.aborted) return;
    if (result === "stored" || result === "kept" || result === "closed") {
      this.forget();
      this.go({ at: result === "closed" ? "closed" : "stored" });
    } else this.go({ at: "failed", failure: result === "refused" ? "not-stored" : result });
  }

  /** Seals once; trying again sends the identical bytes. */
  private async handIn(): Promise<Result | "seal-failed"> {
    try {
      this.sealed ??= await this.seal();
    } catch {
      return "seal-failed";
    }
    if (this.gone.signal.aborted) return "not-stored";
    return (await this.options.outlet.deliver(this.sealed, this.gone.signal)).result;
  }

  private async seal(): Promise<Sealed> {
    const { questionnaire, texts, recipient } = this.documents;
    const { form, known } = pathOf(questionnaire, this.given);
    const { mode, stratum } = this.options;
    const payload = encode(questionnaire, { locale: texts.locale, mode, form, stratum, answers: known });
    const envelope = await seal(recipient, payload);
    payload.fill(0);
    this.given.clear();
    return { envelope, body: openBody(envelope), receipt: toHex(await sha256(envelope)) };
  }

  /** Shows the same screen in another language, or says that it could not be had and stays. */
  private async speak(locale: string): Promise<void> {
    const turn = ++this.spoken;
    this.page.say(this.words("switching"));
    const documents = await this.options.load(locale).catch(() => null);
    if (turn !== this.spoken || this.place.at === "sending") return;
    if (!documents) return this.page.say(this.words("switch-failed"));
    // The pin says that it is the same questionnaire; the drawn orders hold on to the first one's items.
    this.documents = { ...documents, questionnaire: this.documents.questionnaire };
    this.go(this.place);
  }
}

/** Resolves once the screen just shown has been painted: sealing keeps the processor busy. */
const painted = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
