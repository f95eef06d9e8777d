// Reads a screen aloud: from recordings with pinned hashes, else by speech synthesis on the device where allowed.
import type { ItemRecordings, Recordings } from "../documents/documents";
import { fetchMedia } from "../pinned/media";
import type { Scene } from "./scene";

/** A line to read: the element to highlight, its text, and its recording if there is one. */
export interface SpokenLine {
  element: Element;
  text: string;
  hash: string | undefined;
  /** Skipped without a note where it has neither recording nor voice. */
  extra?: boolean;
}

/** `loading`, `reading` and `still` in turn; `silent`: something had neither recording nor voice; `failed`: no network. */
export type PlaybackState = "loading" | "reading" | "still" | "silent" | "failed";

const PARALLEL = 3;
const PAUSE_MS = 350;
const VOICES_MS = 800;
/** The speech languages for each written language, the best first. */
const SPOKEN: Readonly<Record<string, readonly string[]>> = {
  "zh-Hans": ["zh-cn", "cmn-hans", "zh-hans", "zh-sg"],
  "zh-Hant": ["zh-tw", "cmn-hant", "zh-hant", "zh-hk"],
};

// Decision 35.
/**
 * Returns every recording of `recordings` once, in an order that is the same for everyone.
 *
 * All of them are loaded in this order whatever was answered: loading only what a screen needs would reveal the
 * person's path to the server and the network.
 */
export function everyHash({ consent = [], missing = {}, ...items }: Recordings): string[] {
  const all = [...consent, ...Object.values(missing)];
  for (const { text, hint, options = {} } of Object.values(items as Record<string, ItemRecordings>)) {
    all.push(text ?? "", hint ?? "", ...Object.values(options));
  }
  return [...new Set(all)].filter(Boolean);
}

/** One language's recordings, in memory while reading aloud is on. */
export class RecordingCache {
  private readonly urls = new Map<string, Promise<string | null>>();
  private readonly created: string[] = [];
  private readonly aborter = new AbortController();

  constructor(hashes: readonly string[]) {
    const waiting = hashes.map((hash) => ({ hash, settle: this.promise(hash) }));
    for (let worker = 0; worker < PARALLEL; worker++) void this.fetchNext(waiting);
  }

  /** Returns the blob: address of a verified recording, or null where it could not be loaded. */
  get(hash: string | undefined): Promise<string | null> {
    return (hash && this.urls.get(hash)) || Promise.resolve(null);
  }

  close(): void {
    this.aborter.abort();
    for (const url of this.created) URL.revokeObjectURL(url);
    this.urls.clear();
  }

  private promise(hash: string): (url: string | null) => void {
    let settle: (url: string | null) => void = () => undefined;
    this.urls.set(hash, new Promise((done) => { settle = done; }));
    return settle;
  }

  private async fetchNext(waiting: { hash: string; settle: (url: string | null) => void }[]): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) next.settle(await this.fetchUrl(next.hash));
  }

  private async fetchUrl(hash: string): Promise<string | null> {
    const file = await fetchMedia(hash, this.aborter.signal);
    return file?.type.startsWith("audio/") ? this.urlOf(file) : null;
  }

  private urlOf(blob: Blob): string | null {
    if (this.aborter.signal.aborted) return null;
    const url = URL.createObjectURL(blob);
    this.created.push(url);
    return url;
  }
}

export class SpeechReader {
  private readonly cache: RecordingCache;
  private turn = 0;
  private finish: () => void = () => undefined;

  private readonly player: HTMLAudioElement;
  private readonly voice: boolean;
  private readonly report: (state: PlaybackState) => void;

  /** `player` was started by a press, so browsers let it go on by itself; `voice`: the phone may read what has no file. */
  constructor(recordings: Recordings, voice: boolean, player: HTMLAudioElement, report: (state: PlaybackState) => void) {
    this.cache = new RecordingCache(everyHash(recordings));
    this.voice = voice;
    this.player = player;
    this.report = report;
  }

  /** Reads what a screen says. */
  readScreen(scene: Scene): Promise<void> {
    return this.read(linesOf(scene), scene.texts.locale);
  }

  /** Reads `lines` one after another, until done or stopped. */
  async read(lines: readonly SpokenLine[], locale: string): Promise<void> {
    this.stop();
    const turn = this.turn;
    this.report("loading");
    const unread: SpokenLine[] = [];
    for (const line of lines) {
      const read = await this.readOne(line, locale, turn);
      if (turn !== this.turn) return;
      if (!read && !line.extra) unread.push(line);
    }
    if (unread.some(({ hash }) => hash)) this.report("failed");
    else this.report(unread.length > 0 ? "silent" : "still");
  }

  stop(): void {
    this.turn++;
    this.finish();
    this.player.pause();
    window.speechSynthesis?.cancel();
  }

  /** Stops for good and drops every recording. */
  close(): void {
    this.stop();
    this.cache.close();
    this.player.removeAttribute("src");
    this.player.load();
  }

  private async readOne(line: SpokenLine, locale: string, turn: number): Promise<boolean> {
    const url = await this.cache.get(line.hash);
    const voice = url || !this.voice ? null : await localVoice(locale);
    if (turn !== this.turn || (!url && !voice)) return false;
    this.report("reading");
    mark(line.element);
    await new Promise<void>((done) => {
      this.finish = done;
      if (url) this.play(url, done);
      else speak(line.text, voice as SpeechSynthesisVoice, done);
    });
    unmark();
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    return true;
  }

  private play(url: string, done: () => void): void {
    this.player.onended = done;
    this.player.onerror = done;
    this.player.src = url;
    this.player.play().catch(done);
  }
}

function mark(element: Element): void {
  unmark();
  element.setAttribute("data-reading", "");
  element.scrollIntoView({ block: "nearest" });
}

function unmark(): void {
  for (const element of document.querySelectorAll("[data-reading]")) element.removeAttribute("data-reading");
}

function speak(text: string, voice: SpeechSynthesisVoice, done: () => void): void {
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  utterance.onend = utterance.onerror = () => done();
  speechSynthesis.speak(utterance);
}

/** Returns a voice for `locale` on this device; online voices would send the texts to their provider. */
export async function localVoice(locale: string): Promise<SpeechSynthesisVoice | null> {
  if (!("speechSynthesis" in window)) return null;
  const tags = SPOKEN[locale] ?? [locale.toLowerCase(), locale.split("-")[0] as string];
  const local = (await voices()).filter((voice) => voice.localService === true);
  for (const tag of tags) {
    const match = local.find(({ lang }) => lang.toLowerCase().replace("_", "-").startsWith(tag));
    if (match) return match;
  }
  return null;
}

/** Some browsers load their voices asynchronously. */
async function voices(): Promise<SpeechSynthesisVoice[]> {
  if (speechSynthesis.getVoices().length === 0) {
    await new Promise<void>((done) => {
      speechSynthesis.addEventListener("voiceschanged", () => done(), { once: true });
      setTimeout(done, VOICES_MS);
    });
  }
  return speechSynthesis.getVoices();
}

/** Returns what a screen says, in reading order, each with its recording where there is one. */
export function linesOf({ at, items, group, texts }: Scene): SpokenLine[] {
  const { consent = [], missing = {}, ...others } = texts.audio ?? {};
  const own = (id: string | undefined): ItemRecordings | undefined => (id ? (others[id] as ItemRecordings) : undefined);
  if (at === "consent") return elementsIn("[data-consent]").map((element, index) => line(element, consent[index]));
  const item = own(items[0]?.id);
  const options = [...document.querySelectorAll<HTMLElement>("[data-code]")].filter(({ hidden }) => !hidden).map((element) => {
    const code = element.getAttribute("data-code") ?? "";
    return line(element, item?.options?.[code] ?? missing[code]);
  });
  const hint = own(group?.id)?.hint ?? item?.hint;
  const more = elementsIn(".lines li, p").map((element) => {
    const hash = element.id === "more" ? hint : own(element.getAttribute("data-item") ?? "")?.text;
    return { ...line(element, hash), extra: !hash };
  });
  const heads = elementsIn("h1").map((element) => line(element, own(group?.id)?.text ?? item?.text));
  const rows = elementsIn("[data-row]").map((element) => line(element, item?.text));
  return [...heads, ...rows, ...more, ...options].filter(({ text }) => text !== "");
}

const elementsIn = (selector: string): Element[] =>
  [...(document.getElementById("main")?.querySelectorAll(selector) ?? [])].filter((one) => !one.closest("[hidden]"));

const line = (element: Element, hash: string | undefined): SpokenLine => ({
  element, hash, text: (element.textContent ?? "").trim(), extra: hash === undefined && element.matches("h2, .plain"),
});
