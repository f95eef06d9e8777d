// What staff do with slips on a tablet: unlock them, take further ones; and whether an interview may begin.
import type { TokenIssuer } from "../delivery/redemption";
import { readInvitationCode } from "../sealing/invitation_code";
import { type DrawnSlip, SHORTEST_PHRASE, type SlipCounts, type Slips } from "./slips";

/** A key of kit.po, and its number. */
export interface Note {
  key: string;
  n?: number;
}

/** What staff are typing; it outlives the screen that shows it. */
export interface Typed {
  codes: string;
  phrase: string;
}

export class SlipDesk {
  readonly typed: Typed = { codes: "", phrase: "" };
  counts: SlipCounts = { left: 0, room: 0, open: false, early: false };
  private readonly slips: Slips;
  private readonly wave: TokenIssuer;

  constructor(slips: Slips, wave: TokenIssuer) {
    this.slips = slips;
    this.wave = wave;
  }

  async refresh(): Promise<void> {
    this.counts = await this.slips.counts();
  }

  draw(): Promise<DrawnSlip | null> {
    return this.slips.draw();
  }

  finish(slip: DrawnSlip, sealed: boolean): void {
    this.slips.finish(slip, sealed);
  }

  /** Takes the typed pass phrase; returns why it is not taken. */
  async unlock(): Promise<Note | null> {
    const { phrase } = this.typed;
    if ([...phrase].length < SHORTEST_PHRASE) return { key: "slips-short", n: SHORTEST_PHRASE };
    if (!(await this.slips.open(phrase))) return { key: "slips-wrong" };
    this.typed.phrase = "";
    await this.refresh();
    return null;
  }

  /** Takes the typed slips; those that gave no token stay in the field. Returns what came of it. */
  async fetch(signal: AbortSignal): Promise<Note> {
    await this.refresh();
    const codes = codesIn(this.typed.codes);
    if (!Array.isArray(codes)) return { key: "slips-bad", n: codes.line };
    if (codes.length > this.counts.room) return { key: "slips-many", n: this.counts.room };
    const refusal = this.counts.open ? null : await this.unlock();
    if (refusal) return refusal;
    const left = await this.slips.fetch(this.wave, codes, signal);
    this.typed.codes = left.join("\n");
    await this.refresh();
    return left.length > 0 ? { key: "slips-left", n: left.length } : { key: "slips-fetched", n: codes.length };
  }
}

/** Returns the codes in lines, each once; or the first line, from 1, that has none. */
export function codesIn(typed: string): string[] | { line: number } {
  const codes = new Set<string>();
  for (const [at, line] of typed.trim().split("\n").entries()) {
    try {
      if (line.trim()) codes.add(readInvitationCode(line.trim().normalize("NFKC")));
    } catch {
      return { line: at + 1 };
    }
  }
  return codes.size > 0 ? [...codes] : { line: 1 };
}
