// From Send to the final result: seal once, deliver, and retry automatically for a while with the same bytes.
import { type Bytes, sha256, toHex } from "../documents/bytes";
import type { HpkeSeal } from "../sealing/hpke";
import { bodyOf, type Recipient, seal } from "../sealing/seal";
import type { DeliveryFailure, DeliveryResult, DeliveryStage, SealedAnswer, Transport } from "./contract";
import { MAX_TRIES, waitAfter } from "./http_transport";

const SECOND = 1000;
const SLOW_MS = 10_000;
const FINAL_RESULTS: readonly string[] = ["stored", "queued", "closed", "refused"];
export type FinalResult = Extract<DeliveryResult, "stored" | "queued" | "closed" | "refused">;

/** Shows the progress of a delivery. */
export interface DeliveryObserver {
  stage(stage: DeliveryStage): void;
  /** Not stored; `wait` seconds until try number `next` of `of`, null where there is no automatic retry. */
  failed(failure: DeliveryFailure, wait: number | null, next: number, of: number): void;
  countdown(seconds: number): void;
  finished(result: FinalResult, receipt: string): void;
}

export interface Submission {
  hpke: HpkeSeal;
  recipient: Recipient;
  /** Returns the payload; called once, so that random draws are made once. */
  payload: () => Bytes;
}

export class Delivery {
  private readonly aborter = new AbortController();
  private readonly transport: Transport;
  private readonly observer: DeliveryObserver;
  private submission: Submission | null;
  private payload: Bytes | null = null;
  private sealed: SealedAnswer | null = null;
  private failure: DeliveryFailure = "not-stored";
  private tries = 0;
  private timer = 0;

  constructor(transport: Transport, submission: Submission, observer: DeliveryObserver) {
    this.transport = transport;
    this.submission = submission;
    this.observer = observer;
  }

  /** Tries now and cancels the countdown. */
  async send(): Promise<void> {
    clearInterval(this.timer);
    this.observer.stage("sending-lock");
    await painted();
    if (!(await this.ensureSealed())) return this.fail("seal-failed", null);
    if (this.aborter.signal.aborted) return;
    await this.submit(this.sealed as SealedAnswer);
  }

  /** Stops automatic retries. */
  stop(): void {
    clearInterval(this.timer);
    this.fail(this.failure, null);
  }

  /** Wipes everything and aborts a request in progress. */
  forget(): void {
    this.aborter.abort();
    clearInterval(this.timer);
    for (const bytes of [this.payload, this.sealed?.body, this.sealed?.envelope]) bytes?.fill(0);
    this.submission = this.payload = this.sealed = null;
    this.transport.forget?.();
  }

  private async ensureSealed(): Promise<boolean> {
    try {
      this.sealed ??= await this.seal();
      return true;
    } catch {
      return false;
    }
  }

  private async seal(): Promise<SealedAnswer> {
    const submission = this.submission as Submission;
    this.payload ??= submission.payload();
    const token = await this.transport.sealing?.();
    const envelope = await seal(submission.hpke, submission.recipient, this.payload, token);
    this.payload?.fill(0);
    this.payload = null;
    return { envelope, body: bodyOf(envelope, token), receipt: toHex(await sha256(envelope)) };
  }

  private async submit(sealed: SealedAnswer): Promise<void> {
    let slow = 0;
    const onStage = (stage: DeliveryStage): void => {
      clearTimeout(slow);
      this.observer.stage(stage);
      // The time of the proof of work is not that of a slow connection.
      if (stage !== "work-sum") slow = window.setTimeout(() => this.observer.stage("sending-slow"), SLOW_MS);
    };
    onStage("sending-way");
    const { result, portal, retryAfter } = await this.transport.deliver(sealed, this.aborter.signal, onStage);
    clearTimeout(slow);
    this.tries++;
    if (this.aborter.signal.aborted) return;
    if (isFinal(result)) this.finish(result, sealed.receipt);
    else this.fail(portal ? "portal" : result, waitAfter(this.tries, retryAfter));
  }

  private finish(result: FinalResult, receipt: string): void {
    this.forget();
    this.observer.finished(result, receipt);
  }

  private fail(failure: DeliveryFailure, wait: number | null): void {
    if (this.aborter.signal.aborted) return;
    this.failure = failure;
    this.observer.failed(failure, wait, this.tries + 1, MAX_TRIES);
    if (wait !== null) this.countDown(wait);
  }

  private countDown(wait: number): void {
    let seconds = wait;
    this.timer = window.setInterval(() => {
      seconds--;
      if (seconds > 0) this.observer.countdown(seconds);
      else void this.send();
    }, SECOND);
  }
}

const isFinal = (result: DeliveryResult): result is FinalResult => FINAL_RESULTS.includes(result);

/** Resolves once the screen just shown has been painted: sealing keeps the processor busy. */
const painted = (): Promise<void> => new Promise((done) => {
  const timer = setTimeout(done, SECOND);
  // A hidden page is never painted, so it is not waited for.
  requestAnimationFrame(() => setTimeout(() => {
    clearTimeout(timer);
    done();
  }));
});
