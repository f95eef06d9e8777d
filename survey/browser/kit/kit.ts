// The field kit: one interview after another with no network; each is sealed at once, kept sealed, handed in later.
import type { Outlet, Sealed } from "../delivery/contract";
import { post } from "../delivery/post";
import { assembled } from "../interview/assembly";
import { Interview } from "../interview/interview";
import { turn, type Turn } from "../interview/shared_device";
import { DocumentsError, type Link, linkOf, stratumOf } from "../pinned/manifest";
import { listenForDisplay } from "../screen/display";
import type { Frame } from "../screen/frame";
import type { Language } from "../screen/page";
import { type KitWords, showHome, type State } from "./home_screen";
import { openShelf, type TabletShelf } from "./indexed_db";
import { documentsOf, forgetDocuments, isOpen, keepDocuments } from "./offline_documents";
import { Courier, over, Queue } from "./queue";
import { byWave, queueFile } from "./queue_file";

const NO_COUNTS = { waiting: 0, late: 0, held: 0, acknowledged: 0 };
const CHECK_MS = 60_000;

class Kit {
  private readonly study: string;
  private readonly languages: readonly Language[];
  private readonly allWords: Record<string, Record<string, string>>;
  private readonly shelf: TabletShelf | null;
  private readonly queue: Queue | null;
  private readonly courier: Courier | null;
  private link: Link | null = null;
  private remembered: Link | null = null;
  private fragment = "";
  private interview: Interview | null = null;
  private current: Turn | null = null;
  private frame: Frame | null = null;
  private state: State;

  constructor(study: string, languages: readonly Language[], words: Record<string, Record<string, string>>,
    shelf: TabletShelf | null) {
    this.study = study;
    this.languages = languages;
    this.allWords = words;
    this.shelf = shelf;
    this.queue = shelf && new Queue(shelf);
    const tried = over(door(study), new AbortController().signal);
    this.courier = this.queue && new Courier(this.queue, tried, () => void this.refresh());
    this.state = {
      mode: "assisted", locale: firstLocale(languages), counts: NO_COUNTS, ready: false, discarding: false,
      barred: shelf ? null : "no-memory", note: null, lasting: true, staff: false,
    };
  }

  async start(fragment: string): Promise<void> {
    this.remembered = linkOf((await this.shelf?.link()) ?? "");
    // A link that is cut short is no reason to go on with another one: it may be of another wave.
    this.link = fragment.length > 1 ? linkOf(fragment) : this.remembered;
    this.fragment = fragment;
    if (this.link && this.link.mode !== "self") this.state.mode = this.link.mode;
    if (!this.link) this.state.barred ??= fragment.length > 1 ? "refused" : "no-link";
    void this.askToLast();
    await this.refresh();
    this.listen();
    void this.courier?.wake();
    await this.prepare();
  }

  /** Firefox asks the person, who may never answer: nothing waits for it. */
  private async askToLast(): Promise<void> {
    const lasting = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
    this.state.lasting = lasting;
    await this.refresh();
  }

  private listen(): void {
    addEventListener("online", () => void this.reconnected());
    addEventListener("pagehide", () => this.interview?.forget());
    // Only what found no room on the device would be lost by closing.
    addEventListener("beforeunload", (event) => this.state.counts.held > 0 && event.preventDefault());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.interview?.leave());
    setInterval(() => void this.prepare(), CHECK_MS);
  }

  private async reconnected(): Promise<void> {
    await this.courier?.wake();
    await this.prepare();
  }

  /** Fetches what is missing for interviews without a network, and learns whether the wave has ended. */
  private async prepare(): Promise<void> {
    const { link } = this;
    if (!link || this.state.barred === "closed") return;
    if ((await isOpen(link.pin, this.state.locale)) === false) return this.close();
    if (this.state.ready) return;
    const locales = this.languages.map(({ locale }) => locale);
    try {
      await keepDocuments(link.pin, this.study, locales);
      const { questionnaire, issuer } = await documentsOf(link.pin, locales[0] as string, this.study);
      stratumOf(questionnaire, link);
      // A token is fetched from the issuer at Send: without a network there is none.
      if (issuer) this.state.barred = "invited";
      else await this.remember(link);
    } catch (error) {
      if (error instanceof DocumentsError && error.reason !== "network") this.state.barred = "refused";
    }
    await this.refresh();
  }

  /** Only a link that led to sound documents takes the place of the one before. */
  private async remember(link: Link): Promise<void> {
    this.state.ready = true;
    if (this.remembered === link) return;
    this.remembered = link;
    if (this.fragment.length > 1) await this.shelf?.rememberLink(this.fragment).catch(() => undefined);
  }

  /** The host has no documents for the link: its wave has ended, or, where the link is new here, it never was one. */
  private async close(): Promise<void> {
    const ended = this.link?.pin === this.remembered?.pin;
    this.state.barred = ended ? "closed" : "refused";
    if (ended) await forgetDocuments(this.study);
    await this.refresh();
  }

  /** Counts again, and shows the start screen unless somebody answers just now. */
  private async refresh(): Promise<void> {
    // First counted, then put where the state is by now: a change in between makes another one.
    const counts = await this.queue?.counts().catch(() => undefined);
    if (counts) this.state.counts = counts;
    if (!this.interview) this.show();
  }

  private show(): void {
    showHome(this.state, this.languages, this.words, {
      begin: (locale) => void this.begin(locale),
      speak: (locale) => this.change({ locale, note: null }),
      mode: (mode) => this.change({ mode }),
      send: () => void this.send(),
      save: () => void this.save(),
      discard: (sure) => void this.discard(sure),
      staff: (staff) => void (this.state.staff = staff),
    });
  }

  private readonly words: KitWords = (key, n) => {
    const text = this.allWords[this.state.locale]?.[key] ?? key;
    return n === undefined ? text : text.replace("{n}", String(n));
  };

  private change(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.show();
  }

  private async begin(locale: string): Promise<void> {
    const { link } = this;
    if (!link || this.interview) return;
    try {
      const load = (other: string) => documentsOf(link.pin, other, this.study);
      const documents = await load(locale);
      const stratum = stratumOf(documents.questionnaire, link);
      const current = turn(this.state.mode, () => this.next());
      const { frame, options } = assembled({
        documents, device: current.options, stratum, outlet: this.outlet(), load,
        leave: () => this.interview?.leave(),
      });
      Object.assign(this, { current, frame });
      this.interview = new Interview(options, this.languages, documents);
      this.interview.start();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    const away = error instanceof DocumentsError && (error.reason === "network" || error.reason === "gone");
    if (!away) this.state.barred = "refused";
    this.change({ note: away ? { key: "not-loaded" } : null, staff: true });
  }

  /** Where a sealed interview goes: into the queue, at once; the courier takes it from there. */
  private outlet(): Outlet {
    return {
      deliver: async ({ body }: Sealed, gone: AbortSignal) => {
        if (gone.aborted) return { result: "not-stored" };
        await this.queue?.add(body);
        void this.courier?.wake();
        return { result: "kept" };
      },
    };
  }

  /** The person has left: nothing of the interview stays, and the next one may begin. */
  private next(): void {
    this.interview?.forget();
    this.interview = null;
    this.current?.stop();
    this.frame?.close();
    this.current = this.frame = null;
    this.state.note = null;
    scrollTo(0, 0);
    void this.refresh();
  }

  private async send(): Promise<void> {
    this.change({ note: { key: "sending" } });
    await this.courier?.wake();
    await this.refresh();
    if (this.state.counts.waiting === 0) this.change({ note: null });
    else this.change({ note: { key: "trouble" } });
  }

  private async save(): Promise<void> {
    const waves = byWave((await this.queue?.bodies()) ?? []);
    let count = 0;
    for (const [wave, bodies] of waves) {
      offer(await queueFile(this.study, bodies), `${wave}.sotto-queue`);
      count += bodies.length;
    }
    this.change({ note: { key: "saved", n: count } });
  }

  private async discard(sure: boolean | null): Promise<void> {
    if (sure) await this.queue?.discardLate();
    this.state.discarding = sure === null;
    await this.refresh();
  }
}

/** Hands in; where the page names the script for it, with work: done when a network is there, not when it was sealed. */
function door(study: string): Outlet {
  const url = document.body.dataset.work;
  const plain = post(`/s/${study}`);
  return {
    async deliver(sealed, gone) {
      if (!url) return plain.deliver(sealed, gone);
      const module = await (import(url) as Promise<typeof import("../delivery/work")>).catch(() => null);
      return module ? new module.Working(study, plain).deliver(sealed, gone) : { result: "not-stored" };
    },
  };
}

/** Returns the first language of the browser that the study speaks, else the study's first. */
function firstLocale(languages: readonly Language[]): string {
  const spoken = languages.map(({ locale }) => locale);
  return navigator.languages.find((locale) => spoken.includes(locale)) ?? (spoken[0] as string);
}

/** Hands a file to whoever holds the device. */
function offer(content: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), CHECK_MS);
}

interface Policy {
  createScriptURL(url: string): string;
}
interface Policies {
  createPolicy(name: string, rules: Policy): Policy;
}

/** Registers the worker; Trusted Types ask that its address passes a policy, which knows this one alone. */
async function register(study: string): Promise<void> {
  const worker = `/k/${study}/sw.js`;
  const rules = { createScriptURL: (url: string): string => (url === worker ? url : "") };
  const policy = (window as { trustedTypes?: Policies }).trustedTypes?.createPolicy("kit", rules) ?? rules;
  const options = { scope: `/k/${study}`, updateViaCache: "none" } as const;
  await navigator.serviceWorker?.register(policy.createScriptURL(worker), options);
}

async function start(): Promise<void> {
  listenForDisplay();
  if (document.documentElement.hasAttribute("data-refused")) return;
  document.documentElement.dataset.ready = "";
  const { study = "", words = "{}" } = document.body.dataset;
  const languages = [...document.querySelectorAll<HTMLElement>("[data-locale]")].map((element) => ({
    locale: element.dataset.locale ?? "", dir: element.dataset.dir ?? "ltr",
    name: element.querySelector("b")?.textContent ?? "",
  }));
  delete document.body.dataset.words;
  // Where no worker can be had the kit still works with a network, and says that not everything is on the device.
  void register(study).catch(() => undefined);
  const shelf = await openShelf(study).catch(() => null);
  const allWords = JSON.parse(words) as Record<string, Record<string, string>>;
  await new Kit(study, languages, allWords, shelf).start(location.hash);
}

void start();
