// The preview's page: the phone's page in a frame of a phone's size, the questions to jump to, and what is to be said.
import { fill, make } from "../screen/dom";
import { shown, walk } from "./hands";
import { ask, type Note, type ScreenItem, type State, type StudyPage, type Way } from "./state";

/** Where the author is: an item's id, the consent, or the screen before Send. */
type Place = string;
const CONSENT = "@consent";
const END = "@end";
const GONE_MS = 2000;

const token = document.body.dataset.token ?? "";
const words = JSON.parse(document.body.dataset.words ?? "{}") as Record<string, string>;
const say = (key: string, n?: number | string): string => (words[key] ?? key).replace("{n}", String(n ?? ""));
const part = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

class Preview {
  private readonly language = part<HTMLSelectElement>("language");
  private readonly mode = part<HTMLSelectElement>("mode");
  private readonly stratum = part<HTMLSelectElement>("stratum");
  private readonly size = part<HTMLSelectElement>("size");
  private readonly filter = part<HTMLInputElement>("filter");
  private place: Place = "";
  private page: StudyPage | null = null;
  private turn = 0;
  private walking = false;

  start(): void {
    for (const choice of [this.language, this.mode, this.stratum]) choice.addEventListener("change", () => this.again());
    this.size.addEventListener("change", () => this.resize());
    this.filter.addEventListener("input", () => this.listItems());
    part("restart").addEventListener("click", () => void this.go(""));
    this.resize();
    void this.follow();
  }

  /** Asks for the state again and again; the server answers when there is a newer one. */
  private async follow(): Promise<void> {
    for (let version = 0; ;) {
      try {
        const state = await ask<State>(`/preview/${token}/state?after=${version}&lang=${document.documentElement.lang}`);
        part("ended").hidden = true;
        if (state.version !== version) this.show(state);
        version = state.version;
      } catch {
        part("ended").hidden = false;
        await new Promise((done) => setTimeout(done, GONE_MS));
      }
    }
  }

  private show(state: State): void {
    part("broken").hidden = !state.broken;
    part("broken").textContent = state.page ? say("broken") : say("never");
    this.showNotes(state.notes);
    const { page } = state;
    if (!page) return;
    const changed = page.pin !== this.page?.pin;
    const place = this.page ? this.here() : "";
    this.page = page;
    if (!changed) return;
    this.offer(page);
    this.listItems();
    void this.go(page.items.some(({ id }) => id === place) || place.startsWith("@") ? place : "");
  }

  /** Where the author is now: what stands on the screen, where it can be told, else where the last jump led. */
  private here(): Place {
    if (this.walking) return this.place;
    const now = shown(document.querySelector("iframe")?.contentDocument ?? null);
    const locale = this.language.value;
    const found = this.page?.items.find(({ words: text }) => {
      const own = text[locale];
      return own && now && own.title === now.title && own.row === now.row;
    });
    return found?.id ?? this.place;
  }

  private offer(page: StudyPage): void {
    options(this.language, Object.entries(page.locales).map(([locale, { name }]) => [locale, name]));
    options(this.stratum, page.strata.map((name) => [name, name]));
    part("strata").hidden = page.strata.length < 2;
  }

  private listItems(): void {
    const wanted = this.filter.value.trim().toLowerCase();
    const locale = this.language.value;
    const matches = ({ id, words: text }: ScreenItem): boolean =>
      `${id} ${text[locale]?.title ?? ""} ${text[locale]?.row ?? ""}`.toLowerCase().includes(wanted);
    const items = (this.page?.items ?? []).filter(matches);
    const ends: [Place, string][] = wanted ? [] : [[CONSENT, say("consent")]];
    const last: [Place, string][] = wanted ? [] : [[END, say("end")]];
    fill(part("items"), ...ends.map(([place, name]) => this.entry(place, name)),
      ...items.map((item) => this.entry(item.id, item.words[locale]?.row ?? item.words[locale]?.title ?? "", item.id)),
      ...last.map(([place, name]) => this.entry(place, name)));
    const own = (this.page?.times ?? []).filter((time) => time.startsWith(`${locale}, `));
    fill(part("times"), ...own.map((time) => make("span", {}, time)));
    this.mark();
  }

  private entry(place: Place, text: string, name = ""): HTMLElement {
    const button = make("button", { type: "button", "data-place": place }, name && make("b", {}, name),
      make("span", { lang: name ? this.language.value : false, dir: "auto" }, text));
    button.addEventListener("click", () => void this.go(place));
    return make("li", {}, button);
  }

  private showNotes(notes: readonly Note[]): void {
    const problems = notes.filter(({ kind }) => kind === "problem" || kind === "refused").length;
    part("count").textContent = problems > 0 ? say("problems", problems) : say("sound");
    part("count").className = problems > 0 ? "alarm" : "fine";
    fill(part("notes"), ...notes.map((note) => this.note(note)));
  }

  private note({ kind, place, message, remedy, item }: Note): HTMLElement {
    const line = make("p", { class: "place" }, make("b", { class: kind }, say(`kind-${kind}`)), place && ` ${placed(place)}`);
    const id = this.page?.items.find((other) => other.id === item)?.id;
    const jump = id && make("button", { type: "button", class: "jump" }, say("jump", id));
    if (jump) jump.addEventListener("click", () => void this.go(id));
    return make("li", {}, line, make("p", { dir: "auto" }, message), remedy && make("p", { class: "remedy" }, remedy),
      jump || undefined);
  }

  private again(): void {
    const place = this.place;
    this.listItems();
    void this.go(place);
  }

  /** Shows a place in a new frame: the old one would ask whether answers may be lost. */
  private async go(place: Place): Promise<void> {
    const { page } = this;
    if (!page) return;
    const turn = ++this.turn;
    this.place = place;
    this.mark();
    part("unreached").hidden = true;
    const frame = make("iframe", { title: say("phone"), src: this.address(page) });
    fill(part("phone"), frame);
    this.resize();
    this.walking = false;
    if (place === "") return;
    this.walking = true;
    const came = await this.walk(frame, place).catch(() => false);
    if (turn !== this.turn) return;
    this.walking = false;
    part("unreached").hidden = came;
    part("unreached").textContent = say("unreached", place);
  }

  private async walk(frame: HTMLIFrameElement, place: Place): Promise<boolean> {
    const locale = this.language.value;
    if (place === CONSENT) return walk(frame, locale, null);
    const way = await ask<Way>(`/preview/${token}/way/${locale}/${place === END ? "" : place}`);
    return walk(frame, locale, way);
  }

  private address({ study, pin, code }: StudyPage): string {
    const mode = this.mode.value === "self" ? "" : `&m=${this.mode.value}`;
    return `/s/${study}?t=${token}#k=${pin}&s=${this.stratum.value}${mode}${code ? `&c=${code}` : ""}`;
  }

  private mark(): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-place]")) {
      button.setAttribute("aria-current", String(button.dataset.place === this.place));
    }
  }

  private resize(): void {
    const [width, height] = this.size.value.split("x");
    const frame = document.querySelector("iframe");
    if (frame) Object.assign(frame, { width, height });
  }
}

/** Returns a place as it is read: a line of the file and what stands there, or a cell of a workbook. */
const placed = (place: string): string => place.replace(/^\d+/, (line) => say("line", line));

/** Offers values, and keeps what was chosen where it is among them. */
function options(list: HTMLSelectElement, values: readonly (readonly [string, string])[]): void {
  const before = list.value;
  fill(list, ...values.map(([value, name]) => make("option", { value }, name)));
  if (values.some(([value]) => value === before)) list.value = before;
}

new Preview().start();
