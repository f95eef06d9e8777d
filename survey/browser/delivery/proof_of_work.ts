// Proof of work on an open link: a challenge of the host is solved for each delivery and sent with the sealed body.
import { type Challenge, solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { replyOf, retryAfterOf, textOf, withTimeout } from "../documents/requests";
import { WORK_ALGORITHM } from "./constants";
import type { DeliveryOutcome, OnStage, SealedAnswer, Transport } from "./contract";

const TIMEOUT_MS = 60_000;
/** The largest challenge that the phone solves; the host's own settings are in survey/admission/proof_of_work.py. */
const MAX_ROUNDS = 100_000;
const KEY_SIZE = 32;

/** The challenge is too large or malformed. */
export class ChallengeError extends Error {
  override readonly name = "ChallengeError";
}

/**
 * Returns the header of a challenge (ALTCHA, version 2: `parameters` and `signature`) that was solved, or null where
 * `signal` is aborted first. The time that it took is not in it: it would tell phones apart.
 */
export async function solvedChallenge(challenge: Challenge, signal: AbortSignal): Promise<string | null> {
  const { algorithm, cost, keyLength } = challenge.parameters;
  if (algorithm !== WORK_ALGORITHM || !(cost <= MAX_ROUNDS) || keyLength !== KEY_SIZE) throw new ChallengeError();
  const solution = await withTimeout(TIMEOUT_MS, signal, (controller) =>
    solveChallenge({ challenge, controller, deriveKey, timeout: TIMEOUT_MS }));
  if (!solution) return null;
  const { counter, derivedKey } = solution;
  return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
}

/** Fetches a challenge from `url` and solves it; returns the header, or why there is none. */
async function fetchedWork(url: string, signal: AbortSignal): Promise<string | DeliveryOutcome> {
  // No answer was sent yet, so every fault here can be retried safely.
  const failed: DeliveryOutcome = { result: "not-stored" };
  try {
    const { response, bytes } = await replyOf(url, TIMEOUT_MS, signal);
    if (response.status !== 200) return { ...failed, ...retryAfterOf(response) };
    return (await solvedChallenge(JSON.parse(textOf(bytes)) as Challenge, signal)) ?? failed;
  } catch {
    return failed;
  }
}

// Decision 68.
/**
 * Delivers over `transport`, with the work done for each body. The challenge is fetched at Send and not before: an
 * earlier one would tell the host of people who came so far and did not send.
 */
export class WorkTransport implements Transport {
  private readonly url: string;
  private readonly transport: Transport;
  private solved: { receipt: string; work: string } | null = null;

  constructor(study: string, transport: Transport) {
    this.url = `/s/${study}/work`;
    this.transport = transport;
  }

  async deliver(sealed: SealedAnswer, signal: AbortSignal, onStage?: OnStage): Promise<DeliveryOutcome> {
    const { receipt } = sealed;
    if (this.solved?.receipt !== receipt) {
      onStage?.("work-sum");
      const work = await fetchedWork(this.url, signal);
      if (signal.aborted) return { result: "not-stored" };
      if (typeof work !== "string") return work;
      this.solved = { receipt, work };
      onStage?.("sending-way");
    }
    const outcome = await this.transport.deliver({ ...sealed, work: this.solved.work }, signal);
    // The proof is reused for the same body until the host refuses it (428).
    if (outcome.result !== "unconfirmed" && outcome.result !== "full") this.forget();
    return outcome;
  }

  forget(): void {
    this.solved = null;
  }
}
