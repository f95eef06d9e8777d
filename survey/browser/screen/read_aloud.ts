// The buttons for reading aloud: "Listen" loads audio.ts, and every screen is read from then on.
import type { Recordings, Texts } from "../documents/documents";
import { type InterfaceKey, type Words, wordsOf } from "../documents/interface_texts";
import { loadScript } from "../documents/requests";
import type { PlaybackState, SpeechReader } from "./audio";
import { button } from "./dom";
import type { Scene } from "./scene";

type Module = typeof import("./audio");

/** 8 samples of silence: played in the very press, so that browsers let this player go on by itself afterwards. */
const SILENCE = "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==";

/** The notes for states that could be mistaken for a fault. */
const NOTES: Readonly<Partial<Record<PlaybackState, InterfaceKey>>> = {
  loading: "listen-wait", silent: "listen-none", failed: "listen-failed",
};

export class ReadAloud {
  private player: HTMLAudioElement | null = null;
  private reader: Promise<SpeechReader> | null = null;
  private texts: Texts | null = null;
  private scene: Scene | null = null;
  private aids: Element | null = null;
  private state: PlaybackState = "still";

  private readonly script: string;
  private readonly voice: boolean;

  /** `script` is the address of audio.ts as it was built; `voice`: the phone may read what has no recording. */
  constructor(script: string, voice: boolean) {
    this.script = script;
    this.voice = voice;
  }

  /** Called for each new screen: stops the reading of the old one and, if listening, reads this one. */
  onScene(scene: Scene, aids: Element | null): void {
    this.stop();
    this.scene = scene;
    this.aids = aids;
    if (scene.texts !== this.texts) this.forget();
    this.texts = scene.texts;
    this.update("still");
    if (this.player) void this.read();
  }

  stop(): void {
    void this.reader?.then((reader) => reader.stop());
    if (this.state === "reading" || this.state === "loading") this.update("still");
  }

  /** Ends listening and drops every recording. */
  close(): void {
    this.forget();
    this.player = null;
    this.update("still");
  }

  private get words(): Words {
    return wordsOf(this.texts?.interface ?? {}, this.texts?.locale ?? "");
  }

  private forget(): void {
    void this.reader?.then((reader) => reader.close());
    this.reader = null;
  }

  private listen(): void {
    this.player = new Audio();
    const bytes = Uint8Array.from(atob(SILENCE), (letter) => letter.charCodeAt(0));
    const silence = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
    this.player.src = silence;
    const revoke = (): void => URL.revokeObjectURL(silence);
    this.player.play().then(revoke, revoke);
    void this.read();
  }

  private async read(): Promise<void> {
    const { scene, player } = this;
    if (!scene || !player) return;
    try {
      this.reader ??= this.load(scene.texts.audio ?? {}, player);
      const reader = await this.reader;
      // Meanwhile the screen may have changed, or reading may have been stopped.
      if (scene === this.scene && player === this.player) await reader.readScreen(scene);
    } catch {
      this.reader = null;
      this.update("failed");
    }
  }

  private async load(recordings: Recordings, player: HTMLAudioElement): Promise<SpeechReader> {
    const { SpeechReader } = await loadScript<Module>(this.script);
    return new SpeechReader(recordings, this.voice, player, (state) => this.update(state));
  }

  private update(state: PlaybackState): void {
    this.state = state;
    const { aids, texts } = this;
    if (!aids || !texts) return;
    for (const old of aids.querySelectorAll(".listen")) old.remove();
    if (texts.audio || this.voice) aids.append(...this.buttons());
    const note = NOTES[state];
    if (this.player) showNote(note ? this.words(note) : "", Object.values(NOTES).map((key) => this.words(key)));
  }

  private buttons(): HTMLElement[] {
    const { words } = this;
    if (!this.player) return [button("listen", words("listen"), "listen sound", () => this.listen())];
    const busy = this.state === "reading" || this.state === "loading";
    const again = busy
      ? button("listen-stop", words("listen-stop"), "listen halt", () => this.stop())
      : button("listen-again", words("listen-again"), "listen sound", () => void this.read());
    return [again, button("listen-off", words("listen-off"), "listen mute", () => this.close())];
  }
}

/** Shows a note in the page's live region, and removes only its own. */
function showNote(note: string, ownNotes: readonly string[]): void {
  const live = document.querySelector(".live");
  if (live && (note || ownNotes.includes(live.textContent ?? ""))) live.textContent = note;
}
