// What stands around an interview beside its screens: the back button, the blank cover, reading aloud, and an end to all.
import { wordsOf } from "../documents/words";
import { Cover } from "./cover";
import { guardHistory } from "./history";
import { Listening } from "./read_aloud";
import type { Scene } from "./scene";

export class Frame {
  private readonly cover: Cover;
  private readonly listening: Listening;
  private scene: Scene | null = null;

  private readonly leave: () => void;

  /** `leave` forgets everything and goes; `audio` is the address of audio.ts as built; `voice` that of the questionnaire. */
  constructor(leave: () => void, audio: string, voice: boolean) {
    this.leave = leave;
    this.listening = new Listening(audio, voice);
    this.cover = new Cover(() => this.listening.stop());
  }

  /** Follows the interview from screen to screen. */
  shown(scene: Scene): void {
    if (!this.scene) this.begin();
    this.scene = scene;
    if (!this.cover.element.isConnected) document.body.append(this.cover.element);
    this.cover.speak(wordsOf(scene.texts.interface));
    if (scene.at === "done" || scene.at === "ended") this.listening.close();
    else this.listening.shown(scene, document.querySelector("header .tools"));
  }

  /** Stops everything that could still be heard or come back. */
  close(): void {
    this.listening.close();
    this.scene = null;
  }

  private begin(): void {
    guardHistory(() => this.back());
    this.cover.watch();
  }

  /** One screen back; from the first screen and from the last, out of the page; never away from what is not sent yet. */
  private back(): void {
    if (!this.scene) return this.leave();
    const { at, screen } = this.scene;
    if (!this.cover.element.hidden) return;
    if (screen.back) screen.back();
    else if (at === "code" || at === "consent" || at === "done" || at === "ended") this.leave();
  }
}
