// From Send to the last word: seal once, hand in, and try again by itself for a while, always with the same bytes.
import { type Bytes, sha256, toHex } from "../documents/bytes";
import { openBody, type Recipient, seal } from "../sealing/seal";
import type { Failure, Outlet, Result, Sealed, Stage } from "./contract";
import { TRIES, waitAfter } from "./post";

const SECOND = 1000;
const SLOW_MS = 10_000;
const FINAL: readonly string[] = ["stored", "kept", "closed", "refused", "used"];
export type Final = Extract<Result, "stored" | "kept" | "closed" | "refused" | "used">;

/** Whoever shows how it goes. */
export interface Watcher {
  stage(stage: Stage): void;
  /** Not stored; `wait` seconds until try number `next` of `of`, null where nothing follows by itself. */
  failed(failure: Failure, wait: number | null, next: number, of: number): void;
  left(seconds: number): void;
  over(result: Final, receipt: string): void;
}

export interface Parcel {
  recipient: Recipient;
  /** Makes the payload: called once, so that random draws are made once. */
  payload: () => Bytes;
}

export class Delivery {
  private readonly gone = new AbortController();
  private readonly outlet: Outlet;
  private readonly watcher: Watcher;
  private parcel: Parcel | null;
  private payload: Bytes | null = null;
  private sealed: Sealed | null = null;
  private failure: Failure = "not-stored";
  private tries = 0;
  private timer = 0;

  constructor(outlet: Outlet, parcel: Parcel, watcher: Watcher) {
    this.outlet = outlet;
    this.parcel = parcel;
    this.watcher = watcher;
  }

  /** Tries now, whatever was waited for. */
  async send(): Promise<void> {
    clearInterval(this.timer);
    this.watcher.stage(this.outlet.tag ? "invite-lock" : "sending-lock");
    await painted();
    if (!(await this.lock())) return this.fail("seal-failed", null);
    if (this.gone.signal.aborted) return;
    await this.handIn(this.sealed as Sealed);
  }

  /** Tries no more by itself. */
  stop(): void {
    clearInterval(this.timer);
    this.fail(this.failure, null);
  }

  /** Drops everything, also what is under way. */
  forget(): void {
    this.gone.abort();
    clearInterval(this.timer);
    for (const bytes of [this.payload, this.sealed?.body, this.sealed?.envelope]) bytes?.fill(0);
    this.parcel = this.payload = this.sealed = null;
    this.outlet.forget?.();
  }

  private async lock(): Promise<boolean> {
    try {
      this.sealed ??= await this.seal();
      return true;
    } catch {
      return false;
    }
  }

  private async seal(): Promise<Sealed> {
    const parcel = this.parcel as Parcel;
    this.payload ??= parcel.payload();
    const envelope = await seal(parcel.recipient, this.payload, await this.outlet.tag?.());
    this.payload?.fill(0);
    this.payload = null;
    return { envelope, body: openBody(envelope), receipt: toHex(await sha256(envelope)) };
  }

  private async handIn(sealed: Sealed): Promise<void> {
    let slow = 0;
    const tell = (stage: Stage): void => {
      clearTimeout(slow);
      this.watcher.stage(stage);
      // A long sum is no slow connection.
      if (stage !== "work-sum") slow = window.setTimeout(() => this.watcher.stage("sending-slow"), SLOW_MS);
    };
    tell(this.outlet.tag ? "invite-token" : "sending-way");
    const { result, after } = await this.outlet.deliver(sealed, this.gone.signal, tell);
    clearTimeout(slow);
    this.tries++;
    if (this.gone.signal.aborted) return;
    if (isFinal(result)) this.finish(result, sealed.receipt);
    else this.fail(result, waitAfter(this.tries, after));
  }

  private finish(result: Final, receipt: string): void {
    this.forget();
    this.watcher.over(result, receipt);
  }

  private fail(failure: Failure, wait: number | null): void {
    if (this.gone.signal.aborted) return;
    this.failure = failure;
    this.watcher.failed(failure, wait, this.tries + 1, TRIES);
    if (wait !== null) this.countDown(wait);
  }

  private countDown(wait: number): void {
    let left = wait;
    this.timer = window.setInterval(() => {
      left--;
      if (left > 0) this.watcher.left(left);
      else void this.send();
    }, SECOND);
  }
}

const isFinal = (result: Result): result is Final => FINAL.includes(result);

/** Resolves once the screen just shown has been painted: sealing keeps the processor busy. */
const painted = (): Promise<void> => new Promise((done) => {
  const timer = setTimeout(done, SECOND);
  // A hidden page paints nothing; then we do not wait for it.
  requestAnimationFrame(() => setTimeout(() => {
    clearTimeout(timer);
    done();
  }));
});
