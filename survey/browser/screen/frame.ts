// The controls around an interview's screens: the browser's back button, the blank cover, reading aloud, closing.
import { wordsOf } from "../documents/interface_texts";
import { Cover } from "./cover";
import { guardHistory } from "./history";
import { ReadAloud } from "./read_aloud";
import { asksToStay } from "./page";
import type { Scene } from "./scene";

export class Frame {
  private readonly cover: Cover;
  private readonly readAloud: ReadAloud;
  private scene: Scene | null = null;

  private readonly leave: () => void;

  /** `leave` forgets everything and closes; `audio` is the address of audio.ts as built; `voice`: a voice may read. */
  constructor(leave: () => void, audio: string, voice: boolean) {
    this.leave = leave;
    this.readAloud = new ReadAloud(audio, voice);
    this.cover = new Cover(() => {
      this.readAloud.stop();
      // Whoever uncovers the page sees the screen, and no list of all answers.
      document.querySelector("main .overview")?.removeAttribute("open");
    });
  }

  /** Follows the interview from screen to screen. */
  onScene(scene: Scene): void {
    if (!this.scene) this.begin();
    this.scene = scene;
    if (!this.cover.element.isConnected) document.body.append(this.cover.element);
    this.cover.label(wordsOf(scene.texts.interface, scene.texts.locale));
    if (scene.at === "done" || scene.at === "ended") this.readAloud.close();
    else this.readAloud.onScene(scene, document.querySelector("main .aids"));
  }

  /** Stops reading aloud and forgets the current screen. */
  close(): void {
    this.readAloud.close();
    this.scene = null;
  }

  private begin(): void {
    guardHistory(() => this.back());
    this.cover.watch();
  }

  /**
   * Goes one screen back; leaves the page from the first and the last screen, but never during a delivery, and not
   * while something would be lost: then it says what clears the answers.
   */
  private back(): void {
    if (!this.scene) return this.leave();
    const { at, screen, texts } = this.scene;
    if (!this.cover.element.hidden) return;
    if (screen.back) return screen.back();
    if (at !== "code" && at !== "consent" && at !== "done" && at !== "ended") return;
    if (!asksToStay()) return this.leave();
    const live = document.querySelector("footer .live");
    if (live) live.textContent = wordsOf(texts.interface, texts.locale)("leave-help");
  }
}
