// Where a study allows drafts: the two buttons that lead to drafts.ts, which is fetched only when one is pressed.
import type { Draft } from "../answers/draft";
import type { Questionnaire, Texts } from "../documents/documents";
import { wordsOf } from "../documents/words";
import { button, fill, make } from "../screen/dom";
import type { Scene } from "../screen/scene";
import type { Place } from "./draft_lock";
import { drop, kept } from "./draft_slot";
import type { Host } from "./drafts";

type Module = typeof import("./drafts");

/** What is asked of whoever holds the interview. */
export interface Holder {
  draft(): Draft;
  /** Forgets the answers and closes the page; the draft stays. */
  close(): void;
  /** Goes on in the language of `texts`. */
  resume(draft: Draft, texts: Texts): void;
}

export class Drafting {
  private readonly script: string;
  private readonly place: Place;
  private readonly days: number;
  private readonly holder: Holder;
  private resumed = false;

  /** `script` is the address of drafts.ts as it was built; `drafts` is what the questionnaire says. */
  constructor(script: string, place: Place, drafts: NonNullable<Questionnaire["drafts"]>, holder: Holder) {
    this.script = script;
    this.place = place;
    this.days = drafts.days;
    this.holder = holder;
  }

  /** Follows the interview from screen to screen; from Send on there is no draft, so that nobody sends twice. */
  shown(scene: Scene): void {
    delete document.documentElement.dataset.drafting;
    if (scene.at === "sending") drop();
    const words = wordsOf(scene.texts.interface);
    if (scene.at === "item" || scene.at === "ready") {
      offer("draft-save", words("draft-save"), () => void this.open(scene, "askToSave"));
    }
    if (scene.at === "consent" && !this.resumed && kept() !== null) {
      offer("draft-continue", words("draft-continue"), () => void this.open(scene, "askForCode"));
    }
  }

  private async open(scene: Scene, screen: keyof Module & ("askToSave" | "askForCode")): Promise<void> {
    const words = wordsOf(scene.texts.interface);
    const host = this.host(scene);
    try {
      ((await import(this.script)) as Module)[screen](host);
    } catch {
      host.show(words("draft-title"), make("p", { role: "alert" }, words("draft-failed")),
        button("draft-back", words("draft-back"), "plain", host.back));
    }
  }

  private host({ texts }: Scene): Host {
    const { place, days, holder } = this;
    const words = wordsOf(texts.interface);
    const resume = (draft: Draft): void => {
      this.resumed = true;
      holder.resume(draft, texts);
    };
    const [draft, close] = [() => holder.draft(), () => holder.close()];
    return { place, days, locale: texts.locale, words, draft, close, back, resume, show };
  }
}

function offer(name: string, label: string, press: () => void): void {
  document.getElementById("main")?.append(make("div", { class: "choice later" }, button(name, label, "plain", press)));
}

/** Shows a screen over the present one, which stays as it is under it; Leave stays in view. */
function show(title: string, ...body: HTMLElement[]): void {
  const heading = make("h1", { tabindex: "-1" }, title);
  const there = document.getElementById("drafting") ?? make("section", { id: "drafting" });
  fill(there, heading, ...body);
  document.getElementById("main")?.append(there);
  document.documentElement.dataset.drafting = "";
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

function back(): void {
  delete document.documentElement.dataset.drafting;
  document.getElementById("drafting")?.remove();
  document.getElementById("title")?.focus();
}
