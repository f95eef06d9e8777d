// Proof of work on an open link: at each hand-in a challenge of the host, a sum, and its answer beside the sealed body.
import { type Challenge, solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { WORK_ALGORITHM } from "./constants";
import type { Outcome, Outlet, Sealed, Stage } from "./contract";

const TIMEOUT_MS = 60_000;
/** The most that a host may ask for; the host's own numbers are in survey/admission/proof_of_work.py. */
const MOST_ROUNDS = 100_000;
const KEY_SIZE = 32;

/** The challenge asks for more than a phone should do, or for something else. */
export class ChallengeError extends Error {
  override readonly name = "ChallengeError";
}

/**
 * Returns the header of a challenge (ALTCHA, version 2: `parameters` and `signature`) that was solved, or null where
 * `gone` came first. The time that it took is not in it: it would tell phones apart.
 */
export async function workFor(challenge: Challenge, gone: AbortSignal): Promise<string | null> {
  const { algorithm, cost, keyLength } = challenge.parameters;
  if (algorithm !== WORK_ALGORITHM || !(cost <= MOST_ROUNDS) || keyLength !== KEY_SIZE) throw new ChallengeError();
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  gone.addEventListener("abort", abort);
  if (gone.aborted) abort();
  const found = await solveChallenge({ challenge, controller, deriveKey, timeout: TIMEOUT_MS });
  gone.removeEventListener("abort", abort);
  if (!found) return null;
  const { counter, derivedKey } = found;
  return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
}

/** Asks for a challenge at `url` and solves it; returns the header, or why there is none. */
async function earned(url: string, gone: AbortSignal): Promise<string | Outcome> {
  // Nothing was handed in yet, so whatever goes wrong here can be tried again without a doubt.
  const failed: Outcome = { result: "not-stored" };
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const timer = setTimeout(abort, TIMEOUT_MS);
  gone.addEventListener("abort", abort);
  try {
    const response = await fetch(url, {
      cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", signal: stop.signal,
    });
    if (response.status !== 200) return { ...failed, ...later(response) };
    const challenge = (await response.json()) as Challenge;
    return (await workFor(challenge, gone)) ?? failed;
  } catch {
    return failed;
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", abort);
  }
}

function later(response: Response): { after?: number } {
  const after = /^\d{1,6}$/.exec(response.headers.get("Retry-After") ?? "")?.[0];
  return after === undefined ? {} : { after: Number(after) };
}

// Decision 68.
/**
 * Hands in over `door`, with the work done for each body. Asked for at Send and not before: a challenge that was fetched
 * earlier would tell the host of people who came so far and did not send.
 */
export class Working implements Outlet {
  private readonly url: string;
  private readonly door: Outlet;
  private done: { receipt: string; work: string } | null = null;

  constructor(study: string, door: Outlet) {
    this.url = `/s/${study}/work`;
    this.door = door;
  }

  async deliver(sealed: Sealed, gone: AbortSignal, tell: (stage: Stage) => void = () => undefined): Promise<Outcome> {
    const { receipt } = sealed;
    if (this.done?.receipt !== receipt) {
      tell("work-sum");
      const work = await earned(this.url, gone);
      if (gone.aborted) return { result: "not-stored" };
      if (typeof work !== "string") return work;
      this.done = { receipt, work };
      tell("sending-way");
    }
    const outcome = await this.door.deliver({ ...sealed, work: this.done.work }, gone);
    // The same work is good for the same body again, until the host says that it is not (428).
    if (outcome.result !== "unconfirmed" && outcome.result !== "full") this.forget();
    return outcome;
  }

  forget(): void {
    this.done = null;
  }
}
