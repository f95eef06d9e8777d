// Starts the page: takes over the first screen that the server rendered, and turns a chosen language into an interview.
import type { Outlet } from "../delivery/contract";
import { post } from "../delivery/post";
import { Drafting } from "../drafts/draft_buttons";
import { drop, kept } from "../drafts/draft_slot";
import { type Documents, DocumentsError, type Link, linkOf, load, stratumOf } from "../pinned/manifest";
import { listenForDisplay } from "../screen/display";
import { fill } from "../screen/dom";
import type { Frame } from "../screen/frame";
import { empty, type Language, Page, vanish } from "../screen/page";
import { assembled, type Device, toEach } from "./assembly";
import { Interview } from "./interview";
import type { Invited } from "./invited";
import type { Options } from "./options";

interface Choice extends Language {
  element: HTMLDetailsElement;
}

type Modes = typeof import("./shared_device");
type InvitedModule = typeof import("./invited");
type WorkModule = typeof import("../delivery/work");

function start(): void {
  const link = linkOf(location.hash);
  hideCode();
  listenForDisplay();
  // A draft that is past its day goes, whoever opens whatever.
  kept();
  // check.ts ran before and has said why nothing can be answered here.
  if (document.documentElement.hasAttribute("data-refused")) return;
  const choices = [...document.querySelectorAll<HTMLDetailsElement>("details[data-locale]")].map(choiceOf);
  document.documentElement.dataset.ready = "";
  if (!link) return note("link", null);
  const session = new Session(link, document.body.dataset.study ?? "", choices);
  session.listen();
}

// Decision 16.
const choiceOf = (element: HTMLDetailsElement): Choice => ({
  element,
  locale: element.dataset.locale ?? "",
  dir: element.dir,
  name: element.querySelector("summary")?.textContent ?? "",
});

/**
 * Takes an invitation's code out of the address, and so out of the history. Where the link must be opened in another
 * browser it stays until then, since that one needs it.
 */
function hideCode(): void {
  const { dataset } = document.documentElement;
  if (dataset.inapp !== undefined || dataset.refused !== undefined) return;
  if (location.hash.includes("&c=")) history.replaceState(null, "", location.href.replace(/&c=.*/, ""));
}

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
  private invited: Invited | null = null;
  private code: string | null;
  private asked = 0;
  private readonly first = [...document.body.childNodes];

  constructor(link: Link, study: string, choices: readonly Choice[]) {
    this.link = link;
    this.code = link.code;
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
    hideCode();
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
      const asked = await this.invited?.admit();
      if (turn !== this.asked || this.interview) return;
      this.interview = new Interview(options, this.choices, asked ?? documents);
      this.interview.start();
    } catch (error) {
      if (turn === this.asked) this.fail(error, choice);
    }
  }

  /** Returns what the interview is told: on a device of many people another way to end, on one's own phone drafts. */
  private async options(documents: Documents, load: Options["load"]): Promise<Options> {
    const stratum = stratumOf(documents.questionnaire, this.link);
    const device = await this.device();
    const outlet = await this.outlet(documents);
    const { frame, options } = assembled({ documents, device, stratum, outlet, load, leave: () => this.leave() });
    this.frame = frame;
    const invited = this.invited = await this.invitation(documents, options);
    if (invited) Object.assign(options, { outlet: invited, last: invited.last });
    const drafting = this.link.mode === "self" ? this.drafting(documents, options) : null;
    options.shown = toEach(frame, device, invited, drafting);
    return options;
  }

  private async device(): Promise<Device> {
    const { mode } = this.link;
    if (mode !== "self") return (await fetched<Modes>("modes")).turn(mode, () => this.again()).options;
    const leave = (): void => {
      drop();
      this.frame?.close();
      vanish();
    };
    return { mode, leave };
  }

  private async outlet({ questionnaire }: Documents): Promise<Outlet> {
    const door = post(`/s/${this.study}`);
    return questionnaire.work ? new (await fetched<WorkModule>("work")).Working(this.study, door) : door;
  }

  /** By invitation: what asks for the code, and hands in with a token; else null. */
  private async invitation(documents: Documents, options: Options): Promise<Invited | null> {
    if (!documents.issuer) return null;
    const page = (speak: (locale: string) => void): Page =>
      new Page(this.choices, { leave: () => this.leave(), speak });
    const { study, code, choices: languages } = this;
    return new ((await fetched<InvitedModule>("invited")).Invited)({ study, code, languages, documents, options, page });
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
    this.invited?.forget(true);
    this.interview = this.frame = this.invited = this.code = null;
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

  private leave(): void {
    if (this.interview) this.interview.leave();
    // A shared device stays where it is: nobody's answers are here.
    else if (this.link.mode === "self") {
      drop();
      vanish();
    } else if (this.invited) this.again();
  }

  /** The page goes out of sight for good, or into the browser's memory of pages: it must not come back with answers. */
  private hide(): void {
    this.interview?.forget();
    this.frame?.close();
    this.invited?.forget(true);
    this.code = null;
    empty();
  }
}

/** Returns a script that only some need; the page names its address. */
const fetched = async <T>(name: "modes" | "invited" | "work"): Promise<T> => {
  try {
    return (await import(document.body.dataset[name] ?? "")) as T;
  } catch {
    throw new DocumentsError("network");
  }
};

start();
