// Starts the page: takes over the first screen that the server rendered, and turns a chosen language into an interview.
import { listenForDisplay } from "./display";
import { fill } from "./dom";
import { Drafting } from "./drafting";
import { Frame } from "./frame";
import { Interview } from "./interview";
import { drop, kept } from "./kept";
import { type Documents, DocumentsError, type Link, linkOf, load, stratumOf } from "./manifest";
import type { Options, Scene } from "./options";
import { empty, type Language, vanish } from "./page";
import { post } from "./sending";

interface Choice extends Language {
  element: HTMLDetailsElement;
}

type Modes = typeof import("./modes");

function start(): void {
  listenForDisplay();
  // A draft that is past its day goes, whoever opens whatever.
  kept();
  // check.ts ran before and has said why nothing can be answered here.
  if (document.documentElement.hasAttribute("data-refused")) return;
  const choices = [...document.querySelectorAll<HTMLDetailsElement>("details[data-locale]")].map(choiceOf);
  const link = linkOf(location.hash);
  document.documentElement.dataset.ready = "";
  if (!link) return note("link", null);
  const session = new Session(link, document.body.dataset.study ?? "", choices);
  session.listen();
}

const choiceOf = (element: HTMLDetailsElement): Choice => ({
  element,
  locale: element.dataset.locale ?? "",
  dir: element.dir,
  name: element.querySelector("summary")?.textContent ?? "",
});

/** Shows one of the messages that stand hidden in the page, in one language or in all of them. */
function note(name: string | null, locale: string | null, final = true): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-note]")) {
    element.hidden = element.dataset.note !== name || (locale !== null && element.dataset.for !== locale);
  }
  const languages = document.getElementById("languages");
  if (languages) languages.hidden = name !== null && final;
}

class Session {
  private readonly link: Link;
  private readonly study: string;
  private readonly choices: readonly Choice[];
  private interview: Interview | null = null;
  private frame: Frame | null = null;
  private asked = 0;
  private readonly first = [...document.body.childNodes];

  constructor(link: Link, study: string, choices: readonly Choice[]) {
    this.link = link;
    this.study = study;
    this.choices = choices;
  }

  listen(): void {
    for (const choice of this.choices) {
      choice.element.addEventListener("toggle", () => this.onToggle(choice));
      // Opened before this script had come: the press counts.
      if (choice.element.open) this.onToggle(choice);
    }
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && this.leave());
    addEventListener("pagehide", () => this.hide());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  private onToggle(choice: Choice): void {
    // Inside another app nothing is chosen before check.ts has had the person press twice.
    if (!choice.element.open || document.documentElement.hasAttribute("data-inapp")) return;
    for (const other of this.choices) other.element.open = other === choice;
    note(null, null);
    void this.choose(choice);
  }

  private async choose(choice: Choice): Promise<void> {
    const turn = ++this.asked;
    try {
      const fetch = (locale: string): Promise<Documents> => load(this.link.pin, locale, this.study);
      const documents = await fetch(choice.locale);
      if (turn !== this.asked || this.interview) return;
      const options = await this.options(documents, fetch);
      if (turn !== this.asked || this.interview) return;
      this.interview = new Interview(options, this.choices, documents);
      this.interview.start();
    } catch (error) {
      if (turn === this.asked) this.fail(error, choice);
    }
  }

  /** Returns what the interview is told: on a device of many people another way to end, on one's own phone drafts. */
  private async options(documents: Documents, load: Options["load"]): Promise<Options> {
    const { mode } = this.link;
    const stratum = stratumOf(documents.questionnaire, this.link);
    const frame = this.framed(documents);
    const shared = mode === "self" ? null : (await modes()).turn(mode, () => this.again()).options;
    const leave = (): void => {
      drop();
      frame.close();
      vanish();
    };
    const options: Options = { mode, stratum, outlet: post(`/s/${this.study}`), load, leave, ...shared };
    const drafting = mode === "self" ? this.drafting(documents, options) : null;
    options.shown = (scene: Scene): void => {
      frame.shown(scene);
      shared?.shown(scene);
      drafting?.shown(scene);
    };
    return options;
  }

  private drafting(documents: Documents, options: Options): Drafting | null {
    const { drafts } = documents.questionnaire;
    if (!drafts) return null;
    const place = { study: this.study, pin: this.link.pin };
    return new Drafting(document.body.dataset.drafts ?? "", place, drafts, {
      draft: () => this.interview?.draft() ?? { given: [], typed: [] },
      close: () => {
        this.hide();
        vanish();
      },
      resume: (draft, texts) => {
        this.interview?.forget();
        this.interview = new Interview({ ...options, draft }, this.choices, { ...documents, texts });
        this.interview.start();
      },
    });
  }

  /** The next person: everything of this one is forgotten, and the first screen stands as it came. */
  private again(): void {
    this.asked++;
    this.interview?.forget();
    this.frame?.close();
    this.interview = this.frame = null;
    for (const { element } of this.choices) element.open = false;
    const [first] = this.choices;
    if (first) Object.assign(document.documentElement, { lang: first.locale, dir: first.dir });
    document.body.classList.add("still");
    fill(document.body, ...(this.first as Element[]));
    scrollTo(0, 0);
    first?.element.querySelector("summary")?.focus({ preventScroll: true });
  }

  private fail(error: unknown, choice: Choice): void {
    const reason = error instanceof DocumentsError ? error.reason : "shape";
    choice.element.open = false;
    if (reason === "network") note("offline", choice.locale, false);
    else note(reason === "gone" || reason === "stratum" ? "link" : "refused", choice.locale);
  }

  private framed({ questionnaire }: Documents): Frame {
    const { audio = "" } = document.body.dataset;
    this.frame = new Frame(() => this.leave(), audio, questionnaire.voice === true);
    return this.frame;
  }

  private leave(): void {
    if (this.interview) this.interview.leave();
    // A shared device stays where it is: nobody's answers are here.
    else if (this.link.mode === "self") {
      drop();
      vanish();
    }
  }

  /** The page goes out of sight for good, or into the browser's memory of pages: it must not come back with answers. */
  private hide(): void {
    this.interview?.forget();
    this.frame?.close();
    empty();
  }
}

const modes = async (): Promise<Modes> => {
  try {
    return (await import(document.body.dataset.modes ?? "")) as Modes;
  } catch {
    throw new DocumentsError("network");
  }
};

start();
