// The page: takes over the first screen, which the server rendered, and starts an interview in the chosen language.
import type { Transport } from "../delivery/contract";
import { httpTransport } from "../delivery/http_transport";
import { mayGoOn, offerLanguages } from "../documents/lost_script";
import { loadScript } from "../documents/requests";
import { studyLocales } from "../documents/study_locales";
import { DraftButtons } from "../drafts/draft_buttons";
import { deleteDraft, storedDraft } from "../drafts/draft_slot";
import { type Documents, DocumentsError, type Link, linkOf, load, stratumOf } from "../pinned/manifest";
import { listenForDisplay } from "../screen/display";
import { fill } from "../screen/dom";
import type { Frame } from "../screen/frame";
import { empty, type Language, Page, vanish } from "../screen/page";
import { type HpkeLibrary, Sealer } from "../sealing/sealer";
import { assembled, type Device, toEach } from "./assembly";
import { Interview } from "./interview";
import type { Invitation } from "./invitation";
import type { InterviewOptions } from "./options";

interface Choice extends Language {
  element: HTMLDetailsElement;
}

type SharedDeviceModule = typeof import("./shared_device");
type InvitationModule = typeof import("./invitation");
type WorkModule = typeof import("../delivery/proof_of_work");
type SearchModule = typeof import("../search/answer_search");

function start(): void {
  const link = linkOf(location.hash);
  const isAllowed = mayGoOn();
  hideCode();
  listenForDisplay();
  // A slip is kept over a reload on a person's own phone alone (tab_slip.ts).
  if (link?.mode !== "self") window.name = "";
  // Reading the slot deletes a draft that is past its last day, whatever link was opened.
  storedDraft();
  // What the page says tells why answering is not possible here.
  if (!isAllowed) return;
  const choices = [...document.querySelectorAll<HTMLDetailsElement>("details[data-locale]")].map(choiceOf);
  document.documentElement.dataset.ready = "";
  if (!link) return showNote("link", null);
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
 * Removes an invitation code from the address, and so from the history. Where the link must be opened in another
 * browser, the code stays in the address, since that browser needs it.
 */
function hideCode(): void {
  const { dataset } = document.documentElement;
  if (dataset.inapp !== undefined || dataset.refused !== undefined) return;
  if (location.hash.includes("&c=")) history.replaceState(null, "", location.href.replace(/&c=.*/, ""));
}

/** Shows one of the hidden messages of the page, in one language or in all of them. */
function showNote(name: string | null, locale: string | null, final = true): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-note]")) {
    element.hidden = element.dataset.note !== name || (locale !== null && element.dataset.for !== locale);
  }
  offerLanguages(name === null || !final);
  // Nothing is left to choose: the heading that asks for it goes too.
  if (name !== null && final) document.documentElement.dataset.refused = name;
}

/** The notes after which another try may go well. */
const NOTES = { network: "offline", portal: "portal" } as const;

class Session {
  private readonly link: Link;
  private readonly study: string;
  private readonly choices: readonly Choice[];
  private readonly sealer = new Sealer(() => loadPart<HpkeLibrary>("sealing"));
  private interview: Interview | null = null;
  private frame: Frame | null = null;
  private invitation: Invitation | null = null;
  private code: string | null;
  private attempts = 0;
  private readonly firstScreen = [...document.body.childNodes];

  constructor(link: Link, study: string, choices: readonly Choice[]) {
    this.link = link;
    this.code = link.code;
    this.study = study;
    this.choices = choices;
  }

  listen(): void {
    // Before a language is chosen, so that nobody waits for it; a failure is told where one is chosen.
    void this.sealer.ready().catch(() => undefined);
    for (const choice of this.choices) {
      choice.element.addEventListener("toggle", () => this.onToggle(choice));
      // The person opened the link before this script was loaded.
      if (choice.element.open) this.onToggle(choice);
    }
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && this.leave());
    addEventListener("pagehide", () => this.hide());
    addEventListener("pageshow", (event) => event.persisted && reloadAfresh());
  }

  private onToggle(choice: Choice): void {
    // Inside another app nothing is chosen before check.ts has had the person press twice.
    if (!choice.element.open || document.documentElement.hasAttribute("data-inapp")) return;
    hideCode();
    for (const other of this.choices) other.element.open = other === choice;
    showNote(null, null);
    void this.choose(choice);
  }

  private async choose(choice: Choice): Promise<void> {
    const attempt = ++this.attempts;
    try {
      const wave = { pin: this.link.pin, study: this.study, locales: studyLocales() };
      const loadIn = (locale: string): Promise<Documents> => load(wave, locale);
      const [documents] = await Promise.all([loadIn(choice.locale), this.sealer.ready()]);
      if (attempt !== this.attempts || this.interview) return;
      const options = await this.options(documents, loadIn);
      const translated = await this.invitation?.admit();
      if (attempt !== this.attempts || this.interview) return;
      this.interview = new Interview(options, this.choices, translated ?? documents);
      this.interview.start();
    } catch (error) {
      if (attempt === this.attempts) this.fail(error, choice);
    }
  }

  /** Returns an interview's options: a shared device ends it in another way, one's own phone may keep a draft. */
  private async options(documents: Documents, load: InterviewOptions["load"]): Promise<InterviewOptions> {
    const stratum = stratumOf(documents.questionnaire, this.link);
    const device = await this.device();
    const transport = await this.transport(documents);
    const { frame, options } = assembled({
      documents, device, stratum, hpke: this.sealer.seal, transport, load, leave: () => this.leave(),
    });
    this.frame = frame;
    const invitation = this.invitation = await this.makeInvitation(documents, options);
    if (invitation) {
      options.transport = invitation;
      options.lastScreen = invitation.lastScreen;
    }
    const draftButtons = this.link.mode === "self" ? this.draftButtons(documents, options) : null;
    // Fetched here and not on the screen of a long list: nobody can tell who came to one.
    const search = document.body.dataset.search ? (await loadPart<SearchModule>("search")).answerSearch : null;
    options.onScene = toEach(frame, device, search, invitation, draftButtons);
    return options;
  }

  private async device(): Promise<Device> {
    const { mode } = this.link;
    if (mode !== "self") return (await loadPart<SharedDeviceModule>("modes")).turn(mode, () => this.restart()).options;
    const leave = (): void => {
      deleteDraft();
      this.frame?.close();
      vanish();
    };
    return { mode, leave };
  }

  private async transport({ questionnaire }: Documents): Promise<Transport> {
    const plain = httpTransport(`/s/${this.study}`);
    return questionnaire.work ? new (await loadPart<WorkModule>("work")).WorkTransport(this.study, plain) : plain;
  }

  /** By invitation: asks for the code and delivers with a token; on an open link null. */
  private async makeInvitation(documents: Documents, options: InterviewOptions): Promise<Invitation | null> {
    if (!documents.issuer) return null;
    const page = (setLanguage: (locale: string) => void): Page =>
      new Page(this.choices, { leave: () => this.leave(), setLanguage });
    const { Invitation, TabSlip } = await loadPart<InvitationModule>("invited");
    const { study, code, choices: languages, link: { mode, pin } } = this;
    const tab = mode === "self" && documents.questionnaire.resume ? new TabSlip({ study, pin }) : null;
    return new Invitation({ study, code, languages, documents, options, page, tab });
  }

  private draftButtons(documents: Documents, options: InterviewOptions): DraftButtons | null {
    const { drafts } = documents.questionnaire;
    if (!drafts) return null;
    const context = { study: this.study, pin: this.link.pin };
    return new DraftButtons(document.body.dataset.drafts ?? "", context, drafts, {
      draft: () => ({ given: [], typed: [], ...this.interview?.draft(), token: this.invitation?.kept() }),
      close: () => {
        this.hide();
        vanish();
      },
      resume: (draft, texts) => {
        // In this order: what the old interview wipes must not end the asking that the token begins.
        this.interview?.forget();
        this.invitation?.resume(draft.token);
        this.interview = new Interview({ ...options, draft }, this.choices, { ...documents, texts });
        this.interview.start();
      },
    });
  }

  /** Resets for the next person: deletes everything of this one and restores the first screen. */
  private restart(): void {
    this.attempts++;
    this.interview?.forget();
    this.frame?.close();
    this.invitation?.forget(true);
    this.interview = this.frame = this.invitation = this.code = null;
    for (const { element } of this.choices) element.open = false;
    const [first] = this.choices;
    if (first) Object.assign(document.documentElement, { lang: first.locale, dir: first.dir });
    document.body.classList.add("still");
    fill(document.body, ...(this.firstScreen as Element[]));
    scrollTo(0, 0);
    first?.element.querySelector("summary")?.focus({ preventScroll: true });
  }

  private fail(error: unknown, choice: Choice): void {
    const reason = error instanceof DocumentsError ? error.reason : "shape";
    choice.element.open = false;
    if (reason === "network" || reason === "portal") showNote(NOTES[reason], choice.locale, false);
    else showNote(reason === "gone" || reason === "stratum" ? "link" : "refused", choice.locale);
  }

  private leave(): void {
    if (this.interview) this.interview.leave();
    // A shared device keeps the page: there are no answers in it.
    else if (this.link.mode === "self") {
      this.invitation?.leave();
      deleteDraft();
      vanish();
    } else if (this.invitation) this.restart();
  }

  /** The page is closed or put into the back-forward cache: it must not come back with answers. */
  private hide(): void {
    this.interview?.forget();
    this.frame?.close();
    this.invitation?.forget(true);
    this.code = null;
    empty();
  }
}

/** The page comes back from the back-forward cache: whatever was shown in between could have named the tab. */
function reloadAfresh(): void {
  window.name = "";
  location.reload();
}

/** Loads an optional part; the page has its address, and of what seals its hash. */
const loadPart = <T>(name: "modes" | "invited" | "work" | "search" | "sealing"): Promise<T> =>
  loadScript<T>(document.body.dataset[name] ?? "", document.body.dataset[`${name}Integrity`]).catch(() => { throw new DocumentsError("network"); });

start();
