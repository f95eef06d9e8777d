// A device that many people use: when nobody has touched it for a while it warns, and then forgets this person.

export const IDLE_MS = 90_000;
export const WARNING_S = 20;

const TOUCHES = ["pointerdown", "keydown", "wheel", "input", "scroll"] as const;

/** What the watch asks of its surroundings. */
export interface Watched {
  /** Shows how many seconds are left; called once a second. */
  warn(seconds: number): void;
  /** Takes the warning away again. */
  calm(): void;
  /** Nobody is there: forget everything. */
  wipe(): void;
}

/** Watches from `start` until `stop`; any touch, key or movement of the page counts as a person. */
export class Idle {
  private readonly watched: Watched;
  private timer = 0;
  private left = 0;
  private readonly touched = (): void => this.rest();

  constructor(watched: Watched) {
    this.watched = watched;
  }

  start(): void {
    for (const name of TOUCHES) addEventListener(name, this.touched, { capture: true, passive: true });
    this.rest();
  }

  stop(): void {
    for (const name of TOUCHES) removeEventListener(name, this.touched, { capture: true });
    clearTimeout(this.timer);
    this.calm();
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.calm();
    this.timer = self.setTimeout(() => this.count(WARNING_S), IDLE_MS);
  }

  private count(left: number): void {
    this.left = left;
    if (left === 0) {
      this.stop();
      this.watched.wipe();
      return;
    }
    this.watched.warn(left);
    this.timer = self.setTimeout(() => this.count(left - 1), 1000);
  }

  private calm(): void {
    if (this.left === 0) return;
    this.left = 0;
    this.watched.calm();
  }
}
