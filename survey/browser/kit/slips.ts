// Slips taken ahead: tokens on the tablet, each locked with the staff's pass phrase, one drawn for each interview.
// Decision 115.
import { Redemption, type TokenIssuer } from "../delivery/redemption";
import { type Bytes, toHex, utf8 } from "../documents/bytes";
import { below, type Draw, draw32 } from "../documents/random";
import { type FetchedToken, tokenBytes, tokenOfBytes } from "../sealing/fetched_token";
import { lock, type PasswordKey, passwordKey, saltOf, unlock } from "../sealing/password_lock";

/** A stolen tablet can answer once for each. */
export const MOST_SLIPS = 50;
/** Characters of a pass phrase. */
export const SHORTEST_PHRASE = 12;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NAME_SIZE = 16;

/** Stores locked tokens, and the two days that keep requests apart: IndexedDB, a Map in tests. Durable when resolved. */
export interface SlipStore {
  slipNames(): Promise<string[]>;
  slip(name: string): Promise<Bytes | undefined>;
  /** Adds a slip that was fetched on a day. */
  addSlip(name: string, locked: Bytes, day: number): Promise<void>;
  /** The last day on which a slip was fetched; null: never. */
  fetchDay(): Promise<number | null>;
  /** The last day on which an interview was sealed with a slip; null: never. */
  sealingDay(): Promise<number | null>;
}

/** A slip drawn for one interview; `name` is its key in the store, from which sealing deletes it. */
export interface DrawnSlip {
  name: string;
  token: FetchedToken;
}

export interface SlipCounts {
  /** On the tablet and not in an interview. */
  left: number;
  /** How many more the tablet may keep. */
  room: number;
  /** Whether the pass phrase was typed since the page was opened. */
  open: boolean;
  /** Fetched today: no interview may begin before tomorrow. */
  early: boolean;
}

/** Returns today as a number of whole days, by the tablet's own calendar. */
export const localDay = (now = new Date()): number =>
  Math.floor((now.getTime() - now.getTimezoneOffset() * MINUTE_MS) / DAY_MS);

/** Says whether what waits may be handed in: on a later day than the last interview that was sealed with a slip. */
export const mayHandIn = async (store: SlipStore, today = localDay()): Promise<boolean> =>
  ((await store.sealingDay()) ?? -1) < today;

export class Slips {
  private readonly store: SlipStore;
  private readonly context: Bytes;
  private readonly today: () => number;
  private readonly drawn = new Set<string>();
  private readonly redemptions = new Map<string, Redemption>();
  private key: PasswordKey | null = null;

  constructor(store: SlipStore, study: string, pin: string, today: () => number = localDay) {
    this.store = store;
    this.context = utf8(["sotto kit v2", study, pin].join("\0"));
    this.today = today;
  }

  async counts(): Promise<SlipCounts> {
    const [left, kept] = [(await this.free()).length, (await this.store.slipNames()).length];
    const early = (await this.store.fetchDay()) === this.today();
    return { left, room: MOST_SLIPS - kept, open: this.key !== null, early };
  }

  /** Takes the pass phrase: a new one where no slip is kept, else that of the slips; false for any other. */
  async open(phrase: string): Promise<boolean> {
    const [name] = await this.store.slipNames();
    const locked = name === undefined ? undefined : await this.store.slip(name);
    const key = await passwordKey(utf8(phrase.normalize("NFKC")), locked && saltOf(locked));
    if (locked && !(await unlock(key, locked, this.context))) return false;
    this.key = key;
    return true;
  }

  /** Fetches a token for each code and keeps it before the next; returns the codes that gave none. */
  async fetch(wave: TokenIssuer, codes: readonly string[], signal: AbortSignal): Promise<string[]> {
    const left: string[] = [];
    for (const code of codes) {
      if (!(await this.fetchOne(wave, code, signal))) left.push(code);
    }
    return left;
  }

  /** Returns a slip drawn from those that are left; null where there is none, or they are locked. */
  async draw(draw: Draw = draw32): Promise<DrawnSlip | null> {
    const names = await this.free();
    const name = names.length > 0 ? (names[below(names.length, draw)] as string) : null;
    const locked = name === null ? undefined : await this.store.slip(name);
    if (!this.key || name === null || !locked) return null;
    const plaintext = await unlock(this.key, locked, this.context);
    const token = plaintext && tokenOfBytes(plaintext);
    plaintext?.fill(0);
    if (!token) return null;
    this.drawn.add(name);
    return { name, token };
  }

  /** An interview ended: its token is wiped, and unless it was sealed its slip can be drawn again. */
  finish({ name, token }: DrawnSlip, sealed: boolean): void {
    for (const part of [token.u, token.prefix, token.signature]) part.fill(0);
    if (!sealed) this.drawn.delete(name);
  }

  private async free(): Promise<string[]> {
    return (await this.store.slipNames()).filter((name) => !this.drawn.has(name));
  }

  private async fetchOne(wave: TokenIssuer, code: string, signal: AbortSignal): Promise<boolean> {
    const { key } = this;
    if (!key) return false;
    // The same redemption again after a lost reply: it sends the same bytes, and costs no slip.
    const redemption = this.redemptions.get(code) ?? new Redemption(wave, code);
    this.redemptions.set(code, redemption);
    const reply = await redemption.redeem(signal);
    if (typeof reply === "string") return false;
    const plaintext = tokenBytes(reply);
    const name = toHex(crypto.getRandomValues(new Uint8Array(NAME_SIZE)));
    await this.store.addSlip(name, await lock(key, plaintext, this.context), this.today());
    plaintext.fill(0);
    return this.redemptions.delete(code);
  }
}
