// Sealed envelopes that wait for a network: kept under their own hash, with no time and no order, until acknowledged.
import type { Outlet, Result } from "../delivery/contract";
import type { Bytes } from "../documents/bytes";
import { type Draw, draw32, shuffled } from "../documents/random";
import { envelopeOf, nameOf } from "./queue_file";

/** `sealed`: to be handed in; `late`: the host said that the wave is closed. (With invitations: `token`.) */
export type State = "sealed" | "late";

/** What waits; `name` is the hex SHA-256 of the envelope. */
export interface Waiting {
  name: string;
  state: State;
  body: Bytes;
}

/** Where envelopes are kept: IndexedDB on a tablet, a Map in tests. Each call is durable when it resolves. */
export interface Shelf {
  /** Rejects where there is no room; keeping what is there already changes nothing. */
  keep(waiting: Waiting): Promise<void>;
  names(state: State): Promise<string[]>;
  get(name: string): Promise<Waiting | undefined>;
  mark(name: string, state: State): Promise<void>;
  /** Forgets one that the host stored and counts it, in one step; counts nothing where it is gone already. */
  acknowledge(name: string): Promise<void>;
  discard(name: string): Promise<void>;
  acknowledged(): Promise<number>;
}

export interface Counts {
  /** Kept on the tablet or in memory, to be handed in. */
  waiting: number;
  /** The host said that the wave is closed: kept until a person discards them. */
  late: number;
  /** Of the waiting: only in memory, because the tablet has no room. */
  held: number;
  acknowledged: number;
}

/** One hand-in tried once; never rejects. */
type Tried = (waiting: Waiting) => Promise<Result>;

/** Returns one try over `outlet` of what waits. */
export const over = (outlet: Outlet, gone: AbortSignal): Tried => async ({ name, body }) =>
  (await outlet.deliver({ body, envelope: envelopeOf(body), receipt: name }, gone)).result;

/** How many are handed in one after another before it is looked again what waits. */
const BATCH = 20;

export class Queue {
  private readonly shelf: Shelf;
  private readonly held = new Map<string, Waiting>();

  constructor(shelf: Shelf) {
    this.shelf = shelf;
  }

  /** Takes a sealed body; `held` says that there was no room and that it is in memory only. Never loses it. */
  async add(body: Bytes): Promise<"kept" | "held"> {
    // A copy first: whoever sealed it wipes the original.
    const own = body.slice();
    const waiting: Waiting = { name: await nameOf(own), state: "sealed", body: own };
    this.held.set(waiting.name, waiting);
    return (await this.keep(waiting)) ? "kept" : "held";
  }

  /** Tries again to keep what is in memory only. */
  async settle(): Promise<void> {
    for (const waiting of [...this.held.values()]) await this.keep(waiting);
  }

  async counts(): Promise<Counts> {
    const [sealed, late] = await Promise.all([this.names("sealed"), this.names("late")]);
    const acknowledged = await this.shelf.acknowledged();
    return { waiting: sealed.length, late: late.length, held: this.held.size, acknowledged };
  }

  /** Returns every waiting body, the late ones too, for a file. */
  async bodies(): Promise<Bytes[]> {
    const names = [...(await this.names("sealed")), ...(await this.names("late"))];
    const found = await Promise.all(names.map((name) => this.get(name)));
    return found.flatMap((waiting) => (waiting ? [waiting.body] : []));
  }

  /** Forgets the late ones, when a person says so. */
  async discardLate(): Promise<void> {
    for (const name of await this.names("late")) {
      this.held.delete(name);
      await this.shelf.discard(name);
    }
  }

  /**
   * Hands in a batch in a drawn order; `done` when nothing waits any more, `more` when the batch went through, else
   * what stopped it. A body that the host finds wrong does not stop the others.
   */
  async send(tried: Tried, draw: Draw = draw32): Promise<"done" | "more" | "stopped"> {
    const names = shuffled(await this.names("sealed"), draw);
    let refused = 0;
    for (const name of names.slice(0, BATCH)) {
      const result = await this.handIn(name, tried);
      if (result === "unconfirmed" || result === "full") return "stopped";
      if (result === "not-stored" || result === "refused") refused++;
    }
    if (refused > 0) return "stopped";
    return names.length > BATCH ? "more" : "done";
  }

  private async handIn(name: string, tried: Tried): Promise<Result> {
    const waiting = await this.get(name);
    if (!waiting) return "stored";
    const result = await tried(waiting);
    if (result === "stored") await this.acknowledge(waiting);
    if (result === "closed") await this.late(waiting);
    return result;
  }

  private async acknowledge(waiting: Waiting): Promise<void> {
    // One that never found room is counted with the others once it has been kept and forgotten.
    if (this.held.has(waiting.name)) await this.keep(waiting);
    await this.shelf.acknowledge(waiting.name);
    this.held.delete(waiting.name);
  }

  private async late(waiting: Waiting): Promise<void> {
    const held = this.held.get(waiting.name);
    if (held) held.state = "late";
    else await this.shelf.mark(waiting.name, "late");
  }

  private async keep(waiting: Waiting): Promise<boolean> {
    try {
      await this.shelf.keep(waiting);
    } catch {
      return false;
    }
    this.held.delete(waiting.name);
    return true;
  }

  private async names(state: State): Promise<string[]> {
    const held = [...this.held.values()].filter((waiting) => waiting.state === state).map(({ name }) => name);
    return [...new Set([...(await this.shelf.names(state)), ...held])];
  }

  private async get(name: string): Promise<Waiting | undefined> {
    return this.held.get(name) ?? (await this.shelf.get(name));
  }
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Returns the pause (ms) after `failures` in a row: doubling from 5 s to 10 min, up to as much again by chance. */
export function pauseAfter(failures: number, draw: Draw = draw32): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return pause + (pause * (draw() >>> 0)) / 2 ** 32;
}

/** Hands in what waits: at once when woken, then again after growing pauses for as long as something waits. */
export class Courier {
  private readonly queue: Queue;
  private readonly tried: Tried;
  private readonly changed: () => void;
  private failures = 0;
  private timer = 0;
  private going: Promise<void> | null = null;

  constructor(queue: Queue, tried: Tried, changed: () => void) {
    this.queue = queue;
    this.tried = tried;
    this.changed = changed;
  }

  /** Starts now: an envelope was sealed, the network came back, or a person asked for it. */
  wake(): Promise<void> {
    clearTimeout(this.timer);
    this.going ??= this.go().finally(() => {
      this.going = null;
    });
    return this.going;
  }

  private async go(): Promise<void> {
    await this.queue.settle();
    let outcome: "done" | "more" | "stopped";
    do {
      outcome = await this.queue.send(this.tried).catch(() => "stopped" as const);
      this.changed();
    } while (outcome === "more");
    this.failures = outcome === "stopped" ? this.failures + 1 : 0;
    if (this.failures > 0) this.timer = self.setTimeout(() => void this.wake(), pauseAfter(this.failures));
  }
}
