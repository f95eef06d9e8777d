// Starts the page: takes over the first screen that the server rendered, and turns a chosen language into an interview.
import { listenForDisplay } from "./display";
import { Frame } from "./frame";
import { Interview } from "./interview";
import { type Documents, DocumentsError, type Link, linkOf, load, stratumOf } from "./manifest";
import { empty, type Language, vanish } from "./page";
import { post } from "./sending";

interface Choice extends Language {
  element: HTMLDetailsElement;
}

function start(): void {
  listenForDisplay();
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
    element.hidden = element.dataset.note !== name || (locale !== null && element.lang !== locale);
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
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.leave());
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
      const stratum = stratumOf(documents.questionnaire, this.link);
      const frame = this.framed(documents);
      const leave = (): void => {
        frame.close();
        vanish();
      };
      const outlet = post(`/s/${this.study}`);
      const shown = frame.shown.bind(frame);
      const options = { mode: this.link.mode, stratum, outlet, load: fetch, leave, shown };
      this.interview = new Interview(options, this.choices, documents);
      this.interview.start();
    } catch (error) {
      if (turn === this.asked) this.fail(error, choice);
    }
  }

  private fail(error: unknown, choice: Choice): void {
    const reason = error instanceof DocumentsError ? error.reason : "shape";
    choice.element.open = false;
    if (reason === "network") note("offline", choice.locale, false);
    else note(reason === "gone" ? "link" : "refused", choice.locale);
  }

  private framed({ questionnaire }: Documents): Frame {
    const { audio = "" } = document.body.dataset;
    this.frame = new Frame(() => this.leave(), audio, questionnaire.voice === true);
    return this.frame;
  }

  private leave(): void {
    if (this.interview) this.interview.leave();
    else vanish();
  }

  /** The page goes out of sight for good, or into the browser's memory of pages: it must not come back with answers. */
  private hide(): void {
    this.interview?.forget();
    this.frame?.close();
    empty();
  }
}

start();
