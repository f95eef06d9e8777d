// Sends the queue with exponential backoff.
import { type Draw, draw32 } from "../documents/random";
import type { Queue, SendOnce } from "./queue";

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Returns the pause (ms) after `failures` in a row: doubling from 5 s to 10 min, up to as much again by chance. */
export function pauseAfter(failures: number, draw: Draw = draw32): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return pause + (pause * (draw() >>> 0)) / 2 ** 32;
}

/** Sends the queue at once when woken, then again after growing pauses while records are waiting. */
export class QueueSender {
  private readonly queue: Queue;
  private readonly sendOnce: SendOnce;
  private readonly changed: () => void;
  private readonly allowed: () => Promise<boolean>;
  private failures = 0;
  private timer = 0;
  private running: Promise<void> | null = null;

  /** `allowed`: whether anything may be sent today; asked again after a while where not. */
  constructor(
    queue: Queue, sendOnce: SendOnce, changed: () => void, allowed: () => Promise<boolean> = () => Promise.resolve(true),
  ) {
    this.queue = queue;
    this.sendOnce = sendOnce;
    this.changed = changed;
    this.allowed = allowed;
  }

  /** Sends now: an answer was sealed, the network came back, or a person requested it. */
  wake(): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    await this.queue.saveAll();
    if (!(await this.allowed())) {
      this.timer = self.setTimeout(() => void this.wake(), LONGEST_PAUSE_MS);
      return;
    }
    let outcome: "done" | "more" | "stopped";
    do {
      outcome = await this.queue.send(this.sendOnce).catch(() => "stopped" as const);
      this.changed();
    } while (outcome === "more");
    this.failures = outcome === "stopped" ? this.failures + 1 : 0;
    if (this.failures > 0) this.timer = self.setTimeout(() => void this.wake(), pauseAfter(this.failures));
  }
}
