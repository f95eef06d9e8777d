// One interview from consent to the last screen: the current position, moves, and deletion of the answers.
import { AnswerSheet } from "../answers/answer_sheet";
import { answerInWords } from "../answers/answer_words";
import type { Draft } from "../answers/draft";
import { isAnswered, neighbour, type Question, shareBehind } from "../answers/path";
import { encode } from "../answers/payload";
import { itemText } from "../answers/piping";
import { qualityOf, ReadingPace } from "../answers/quality";
import { randomisedAnswers } from "../answers/randomise";
import { Delivery, type FinalResult } from "../delivery/delivery";
import type { Bytes } from "../documents/bytes";
import { LONG_LIST, NO_CONSENT } from "../documents/constants";
import { capOf, type Item } from "../documents/documents";
import { type Words, wordsOf } from "../documents/interface_texts";
import type { Documents } from "../pinned/manifest";
import { Media } from "../pinned/media";
import { showSpecify } from "../screen/field_phrase";
import { clearFault, showChoiceFault, showFault } from "../screen/fields";
import { itemBody, markChosen, needsNext, skipButtons } from "../screen/item_screen";
import type { ItemView } from "../screen/item_view";
import { faultValues, itemView } from "../screen/item_view_builder";
import { asksToStay, askToStay, type Language, Page, type Screen, vanish } from "../screen/page";
import type { Scene } from "../screen/scene";
import * as screens from "../screen/screens";
import { failedScreen, type FailedView, sendingScreen, showStage, showWait } from "../screen/sending_screen";
import type { InterviewOptions } from "./options";

type Position =
  | { at: "consent" | "ready" | "sending" }
  | { at: "item"; id: string }
  | { at: "handover"; to: "person" | "assistant"; then: Position }
  | ({ at: "failed" } & Pick<FailedView, "failure" | "wait" | "next" | "of">)
  | { at: "done"; result: FinalResult; receipt: string }
  | { at: "ended"; ending: string };

export class Interview {
  private readonly page: Page;
  private readonly options: InterviewOptions;
  private readonly languages: readonly Language[];
  private readonly aborter = new AbortController();
  private readonly media = new Media(this.aborter.signal);
  private readonly pace = new ReadingPace();
  private readonly sheet: AnswerSheet;
  /** Private questions after the device was handed back; they are not shown again. */
  private readonly hidden = new Set<string>();
  private documents: Documents;
  private position: Position = { at: "consent" };
  private delivery: Delivery | null = null;
  private reading: { id: string; text: string; since: number } | null = null;
  /** Set from a draft, and from the overview, until the Send screen: Next leads to what has no answer yet. */
  private returning: boolean;
  private languageChanges = 0;
  /** Where the answer leads that was given on this screen, if it ends the interview and that was said. */
  private ending: string | undefined;

  constructor(options: InterviewOptions, languages: readonly Language[], documents: Documents) {
    this.options = options;
    this.languages = languages;
    this.documents = documents;
    this.sheet = new AnswerSheet(documents.questionnaire, options.draft);
    this.returning = options.draft !== undefined;
    this.page = new Page(languages, {
      leave: () => this.leave(), setLanguage: (locale) => void this.setLanguage(locale),
    });
  }

  start(): void {
    this.page.open();
    this.go({ at: "consent" });
  }

  leave(): void {
    this.forget();
    (this.options.leave ?? vanish)();
  }

  /** Wipes every answer and everything made from them. */
  forget(): void {
    askToStay(false);
    this.aborter.abort();
    this.delivery?.forget();
    this.delivery = null;
    this.reading = null;
    for (const part of [this.sheet, this.pace, this.media]) part.forget();
    this.hidden.clear();
  }

  /** The answers and half-typed words so far; empty once they are sealed. */
  draft(): Draft {
    return this.sheet.draft();
  }

  private get words(): Words {
    return wordsOf(this.documents.texts.interface, this.documents.texts.locale);
  }

  private go(position: Position): void {
    this.stopReading();
    this.position = position;
    const { locale, dir } = this.documents.texts;
    const name = this.languages.find((language) => language.locale === locale)?.name ?? locale;
    const scene = this.scene(position);
    this.page.show(scene.screen, this.words, { locale, dir, name });
    if (scene.items[0]) this.sayBroken(scene.items[0]);
    this.options.onScene?.(scene);
  }

  private scene(position: Position): Scene {
    const { texts } = this.documents;
    if (position.at === "item") return this.itemScene(position.id);
    return { at: position.at, items: [], group: undefined, codes: [], texts, screen: this.screen(position) };
  }

  private screen(position: Exclude<Position, { at: "item" }>): Screen {
    const { documents: { texts }, words } = this;
    switch (position.at) {
      case "consent": return this.consentScreen();
      case "handover": return this.handoverScreen(position.to, position.then);
      case "ready": return this.readyScreen();
      case "sending": return sendingScreen(words);
      case "failed": return this.failedScreen(position);
      case "done": return this.doneScreen(position.result, position.receipt);
      case "ended": return screens.endedScreen(texts, words, position.ending, () => this.leave());
    }
  }

  private consentScreen(): Screen {
    const agree = (): void => {
      this.media.fetchAll(this.documents.texts);
      // The answers of a draft are there from now on.
      if (this.returning) askToStay(true);
      this.step(undefined, 1);
    };
    const { documents: { questionnaire, texts }, options: { mode }, words } = this;
    const lost = mode === "self" ? (questionnaire.drafts ? "draft-stay" : "stay") : null;
    const screen = screens.consentScreen(texts, words, lost, agree, () => this.end(NO_CONSENT));
    return { ...screen, careful: asksToStay() };
  }

  private readyScreen(): Screen {
    this.returning = false;
    const { documents: { questionnaire, texts }, options: { mode } } = this;
    const offered = mode !== "kiosk" && questionnaire.overview !== false;
    const overview = (): screens.OverviewLine[] => {
      const { path } = this.sheet;
      const open = this.sheet.questions(path).filter(({ id, items }) => items[0]?.type !== "note" && !this.hidden.has(id));
      return open.map((question) => [...answerInWords(question, texts, path.effective), () => this.returnTo(question)]);
    };
    return screens.readyScreen(this.words, offered ? overview : null, () => this.send(), () => this.step(undefined, -1));
  }

  private returnTo(question: Question): void {
    this.returning = true;
    this.handOver(undefined, question, { at: "item", id: question.id });
  }

  private handoverScreen(to: "person" | "assistant", then: Position): Screen {
    const { documents: { texts }, options: { handover }, words } = this;
    return handover?.screen(to, texts, words, () => this.go(then)) as Screen;
  }

  private failedScreen(position: Pick<FailedView, "failure" | "wait" | "next" | "of">): Screen {
    const retry = (): void => void this.delivery?.send();
    return failedScreen(this.words, { ...position, retry, stop: () => this.delivery?.stop() });
  }

  private doneScreen(result: FinalResult, receipt: string): Screen {
    const { documents: { texts }, words } = this;
    const close = (): void => this.leave();
    const replacement = this.options.lastScreen?.(result, receipt, texts, words);
    if (replacement) return replacement;
    if (result === "closed" || result === "refused") return screens.overScreen(words, result, close);
    return screens.storedScreen(texts, words, receipt, close);
  }

  private itemScene(id: string): Scene {
    const path = this.sheet.path;
    const questions = this.sheet.questions(path);
    const at = questions.findIndex((other) => other.id === id);
    const question = questions[at] as Question;
    this.ending = undefined;
    const view = itemView(this.sheet, path, question, this.documents, {
      words: this.words,
      press: (code) => this.press(question, code),
      type: (typed, item = question.items[0] as Item) => {
        askToStay(true);
        this.ending = undefined;
        this.sheet.type(item, typed);
      },
      next: () => this.next(question),
      picture: (hash) => this.media.get(hash),
    });
    const screen = this.itemScreen(question, view, shareBehind(questions, at, path.undecided));
    const codes = [...view.options.map(({ code }) => code), ...view.item.missing];
    // Nobody reads a long list: whoever looks for one answer in it is not hasty.
    const read = view.options.length > LONG_LIST ? [] : Object.values(view.text.options);
    const shown = [screen.title, view.hint, screen.row ?? "", ...view.lines, ...read];
    this.startReading(question.id, shown.join(" "));
    return { at: "item", items: question.items, group: question.group, codes, texts: this.documents.texts, screen };
  }

  private itemScreen(question: Question, view: ItemView, progress: number): Screen {
    const back = (): void => this.backFrom(question);
    const screen: Screen = { title: view.title, body: itemBody(view), skip: skipButtons(view), progress, back };
    if (question.group?.kind === "grid") screen.row = view.text.text;
    if (needsNext(view) || view.chosen !== undefined) screen.next = () => this.next(question);
    return screen;
  }

  private press(question: Question, code: number): void {
    this.ending = undefined;
    askToStay(true);
    clearFault();
    const item = question.items[0] as Item;
    const pressed = this.sheet.press(question, code);
    if (pressed === "next" && !this.sheet.path.broken.has(question.id)) return this.step(question.id, 1);
    if (typeof pressed === "object") {
      markChosen(code);
      showSpecify(false);
      return this.warnOfEnding(pressed.end);
    }
    const ranking = question.group?.kind === "ranking";
    const n = ranking ? question.items.length : capOf(item);
    this.page.note(pressed === "full" ? this.words(ranking ? "rank-full" : "cap-reached", { n }) : "");
    if (ranking) markChosen(undefined, this.sheet.ranks(question));
    else markChosen(this.sheet.given.get(question.id));
    showSpecify(this.sheet.specifies(item) !== undefined);
    if (pressed === "next") this.sayBroken(item);
  }

  /** One slip of a finger must not end the interview: the answer is marked, and Next ends it. */
  private warnOfEnding(ending: string): void {
    this.ending = ending;
    this.page.note(this.words("end-next"));
  }

  private next({ id, items: [first] }: Question): void {
    if (this.ending !== undefined) return this.end(this.ending);
    const ending = this.sheet.ending(first as Item);
    if (ending !== undefined) return this.warnOfEnding(ending);
    this.sheet.passEmpty(first as Item);
    // A choice since the screen was built may have added a phrase.
    const { path } = this.sheet;
    const question = this.sheet.questions(path).find((one) => one.id === id) as Question;
    if (isAnswered(question, path)) return this.step(id, 1);
    if (this.sayBroken(first as Item)) return;
    const item = question.items.find((one) => !path.effective.has(one.id)) as Item;
    const fault = this.sheet.fault(item);
    if (fault) return showFault(this.words(fault.key, faultValues(item)), fault.at);
    if (item.type === "number" || item.type === "phrase") return showFault(this.words("type-first"));
    if (item.type === "date") return showFault(this.words("choose-first"));
    this.page.note(this.words("choose-first"));
  }

  /** Says which check the answer to an item breaks; returns whether it breaks one. */
  private sayBroken({ id, type }: Item): boolean {
    const { broken, effective } = this.sheet.path;
    const check = broken.get(id);
    if (check === undefined) return false;
    const said = itemText(this.documents.texts, id, effective).checks?.[check] ?? "";
    if (type === "number" || type === "date") showFault(said);
    else showChoiceFault(said);
    return true;
  }

  /** One question back; to the Send screen where its overview led here and nothing is left to answer. */
  private backFrom(question: Question): void {
    const { path } = this.sheet;
    const questions = this.sheet.questions(path);
    if (!this.returning || questions.some((other) => !isAnswered(other, path))) return this.step(question.id, -1);
    this.handOver(question, undefined, { at: "ready" });
  }

  /** Moves along the path; the consent is before its first question, the Send screen after its last. */
  private step(from: string | undefined, direction: 1 | -1): void {
    const { path } = this.sheet;
    const questions = this.sheet.questions(path);
    const open = questions.filter(({ id }) => id === from || !this.hidden.has(id));
    const question = this.returning && direction === 1
      ? questions.find((other) => !isAnswered(other, path))
      : neighbour(open, from, direction);
    const to: Position = question ? { at: "item", id: question.id } : { at: direction === 1 ? "ready" : "consent" };
    this.handOver(questions.find(({ id }) => id === from), question, to);
  }

  /** Goes to `to`, with a hand-over screen in between where a private part begins or ends. */
  private handOver(from: Question | undefined, question: Question | undefined, to: Position): void {
    const [before, after] = [isPrivate(from), isPrivate(question)];
    if (!this.options.handover || before === after) return this.go(to);
    if (before) this.hidePrivate();
    this.go({ at: "handover", to: after ? "person" : "assistant", then: to });
  }

  /** Private answers are not shown again; incomplete input is deleted, since its question will be asked again. */
  private hidePrivate(): void {
    const { path } = this.sheet;
    for (const question of this.sheet.questions(path).filter(isPrivate)) {
      if (isAnswered(question, path)) this.hidden.add(question.id);
      else this.sheet.discard(question);
    }
  }

  private end(ending: string): void {
    this.forget();
    this.go({ at: "ended", ending });
  }

  private send(): void {
    const submission = { hpke: this.options.hpke, recipient: this.documents.recipient, payload: () => this.payload() };
    this.delivery = new Delivery(this.options.transport, submission, {
      stage: (stage) => {
        if (this.position.at !== "sending") this.go({ at: "sending" });
        showStage(this.words, stage);
      },
      failed: (failure, wait, next, of) => this.go({ at: "failed", failure, wait, next, of }),
      countdown: (wait) => this.countDown(wait),
      finished: (result, receipt) => {
        this.forget();
        this.go({ at: "done", result, receipt });
      },
    });
    void this.delivery.send();
  }

  private countDown(wait: number): void {
    if (this.position.at !== "failed") return;
    this.position = { ...this.position, wait };
    showWait(this.words, this.position, wait);
  }

  /** Encodes the answers and deletes them; from here on only the payload, then the envelope, is kept. */
  private payload(): Bytes {
    const { questionnaire, texts, thresholds } = this.documents;
    const { form, effective } = this.sheet.path;
    const { mode, stratum } = this.options;
    const quality = qualityOf(questionnaire, effective, this.pace);
    const answers = randomisedAnswers(questionnaire, effective, thresholds);
    const payload = encode(questionnaire, { locale: texts.locale, mode, form, stratum, quality, answers });
    answers.clear();
    this.sheet.forget();
    this.pace.forget();
    return payload;
  }

  /** Shows the same screen in another language, or a note that its documents could not be loaded. */
  private async setLanguage(locale: string): Promise<void> {
    const turn = ++this.languageChanges;
    this.page.note(this.words("switching"));
    const documents = await this.options.load(locale).catch(() => null);
    if (turn !== this.languageChanges || this.position.at === "sending") return;
    if (!documents) return this.page.note(this.words("switch-failed"));
    // The pin guarantees the same questionnaire; the drawn orders refer to the items of the first one.
    this.documents = { ...documents, questionnaire: this.documents.questionnaire };
    this.go(this.position);
  }

  private startReading(id: string, text: string): void {
    this.reading = { id, text, since: performance.now() };
  }

  /** Adds the time on the screen that is being left. */
  private stopReading(): void {
    if (this.reading) this.pace.add(this.reading.id, this.reading.text, performance.now() - this.reading.since);
    this.reading = null;
  }
}

// Decision 22.
const isPrivate = (question: Question | undefined): boolean => question?.items.some((item) => item.private) === true;
