// The field kit: one interview after another without a network; each is sealed at once, queued, and delivered later.
import type { DeliveryOutcome, SealedAnswer, Transport } from "../delivery/contract";
import { httpTransport } from "../delivery/http_transport";
import { filledIn } from "../documents/interface_texts";
import { mayGoOn } from "../documents/lost_script";
import { browserTags, preferredLocale } from "../documents/preferred_locale";
import { loadScript } from "../documents/requests";
import { studyLocales } from "../documents/study_locales";
import { assembled, toEach } from "../interview/assembly";
import { Interview } from "../interview/interview";
import { turn, type Turn } from "../interview/shared_device";
import { type Documents, DocumentsError, type Link, linkOf, stratumOf, type Wave } from "../pinned/manifest";
import { listenForDisplay } from "../screen/display";
import type { Frame } from "../screen/frame";
import type { Language } from "../screen/page";
import { answerSearch } from "../search/answer_search";
import { sealingWith } from "../sealing/fetched_token";
import { keyId, studyId } from "../sealing/ids";
import { type HpkeLibrary, Sealer } from "../sealing/sealer";
import { type HomeState, type KitWords, showHome } from "./home_screen";
import { type IndexedDbStore, openStore } from "./indexed_db";
import { documentsOf, forgetDocuments, isOpen, storeDocuments } from "./offline_documents";
import { Queue, sendOver } from "./queue";
import { byWave, queueFile } from "./queue_file";
import { QueueSender } from "./queue_sender";
import { SlipDesk } from "./slip_desk";
import { type DrawnSlip, localDay, mayHandIn, Slips } from "./slips";

const NO_COUNTS = { waiting: 0, late: 0, inMemory: 0, acknowledged: 0 };
const CHECK_MS = 60_000;

class Kit {
  private readonly study: string;
  private readonly languages: readonly Language[];
  private readonly allWords: Record<string, Record<string, string>>;
  private readonly store: IndexedDbStore | null;
  private readonly queue: Queue | null;
  private readonly sender: QueueSender | null;
  private readonly sealer = new Sealer(loadLibrary);
  private link: Link | null = null;
  private remembered: Link | null = null;
  private fragment = "";
  private interview: Interview | null = null;
  private turn: Turn | null = null;
  private frame: Frame | null = null;
  /** By invitation: the slips on this device, and the one of the running interview. */
  private desk: SlipDesk | null = null;
  private slip: DrawnSlip | null = null;
  private readonly aborter = new AbortController();
  private state: HomeState;

  constructor(study: string, languages: readonly Language[], words: Record<string, Record<string, string>>,
    store: IndexedDbStore | null) {
    this.study = study;
    this.languages = languages;
    this.allWords = words;
    this.store = store;
    this.queue = store && new Queue(store);
    const sendOnce = sendOver(hostTransport(study), this.aborter.signal);
    const allowed = (): Promise<boolean> => mayHandIn(store as IndexedDbStore);
    this.sender = this.queue && new QueueSender(this.queue, sendOnce, () => void this.refresh(), allowed);
    this.state = {
      mode: "assisted", locale: preferredLocale(browserTags(), languages.map(({ locale }) => locale)), counts: NO_COUNTS, ready: false, discarding: false,
      blocked: store ? null : "no-memory", note: null, persistent: true, staff: false,
      slips: null,
    };
  }

  async start(fragment: string): Promise<void> {
    // At once, so that nobody waits for it; a failure is told where an interview begins.
    void this.sealer.ready().catch(() => undefined);
    this.remembered = linkOf((await this.store?.link()) ?? "");
    // An incomplete link is refused rather than replaced by the stored one, which may be of another wave.
    this.link = fragment.length > 1 ? linkOf(fragment) : this.remembered;
    this.fragment = fragment;
    if (this.link && this.link.mode !== "self") this.state.mode = this.link.mode;
    if (!this.link) this.state.blocked ??= fragment.length > 1 ? "refused" : "no-link";
    void this.requestPersistence();
    await this.refresh();
    this.listen();
    void this.sender?.wake();
    await this.prepare();
  }

  /** Not awaited: Firefox asks the person, who may never answer. */
  private async requestPersistence(): Promise<void> {
    const persistent = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
    this.state.persistent = persistent;
    await this.refresh();
  }

  private listen(): void {
    addEventListener("online", () => void this.reconnected());
    addEventListener("pagehide", () => this.interview?.forget());
    // Only records that are in memory alone would be lost by closing.
    addEventListener("beforeunload", (event) => this.state.counts.inMemory > 0 && event.preventDefault());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.interview?.leave());
    setInterval(() => void this.prepare(), CHECK_MS);
  }

  private async reconnected(): Promise<void> {
    await this.sender?.wake();
    await this.prepare();
  }

  /** Loads the documents for interviews without a network, and checks whether the wave has ended. */
  private async prepare(): Promise<void> {
    const { link } = this;
    if (!link || this.state.blocked === "closed") return;
    const wave = this.waveOf(link);
    if ((await isOpen(wave, this.state.locale)) === false) return this.close();
    if (this.state.ready) return;
    try {
      await this.sealer.ready();
      await storeDocuments(wave);
      const documents = await documentsOf(wave, wave.locales[0] as string);
      stratumOf(documents.questionnaire, link);
      this.desk ??= this.deskOf(documents, link);
      await this.remember(link);
    } catch (error) {
      if (error instanceof DocumentsError && !isPassing(error)) this.state.blocked = "refused";
    }
    await this.refresh();
  }

  private readonly waveOf = ({ pin }: Link): Wave => ({ pin, study: this.study, locales: studyLocales() });

  /** Returns the desk for slips of a wave by invitation; null on an open link. */
  private deskOf({ issuer, recipient }: Documents, { pin }: Link): SlipDesk | null {
    const { study, store } = this;
    return issuer && store && new SlipDesk(new Slips(store, study, pin), { study, key: recipient.key, issuer });
  }

  /** A link replaces the stored one only after its documents were verified. */
  private async remember(link: Link): Promise<void> {
    this.state.ready = true;
    if (this.remembered === link) return;
    this.remembered = link;
    if (this.fragment.length > 1) await this.store?.rememberLink(this.fragment).catch(() => undefined);
  }

  /** The host has no documents for the link: its wave has ended, or the link is wrong. */
  private async close(): Promise<void> {
    const ended = this.link?.pin === this.remembered?.pin;
    this.state.blocked = ended ? "closed" : "refused";
    if (ended) await forgetDocuments(this.study);
    await this.refresh();
  }

  /** Updates the numbers, and shows the start screen unless an interview is running. */
  private async refresh(): Promise<void> {
    // Counted first, then merged into the current state, which may have changed meanwhile.
    const counts = await this.queue?.counts().catch(() => undefined);
    if (counts) this.state.counts = counts;
    await this.desk?.refresh().catch(() => undefined);
    this.state.slips = this.desk && { counts: this.desk.counts, typed: this.desk.typed };
    if (!this.interview) this.show();
  }

  private show(): void {
    showHome(this.state, this.languages, this.words, {
      begin: (locale) => void this.begin(locale),
      setLanguage: (locale) => this.change({ locale, note: null }),
      mode: (mode) => this.change({ mode }),
      send: () => void this.send(),
      save: () => void this.save(),
      discard: (sure) => void this.discard(sure),
      staff: (staff) => void (this.state.staff = staff),
      unlock: () => void this.unlock(),
      fetch: () => void this.fetch(),
    });
  }

  private readonly words: KitWords = (key, n) => {
    const text = this.allWords[this.state.locale]?.[key] ?? key;
    return n === undefined ? text : filledIn(text, { n });
  };

  private change(change: Partial<HomeState>): void {
    this.state = { ...this.state, ...change };
    this.show();
  }

  private async begin(locale: string): Promise<void> {
    const { link } = this;
    if (!link || this.interview) return;
    try {
      const load = (other: string) => documentsOf(this.waveOf(link), other);
      // Before a slip is drawn: an interview that nothing here could seal would be lost, and the slip with it.
      const [documents] = await Promise.all([load(locale), this.sealer.ready()]);
      const stratum = stratumOf(documents.questionnaire, link);
      // Another press may have begun one while this waited.
      if (!(await this.drawSlip()) || this.interview) return;
      const current = turn(this.state.mode, () => this.finishTurn());
      const { frame, options } = assembled({
        documents, device: current.options, stratum, hpke: this.sealer.seal, transport: this.transport(documents), load,
        leave: () => this.interview?.leave(),
      });
      options.onScene = toEach(frame, current.options, answerSearch);
      this.turn = current;
      this.frame = frame;
      this.interview = new Interview(options, this.languages, documents);
      this.interview.start();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    const offline = error instanceof DocumentsError && (isPassing(error) || error.reason === "gone");
    if (!offline) this.state.blocked = "refused";
    this.change({ note: offline ? { key: "not-loaded" } : null, staff: true });
  }

  /** By invitation draws the interview's slip; false where there is none, or another interview begins already. */
  private async drawSlip(): Promise<boolean> {
    if (!this.desk) return true;
    const slip = await this.desk.draw();
    if (slip && !this.slip) this.slip = slip;
    else if (slip) this.desk.finish(slip, false);
    if (!slip) await this.refresh();
    return slip !== null && this.slip === slip;
  }

  /** Puts a sealed interview into the queue at once; the sender takes it from there. */
  private transport({ recipient }: Documents): Transport {
    const { slip } = this;
    const deliver = async ({ body }: SealedAnswer, signal: AbortSignal): Promise<DeliveryOutcome> => {
      if (signal.aborted) return { result: "not-stored" };
      await this.queue?.add(body, slip ? { name: slip.name, day: localDay() } : undefined);
      if (slip) this.finishSlip(true);
      void this.sender?.wake();
      return { result: "queued" };
    };
    if (!slip) return { deliver };
    const ids = Promise.all([studyId(this.study), keyId(recipient.key)]);
    return { deliver, sealing: async () => sealingWith(slip.token, ...(await ids)) };
  }

  private finishSlip(sealed: boolean): void {
    if (this.slip) this.desk?.finish(this.slip, sealed);
    this.slip = null;
  }

  /** Ends an interview: deletes everything of it, so that the next one may begin. */
  private finishTurn(): void {
    this.interview?.forget();
    this.interview = null;
    this.finishSlip(false);
    this.turn?.stop();
    this.frame?.close();
    this.turn = this.frame = null;
    this.state.note = null;
    scrollTo(0, 0);
    void this.refresh();
  }

  private async unlock(): Promise<void> {
    const note = (await this.desk?.unlock()) ?? null;
    await this.refresh();
    this.change({ note, staff: note !== null });
  }

  private async fetch(): Promise<void> {
    this.change({ note: { key: "slips-fetching" }, staff: true });
    const note = (await this.desk?.fetch(this.aborter.signal)) ?? null;
    await this.refresh();
    this.change({ note, staff: true });
  }

  private async send(): Promise<void> {
    if (this.store && !(await mayHandIn(this.store))) return this.change({ note: { key: "send-tomorrow" } });
    this.change({ note: { key: "sending" } });
    await this.sender?.wake();
    await this.refresh();
    if (this.state.counts.waiting === 0) this.change({ note: null });
    else this.change({ note: { key: "trouble" } });
  }

  private async save(): Promise<void> {
    const waves = byWave((await this.queue?.bodies()) ?? []);
    let count = 0;
    for (const [wave, bodies] of waves) {
      download(await queueFile(this.study, bodies), `${wave}.sotto-queue`);
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

/** Returns whether documents did not come for a reason of the network, not of the link or the wave. */
const isPassing = ({ reason }: DocumentsError): boolean => reason === "network" || reason === "portal";

/**
 * Loads what seals where the browser cannot; the worker keeps it with the page, whatever this browser can. Rejects with
 * DocumentsError: a lost script is no reason to refuse the link.
 */
const loadLibrary = (): Promise<HpkeLibrary> =>
  loadScript<HpkeLibrary>(document.body.dataset.sealing ?? "", document.body.dataset.sealingIntegrity)
    .catch(() => { throw new DocumentsError("network"); });

/** Delivers to the host; with a proof of work, if the page names its script, made at delivery and not at the seal. */
function hostTransport(study: string): Transport {
  const url = document.body.dataset.work;
  const plain = httpTransport(`/s/${study}`);
  return {
    async deliver(sealed, signal) {
      if (!url) return plain.deliver(sealed, signal);
      const module = await loadScript<typeof import("../delivery/proof_of_work")>(url).catch(() => null);
      return module ? new module.WorkTransport(study, plain).deliver(sealed, signal) : { result: "not-stored" };
    },
  };
}

/** Saves a file on the device. */
function download(content: Uint8Array<ArrayBuffer>, name: string): void {
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

/** Registers the worker; its URL must pass a Trusted Types policy that accepts only this one. */
async function register(study: string): Promise<void> {
  const worker = `/k/${study}/sw.js`;
  const rules = { createScriptURL: (url: string): string => (url === worker ? url : "") };
  const policy = (window as { trustedTypes?: Policies }).trustedTypes?.createPolicy("kit", rules) ?? rules;
  const options = { scope: `/k/${study}`, updateViaCache: "none" } as const;
  await navigator.serviceWorker?.register(policy.createScriptURL(worker), options);
}

async function start(): Promise<void> {
  listenForDisplay();
  if (!mayGoOn()) return;
  document.documentElement.dataset.ready = "";
  const { study = "", words = "{}" } = document.body.dataset;
  const languages = [...document.querySelectorAll<HTMLElement>("[data-locale]")].map((element) => ({
    locale: element.dataset.locale ?? "", dir: element.dataset.dir ?? "ltr",
    name: element.querySelector("b")?.textContent ?? "",
  }));
  delete document.body.dataset.words;
  // Without a worker the kit works only with a network, and shows that it is not ready for use offline.
  void register(study).catch(() => undefined);
  const store = await openStore(study).catch(() => null);
  const allWords = JSON.parse(words) as Record<string, Record<string, string>>;
  await new Kit(study, languages, allWords, store).start(location.hash);
}

void start();
