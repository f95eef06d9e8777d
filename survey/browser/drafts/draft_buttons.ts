// The two buttons for drafts, where a study allows them; drafts.ts is loaded only when one is pressed.
import type { Draft } from "../answers/draft";
import type { Questionnaire, Texts } from "../documents/documents";
import { wordsOf } from "../documents/interface_texts";
import { loadScript } from "../documents/requests";
import { button, fill, make } from "../screen/dom";
import type { Scene } from "../screen/scene";
import type { DraftContext } from "./draft_lock";
import { deleteDraft, storedDraft } from "./draft_slot";
import type { DraftHost } from "./drafts";

type Module = typeof import("./drafts");

/** The interview as the buttons use it. */
export interface InterviewHandle {
  draft(): Draft;
  /** Forgets the answers and closes the page; the draft stays. */
  close(): void;
  /** Goes on in the language of `texts`. */
  resume(draft: Draft, texts: Texts): void;
}

export class DraftButtons {
  private readonly script: string;
  private readonly context: DraftContext;
  private readonly days: number;
  private readonly interview: InterviewHandle;
  private invited = false;
  private resumed = false;

  /** `script` is the address of drafts.ts as it was built; `drafts` is what the questionnaire says. */
  constructor(
    script: string, context: DraftContext, drafts: NonNullable<Questionnaire["drafts"]>, interview: InterviewHandle,
  ) {
    this.script = script;
    this.context = context;
    this.days = drafts.days;
    this.interview = interview;
  }

  /** Follows the interview from screen to screen; from Send on there is no draft, so that nobody sends twice. */
  onScene(scene: Scene): void {
    delete document.documentElement.dataset.drafting;
    if (scene.at === "sending") deleteDraft();
    const words = wordsOf(scene.texts.interface, scene.texts.locale);
    if (scene.at === "item" || scene.at === "ready") {
      offer("draft-save", words("draft-save"), () => void this.open(scene, "askToSave"));
    }
    // By invitation a draft takes the place of a slip: it is offered where the code is asked for.
    this.invited ||= scene.at === "code";
    if (scene.at === (this.invited ? "code" : "consent") && !this.resumed && storedDraft() !== null) {
      offer("draft-continue", words("draft-continue"), () => void this.open(scene, "askForCode"));
    }
  }

  private async open(scene: Scene, screen: keyof Module & ("askToSave" | "askForCode")): Promise<void> {
    const words = wordsOf(scene.texts.interface, scene.texts.locale);
    const host = this.host(scene);
    try {
      (await loadScript<Module>(this.script))[screen](host);
    } catch {
      host.show(words("draft-title"), make("p", { role: "alert" }, words("draft-failed")),
        button("draft-back", words("draft-back"), "plain", host.back));
    }
  }

  private host({ texts }: Scene): DraftHost {
    const { context, days, interview } = this;
    const words = wordsOf(texts.interface, texts.locale);
    const resume = (draft: Draft): void => {
      this.resumed = true;
      interview.resume(draft, texts);
    };
    const [draft, close] = [() => interview.draft(), () => interview.close()];
    return { context, days, locale: texts.locale, words, draft, close, back, resume, show };
  }
}

function offer(name: string, label: string, press: () => void): void {
  document.getElementById("main")?.append(make("div", { class: "choice later" }, button(name, label, "plain", press)));
}

/** Shows a screen over the current one, which is kept unchanged; Leave stays visible. */
function show(title: string, ...body: HTMLElement[]): void {
  const heading = make("h1", { tabindex: "-1" }, title);
  const section = document.getElementById("drafting") ?? make("section", { id: "drafting" });
  fill(section, heading, ...body);
  // What is to be pressed stays in view: Leave deletes the draft, and must not stand alone.
  body[body.length - 1]?.classList.add("deck");
  document.getElementById("main")?.append(section);
  document.documentElement.dataset.drafting = "";
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

function back(): void {
  delete document.documentElement.dataset.drafting;
  document.getElementById("drafting")?.remove();
  document.getElementById("title")?.focus();
}
