import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Redemption } from "../../delivery/redemption";
import type { Bytes } from "../../documents/bytes";
import { codesIn, SlipDesk } from "../../kit/slip_desk";
import { localDay, mayHandIn, MOST_SLIPS, Slips, type SlipStore } from "../../kit/slips";
import type { FetchedToken } from "../../sealing/fetched_token";
import { zeros } from "../vectors";

vi.setConfig({ testTimeout: 30_000 });
const PHRASE = "twelve signs";
const WAVE = { study: "small", key: zeros(1216), issuer: zeros(256) };
const CODES = ["4F7K0123ABCD89XZJ", "0000000000000000Z"];

/** A tablet's memory. */
class Memory implements SlipStore {
  readonly rows = new Map<string, Bytes>();
  fetched: number | null = null;
  sealed: number | null = null;

  async slipNames(): Promise<string[]> { return [...this.rows.keys()].sort(); }
  async slip(name: string): Promise<Bytes | undefined> { return this.rows.get(name); }
  async addSlip(name: string, locked: Bytes, day: number): Promise<void> {
    this.rows.set(name, locked);
    this.fetched = day;
  }
  async fetchDay(): Promise<number | null> { return this.fetched; }
  async sealingDay(): Promise<number | null> { return this.sealed; }
}

let memory: Memory;
let day: number;
let made: number;
const signal = new AbortController().signal;
const slips = (pin = "A".repeat(32)): Slips => new Slips(memory, "small", pin, () => day);
const token = (n: number): FetchedToken =>
  ({ places: [1, 2, 3, 4, 5, 6, 7, n], u: zeros(32).fill(n), prefix: zeros(32).fill(n), signature: zeros(256).fill(n) });

beforeEach(() => {
  [memory, day, made] = [new Memory(), 100, 0];
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async () => token(++made));
});
afterEach(() => vi.restoreAllMocks());

async function filled(number: number): Promise<Slips> {
  const one = slips();
  await one.open(PHRASE);
  await one.fetch(WAVE, Array.from({ length: number }, (_, n) => `code ${n}`), signal);
  return one;
}

test("each slip is kept under a name and a lock of its own, and comes back whole", async () => {
  const one = await filled(3);
  expect([memory.rows.size, new Set([...memory.rows.values()].map(String)).size]).toEqual([3, 3]);
  for (const locked of memory.rows.values()) expect(locked.length).toBe(16 + 12 + 336 + 16);
  const drawn = [await one.draw(), await one.draw(), await one.draw(), await one.draw()];
  expect(drawn.slice(0, 3).map((slip) => slip?.token.u[0]).sort()).toEqual([1, 2, 3]);
  expect(drawn[3]).toBeNull();
});

test("after the page is opened again only the pass phrase of the slips opens them, and under their link alone", async () => {
  await filled(1);
  const again = slips();
  expect([await again.draw(), await again.open("another phrase"), await again.draw()]).toEqual([null, false, null]);
  expect(await slips("B".repeat(32)).open(PHRASE)).toBe(false);
  expect([await again.open(PHRASE), (await again.draw())?.token]).toEqual([true, token(1)]);
});

test("slips are drawn, and not used in the order in which they were taken", async () => {
  const one = await filled(8);
  const draws = [7, 0, 5, 0, 3, 0, 0, 0];
  const drawn: (number | undefined)[] = [];
  for (const draw of draws) drawn.push((await one.draw(() => draw))?.token.u[0]);
  const names = await memory.slipNames();
  expect(new Set(drawn).size).toBe(8);
  const firstName = names[7] as string;
  const again = slips();
  await again.open(PHRASE);
  expect((await again.draw(() => 7))?.name).toBe(firstName);
});

test("a slip whose interview was not sealed can be drawn again, another not; its token is wiped either way", async () => {
  const one = await filled(1);
  const slip = await one.draw();
  if (!slip) throw new Error("no slip");
  one.finish(slip, false);
  expect([slip.token.u.some(Boolean), slip.token.signature.some(Boolean), (await one.counts()).left]).toEqual([false, false, 1]);
  const again = await one.draw();
  if (!again) throw new Error("no slip");
  expect(again.token).toEqual(token(1));
  one.finish(again, true);
  expect([(await one.counts()).left, await one.draw()]).toEqual([0, null]);
});

test("on the day of taking slips no interview may begin, on the next it may", async () => {
  const one = await filled(2);
  expect(await one.counts()).toEqual({ left: 2, room: MOST_SLIPS - 2, open: true, early: true });
  day++;
  expect((await one.counts()).early).toBe(false);
});

test("what was sealed may be handed in on a later day, on an open link at once", async () => {
  expect(await mayHandIn(memory, 100)).toBe(true);
  memory.sealed = 100;
  expect([await mayHandIn(memory, 100), await mayHandIn(memory, 101)]).toEqual([false, true]);
});

test("days are those of the tablet's own calendar", () => {
  const evening = new Date(2026, 4, 1, 23, 59);
  expect(localDay(new Date(2026, 4, 2, 0, 1)) - localDay(evening)).toBe(1);
  expect(localDay(new Date(2026, 4, 1, 0, 1))).toBe(localDay(evening));
});

test("after a lost reply the same redemption is tried again, and a code that gave a token is not", async () => {
  const asked: Redemption[] = [];
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async function (this: Redemption) {
    asked.push(this);
    return asked.length === 1 ? "away" : token(asked.length);
  });
  const one = slips();
  await one.open(PHRASE);
  expect(await one.fetch(WAVE, CODES, signal)).toEqual([CODES[0]]);
  expect(await one.fetch(WAVE, [CODES[0] as string], signal)).toEqual([]);
  expect([asked.length, asked[0] === asked[2], memory.rows.size]).toEqual([3, true, 2]);
});

async function desk(): Promise<SlipDesk> {
  const one = new SlipDesk(slips(), WAVE);
  await one.refresh();
  return one;
}

test("codes are read one a line in any spelling, each once; the first that is none is named by its line", () => {
  expect(codesIn("4f7k-0123-abcd-89xzj\n\n 4F7K0123ABCD89XZJ \n0000-0000-0000-0000Z\n")).toEqual(CODES);
  expect([codesIn("4F7K0123ABCD89XZJ\nnonsense"), codesIn(""), codesIn("4F7K0123ABCD89XZK")]).toEqual([{ line: 2 }, { line: 1 }, { line: 1 }]);
});

test.each([
  ["a line without a code", "nonsense", PHRASE, { key: "slips-bad", n: 1 }],
  ["a short pass phrase", CODES[0], "eleven sign", { key: "slips-short", n: 12 }],
  ["none", CODES[0], "", { key: "slips-short", n: 12 }],
] as const)("with %s nothing is asked", async (_, codes, phrase, note) => {
  const one = await desk();
  Object.assign(one.typed, { codes, phrase });
  expect([await one.fetch(signal), made]).toEqual([note, 0]);
});

test("slips are taken up to fifty a tablet, and those that failed stay in the field", async () => {
  await filled(MOST_SLIPS - 1);
  made = 0;
  const one = await desk();
  Object.assign(one.typed, { codes: CODES.join("\n"), phrase: PHRASE });
  expect([await one.fetch(signal), made]).toEqual([{ key: "slips-many", n: 1 }, 0]);
  one.typed.codes = CODES[0] as string;
  expect([await one.fetch(signal), made, one.typed]).toEqual([{ key: "slips-fetched", n: 1 }, 1, { codes: "", phrase: "" }]);
  memory.rows.clear();
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async () => "used");
  one.typed.codes = CODES.join("\n");
  expect([await one.fetch(signal), one.typed.codes]).toEqual([{ key: "slips-left", n: 2 }, CODES.join("\n")]);
});

test("the pass phrase of other slips is refused, and asks for nothing", async () => {
  await filled(1);
  made = 0;
  const one = await desk();
  Object.assign(one.typed, { codes: CODES[0], phrase: "another phrase" });
  expect([await one.fetch(signal), made]).toEqual([{ key: "slips-wrong" }, 0]);
});
