// Idle watch of a shared device: after a while without input it warns, and then deletes the person's answers.

export const IDLE_MS = 90_000;
export const WARNING_S = 20;

const TOUCHES = ["pointerdown", "keydown", "wheel", "input", "scroll"] as const;

/** The actions of the idle watch. */
export interface IdleActions {
  /** Shows how many seconds are left; called once a second. */
  warn(seconds: number): void;
  /** Removes the warning. */
  calm(): void;
  /** Called when nobody reacted: deletes everything. */
  wipe(): void;
}

/** Watches from `start` until `stop`; any touch, key or movement of the page counts as a person. */
export class Idle {
  private readonly actions: IdleActions;
  private timer = 0;
  private left = 0;
  private readonly onTouch = (): void => this.restart();

  constructor(actions: IdleActions) {
    this.actions = actions;
  }

  start(): void {
    for (const name of TOUCHES) addEventListener(name, this.onTouch, { capture: true, passive: true });
    this.restart();
  }

  stop(): void {
    for (const name of TOUCHES) removeEventListener(name, this.onTouch, { capture: true });
    clearTimeout(this.timer);
    this.calm();
  }

  private restart(): void {
    clearTimeout(this.timer);
    this.calm();
    this.timer = self.setTimeout(() => this.count(WARNING_S), IDLE_MS);
  }

  private count(left: number): void {
    this.left = left;
    if (left === 0) {
      this.stop();
      this.actions.wipe();
      return;
    }
    this.actions.warn(left);
    this.timer = self.setTimeout(() => this.count(left - 1), 1000);
  }

  private calm(): void {
    if (this.left === 0) return;
    this.left = 0;
    this.actions.calm();
  }
}
