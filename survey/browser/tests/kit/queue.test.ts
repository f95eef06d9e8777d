import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeliveryResult } from "../../delivery/contract";
import type { Bytes } from "../../documents/bytes";
import { Queue, type QueuedRecord, type QueueStore, type RecordState, sendOver } from "../../kit/queue";
import { queueFile, rowKeyOf } from "../../kit/queue_file";
import { pauseAfter, QueueSender } from "../../kit/queue_sender";

/** A tablet's memory that may be full. */
class Memory implements QueueStore {
  readonly rows = new Map<string, QueuedRecord>();
  full = false;
  count = 0;

  async put(waiting: QueuedRecord): Promise<void> {
    if (this.full) throw new Error("no room");
    this.rows.set(waiting.name, { ...waiting });
  }
  async names(state: RecordState): Promise<string[]> {
    return [...this.rows.values()].filter((row) => row.state === state).map(({ name }) => name);
  }
  async get(name: string): Promise<QueuedRecord | undefined> {
    return this.rows.get(name);
  }
  async setState(name: string, state: RecordState): Promise<void> {
    const row = this.rows.get(name);
    if (row) row.state = state;
  }
  async acknowledge(name: string): Promise<void> {
    if (this.rows.delete(name)) this.count++;
  }
  async discard(name: string): Promise<void> {
    this.rows.delete(name);
  }
  async acknowledged(): Promise<number> {
    return this.count;
  }
}

/** A body of an open link, whose token is zeros. */
const body = (n: number): Bytes => new Uint8Array(400).fill(n, 353);
let memory: Memory;
let queue: Queue;

beforeEach(async () => {
  memory = new Memory();
  queue = new Queue(memory);
});
afterEach(() => vi.useRealTimers());

const filled = async (number: number): Promise<void> => {
  for (let n = 1; n <= number; n++) await queue.add(body(n));
};
const always = (result: DeliveryResult) => async (): Promise<DeliveryResult> => result;

test("what is stored is forgotten and counted once, whoever says it twice", async () => {
  await filled(2);
  expect(await queue.send(always("stored"))).toBe("done");
  await memory.acknowledge([...memory.rows.keys()][0] ?? "gone");
  expect(await queue.counts()).toEqual({ waiting: 0, late: 0, inMemory: 0, acknowledged: 2 });
});

test("the same envelope waits once", async () => {
  await queue.add(body(1));
  await queue.add(body(1));
  expect((await queue.counts()).waiting).toBe(1);
});

test("the original may be wiped as soon as it is handed over", async () => {
  const original = body(5);
  const added = queue.add(original);
  original.fill(0);
  await added;
  expect((await queue.bodies())[0]).toEqual(body(5));
});

test.each([
  ["unconfirmed", "stopped", 1], ["full", "stopped", 1], ["not-stored", "stopped", 3], ["refused", "stopped", 3],
] as const)("%s stops or not: after it %s, with %i tries", async (result, outcome, tries) => {
  await filled(3);
  const sendOnce = vi.fn(always(result));
  expect(await queue.send(sendOnce)).toBe(outcome);
  expect(sendOnce).toHaveBeenCalledTimes(tries);
  expect((await queue.counts()).waiting).toBe(3);
});

test("late ones are kept, not tried again, and go only when somebody says so", async () => {
  await filled(2);
  expect(await queue.send(always("closed"))).toBe("done");
  const sendOnce = vi.fn(always("stored"));
  await queue.send(sendOnce);
  expect(sendOnce).not.toHaveBeenCalled();
  expect(await queue.counts()).toEqual({ waiting: 0, late: 2, inMemory: 0, acknowledged: 0 });
  expect(await queue.bodies()).toHaveLength(2);
  await queue.discardLate();
  expect(await queue.counts()).toEqual({ waiting: 0, late: 0, inMemory: 0, acknowledged: 0 });
});

test("without room it waits in memory, is in the file, is kept when there is room, and counts when it is sent", async () => {
  memory.full = true;
  expect(await queue.add(body(1))).toBe("memory");
  expect(await queue.counts()).toEqual({ waiting: 1, late: 0, inMemory: 1, acknowledged: 0 });
  expect(await queue.bodies()).toHaveLength(1);
  await queue.saveAll();
  expect((await queue.counts()).inMemory).toBe(1);
  memory.full = false;
  await queue.saveAll();
  expect(await queue.counts()).toEqual({ waiting: 1, late: 0, inMemory: 0, acknowledged: 0 });
});

test("one that never found room is still handed in, and a late one in memory stays late", async () => {
  memory.full = true;
  await filled(1);
  expect(await queue.send(always("stored"))).toBe("done");
  expect(await queue.counts()).toMatchObject({ waiting: 0, inMemory: 0 });
  await queue.add(body(2));
  await queue.send(always("closed"));
  expect(await queue.counts()).toMatchObject({ waiting: 0, late: 1, inMemory: 1 });
});

test("the order in which they are handed in is drawn: of 3! orders of 300 draws every one comes", async () => {
  // A fair draw misses one of six orders in 300 with chance 6 * (5/6)^300 < 1e-22.
  const seen = new Set<string>();
  await filled(3);
  for (let n = 0; n < 300; n++) {
    const names: string[] = [];
    await queue.send(async ({ name }) => (names.push(name), "not-stored"));
    seen.add(names.join());
  }
  expect(seen.size).toBe(6);
});

test("a long queue goes in batches of twenty", async () => {
  await filled(41);
  const outcomes = [];
  for (let n = 0; n < 3; n++) outcomes.push(await queue.send(always("stored")));
  expect(outcomes).toEqual(["more", "more", "done"]);
});

test("one try hands in envelope, body and the name as the receipt that must come", async () => {
  await queue.add(body(1));
  const deliver = vi.fn(async () => ({ result: "stored" as const }));
  await queue.send(sendOver({ deliver }, new AbortController().signal));
  const [sealed] = deliver.mock.calls[0] as unknown as [{ body: Bytes; envelope: Bytes; receipt: string }];
  expect([sealed.body.length, sealed.envelope.length, sealed.receipt.length]).toEqual([400, 47, 64]);
});

test("pauses double from five seconds to ten minutes, and chance at most doubles them", () => {
  const least = [1, 2, 3, 8, 50].map((failures) => pauseAfter(failures, () => 0));
  expect(least).toEqual([5_000, 10_000, 20_000, 600_000, 600_000]);
  expect(pauseAfter(1, () => 2 ** 32 - 1)).toBeLessThan(10_000);
});

test("the sender tries again by itself until nothing waits, and then rests", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("self", globalThis);
  await filled(1);
  const results: DeliveryResult[] = ["unconfirmed", "unconfirmed", "stored"];
  const sendOnce = vi.fn(async (): Promise<DeliveryResult> => results.shift() ?? "stored");
  const sender = new QueueSender(queue, sendOnce, () => undefined);
  await sender.wake();
  await vi.advanceTimersByTimeAsync(10_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sendOnce).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(10_000_000);
  expect(sendOnce).toHaveBeenCalledTimes(3);
  expect((await queue.counts()).acknowledged).toBe(1);
  vi.unstubAllGlobals();
});

/** Returns an invited body: its t is filled with n. */
const invited = (n: number): Bytes => body(0).fill(n, 1, 33).fill(n, 353);

test("invited answers are handed in by their row keys, whatever the order of the interviews, and so is a file's", async () => {
  const bodies = [4, 2, 9, 7, 1, 3].map(invited);
  for (const one of bodies) await queue.add(one);
  const keys = await Promise.all(bodies.map(rowKeyOf));
  const sent: string[] = [];
  await queue.send(async (record) => {
    sent.push(await rowKeyOf(record.body));
    return "stored";
  });
  expect(sent).toEqual([...keys].sort());
  expect(sent).not.toEqual(keys);
  const file = await queueFile("small", bodies);
  const start = file.indexOf(10) + 1;
  const order = keys.map((_, at) => file[start + at * 399]);
  expect(order).toEqual([...bodies].sort((a, b) => ((keys[bodies.indexOf(a)] as string) < (keys[bodies.indexOf(b)] as string) ? -1 : 1)).map((one) => one[1]));
});

test("what may not be sent today waits, and is tried later", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("self", globalThis);
  await filled(1);
  let today = false;
  const tried: string[] = [];
  const sender = new QueueSender(queue, async ({ name }) => (tried.push(name), "stored"), () => undefined, async () => today);
  await sender.wake();
  expect(tried).toEqual([]);
  today = true;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(tried.length).toBe(1);
});

test("a slip goes to the store with its answer, for one transaction", async () => {
  await queue.add(invited(1), { name: "a slip", day: 7 });
  expect([...memory.rows.values()].map(({ slip }) => slip)).toEqual([{ name: "a slip", day: 7 }]);
});
