// One interview from consent to thank-you: where the person stands, where they may go, and when all is forgotten.
import { Sheet } from "../answers/answer_sheet";
import type { Draft } from "../answers/draft";
import { isAnswered, neighbour, type Stop } from "../answers/path";
import { encode } from "../answers/payload";
import { Pace, qualityOf } from "../answers/quality";
import { withDraws } from "../answers/randomise";
import { Delivery, type Final } from "../delivery/delivery";
import type { Bytes } from "../documents/bytes";
import { NO_CONSENT } from "../documents/constants";
import { capOf, type Item } from "../documents/documents";
import { type Words, wordsOf } from "../documents/words";
import type { Documents } from "../pinned/manifest";
import { Media } from "../pinned/media";
import { sayFault } from "../screen/fields";
import { itemBody, markChosen, needsNext } from "../screen/item_screen";
import type { ItemView } from "../screen/item_view";
import { faultValues, itemView } from "../screen/item_view_builder";
import { type Language, Page, type Screen, vanish } from "../screen/page";
import type { Scene } from "../screen/scene";
import * as screens from "../screen/screens";
import { failedScreen, type FailedView, sendingScreen, tellStage, tellWait } from "../screen/sending_screen";
import type { Options } from "./options";

type Place =
  | { at: "consent" | "ready" | "sending" }
  | { at: "item"; id: string }
  | { at: "handover"; to: "person" | "assistant"; then: Place }
  | ({ at: "failed" } & Pick<FailedView, "failure" | "wait" | "next" | "of">)
  | { at: "done"; result: Final; receipt: string }
  | { at: "ended"; ending: string };

export class Interview {
  private readonly page: Page;
  private readonly options: Options;
  private readonly languages: readonly Language[];
  private readonly gone = new AbortController();
  private readonly media = new Media(this.gone.signal);
  private readonly pace = new Pace();
  private readonly sheet: Sheet;
  /** Private questions that were handed back: nobody sees them again. */
  private readonly hidden = new Set<string>();
  private documents: Documents;
  private place: Place = { at: "consent" };
  private delivery: Delivery | null = null;
  private reading: { id: string; text: string; since: number } | null = null;
  private resuming: boolean;
  private spoken = 0;

  constructor(options: Options, languages: readonly Language[], documents: Documents) {
    this.options = options;
    this.languages = languages;
    this.documents = documents;
    this.sheet = new Sheet(documents.questionnaire, options.draft);
    this.resuming = options.draft !== undefined;
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
    this.gone.abort();
    this.delivery?.forget();
    this.delivery = null;
    this.reading = null;
    for (const kept of [this.sheet, this.pace, this.media]) kept.forget();
    this.hidden.clear();
  }

  /** The answers and half-typed words so far; empty once they are sealed. */
  draft(): Draft {
    return this.sheet.draft();
  }

  private get words(): Words {
    return wordsOf(this.documents.texts.interface);
  }

  private go(place: Place): void {
    this.read();
    this.place = place;
    const { locale, dir } = this.documents.texts;
    const name = this.languages.find((language) => language.locale === locale)?.name ?? locale;
    const scene = this.scene(place);
    this.page.show(scene.screen, this.words, { locale, dir, name });
    this.options.shown?.(scene);
  }

  private scene(place: Place): Scene {
    const { texts } = this.documents;
    if (place.at === "item") return this.itemScene(place.id);
    return { at: place.at, items: [], group: undefined, codes: [], texts, screen: this.screen(place) };
  }

  private screen(place: Exclude<Place, { at: "item" }>): Screen {
    const { documents: { texts }, words } = this;
    switch (place.at) {
      case "consent": return this.consentScreen();
      case "handover": return this.handoverScreen(place.to, place.then);
      case "ready": return screens.readyScreen(words, () => this.send(), () => this.step(undefined, -1));
      case "sending": return sendingScreen(words);
      case "failed": return this.failedScreen(place);
      case "done": return this.doneScreen(place.result, place.receipt);
      case "ended": return screens.endedScreen(texts, words, place.ending, () => this.leave());
    }
  }

  private consentScreen(): Screen {
    const agree = (): void => {
      this.media.fetchAll(this.documents.texts);
      if (this.resuming) this.resume();
      else this.step(undefined, 1);
    };
    return screens.consentScreen(this.documents.texts, this.words, agree, () => this.end(NO_CONSENT));
  }

  private handoverScreen(to: "person" | "assistant", then: Place): Screen {
    const { documents: { texts }, options: { handover }, words } = this;
    return handover?.screen(to, texts, words, () => this.go(then)) as Screen;
  }

  private failedScreen(place: Pick<FailedView, "failure" | "wait" | "next" | "of">): Screen {
    const retry = (): void => void this.delivery?.send();
    return failedScreen(this.words, { ...place, retry, stop: () => this.delivery?.stop() });
  }

  private doneScreen(result: Final, receipt: string): Screen {
    const { documents: { texts }, words } = this;
    const close = (): void => this.leave();
    const own = this.options.last?.(result, receipt, texts, words);
    if (own) return own;
    if (result === "closed" || result === "refused") return screens.overScreen(words, result, close);
    return screens.storedScreen(texts, words, receipt, close);
  }

  private itemScene(id: string): Scene {
    const path = this.sheet.path;
    const stops = this.sheet.stops(path);
    const at = stops.findIndex((stop) => stop.id === id);
    const stop = stops[at] as Stop;
    const view = itemView(this.sheet, path, stop, this.documents, {
      words: this.words,
      press: (code) => this.press(stop, code),
      type: (typed) => this.sheet.type(stop.items[0] as Item, typed),
      next: () => this.next(stop),
      picture: (hash) => this.media.get(hash),
    });
    const screen = this.itemScreen(stop, view, [stops.slice(0, at + 1), stops], path.maybe);
    const codes = [...view.options.map(({ code }) => code), ...view.item.missing];
    this.watch(stop.id, [screen.title, screen.row ?? "", ...view.lines, ...Object.values(view.text.options)].join(" "));
    return { at: "item", items: stop.items, group: stop.group, codes, texts: this.documents.texts, screen };
  }

  private itemScreen(stop: Stop, view: ItemView, [behind, all]: [Stop[], Stop[]], maybe: number): Screen {
    const count = (stops: readonly Stop[]): number => stops.filter(({ items }) => items[0]?.type !== "note").length;
    const ranking = view.places > 0;
    const screen: Screen = { title: view.title, body: itemBody(view), back: () => this.step(stop.id, -1) };
    if (count(behind) > 0) screen.progress = { at: count(behind), total: count(all) + maybe };
    if (stop.group?.kind === "grid") screen.row = view.text.text;
    if (needsNext(view.item, ranking) || view.chosen !== undefined) screen.next = () => this.next(stop);
    return screen;
  }

  private press(stop: Stop, code: number): void {
    const pressed = this.sheet.press(stop, code);
    if (pressed === "next") return this.step(stop.id, 1);
    if (typeof pressed === "object") return this.end(pressed.end);
    const ranking = stop.group?.kind === "ranking";
    const n = ranking ? stop.items.length : capOf(stop.items[0] as Item);
    this.page.say(pressed === "full" ? this.words(ranking ? "rank-full" : "cap-reached", { n }) : "");
    if (ranking) markChosen(undefined, this.sheet.ranks(stop));
    else markChosen(this.sheet.given.get(stop.id));
  }

  private next(stop: Stop): void {
    const item = stop.items[0] as Item;
    const ending = this.sheet.ending(item);
    if (ending !== undefined) return this.end(ending);
    if (isAnswered(stop, this.sheet.given)) return this.step(stop.id, 1);
    const fault = this.sheet.fault(item);
    if (fault) return sayFault(this.words(fault, faultValues(item)));
    this.page.say(this.words(item.type === "number" || item.type === "phrase" ? "type-first" : "choose-first"));
  }

  /** Moves along the path: before its first item stands the consent, after its last the screen to send. */
  private step(from: string | undefined, direction: 1 | -1): void {
    const stops = this.sheet.stops(this.sheet.path);
    const open = stops.filter((stop) => stop.id === from || !this.hidden.has(stop.id));
    const stop = neighbour(open, from, direction);
    const to: Place = stop ? { at: "item", id: stop.id } : { at: direction === 1 ? "ready" : "consent" };
    this.hand(stops.find(({ id }) => id === from), stop, to);
  }

  /** Goes to `to`, by way of the screen that hands the device over where privacy begins or ends. */
  private hand(from: Stop | undefined, stop: Stop | undefined, to: Place): void {
    const [before, after] = [isPrivate(from), isPrivate(stop)];
    if (!this.options.handover || before === after) return this.go(to);
    if (before) this.hidePrivate();
    this.go({ at: "handover", to: after ? "person" : "assistant", then: to });
  }

  /** Private answers are not shown again; what was only begun is forgotten, since its question will be asked again. */
  private hidePrivate(): void {
    for (const stop of this.sheet.stops(this.sheet.path).filter(isPrivate)) {
      if (isAnswered(stop, this.sheet.given)) this.hidden.add(stop.id);
      else this.sheet.drop(stop);
    }
  }

  /** Goes on from a draft: to the first question without an answer. */
  private resume(): void {
    this.resuming = false;
    const stop = this.sheet.stops(this.sheet.path).find((one) => !isAnswered(one, this.sheet.given));
    this.hand(undefined, stop, stop ? { at: "item", id: stop.id } : { at: "ready" });
  }

  private end(ending: string): void {
    this.forget();
    this.go({ at: "ended", ending });
  }

  private send(): void {
    const parcel = { recipient: this.documents.recipient, payload: () => this.payload() };
    this.delivery = new Delivery(this.options.outlet, parcel, {
      stage: (stage) => {
        if (this.place.at !== "sending") this.go({ at: "sending" });
        tellStage(this.words, stage);
      },
      failed: (failure, wait, next, of) => this.go({ at: "failed", failure, wait, next, of }),
      left: (wait) => this.countDown(wait),
      over: (result, receipt) => {
        this.forget();
        this.go({ at: "done", result, receipt });
      },
    });
    void this.delivery.send();
  }

  private countDown(wait: number): void {
    if (this.place.at !== "failed") return;
    this.place = { ...this.place, wait };
    tellWait(this.words, this.place, wait);
  }

  /** Encodes the answers, and forgets them: from here on there is the payload, then the envelope. */
  private payload(): Bytes {
    const { questionnaire, texts, thresholds } = this.documents;
    const { form, known } = this.sheet.path;
    const { mode, stratum } = this.options;
    const quality = qualityOf(questionnaire, known, this.pace);
    const answers = withDraws(questionnaire, known, thresholds);
    const payload = encode(questionnaire, { locale: texts.locale, mode, form, stratum, quality, answers });
    answers.clear();
    this.sheet.forget();
    this.pace.forget();
    return payload;
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

  private watch(id: string, text: string): void {
    this.reading = { id, text, since: performance.now() };
  }

  /** Counts the time on the screen that is left now. */
  private read(): void {
    if (this.reading) this.pace.add(this.reading.id, this.reading.text, performance.now() - this.reading.since);
    this.reading = null;
  }
}

// Decision 22.
const isPrivate = (stop: Stop | undefined): boolean => stop?.items.some((item) => item.private) === true;
