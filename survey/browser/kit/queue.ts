// The queue of sealed records to deliver, stored by envelope hash without time or order.
import type { DeliveryResult, Transport } from "../delivery/contract";
import type { Bytes } from "../documents/bytes";
import { type Draw, draw32, shuffled } from "../documents/random";
import { envelopeOf, isInvited, nameOf, rowKeyOf } from "./queue_file";

/** `sealed`: to be delivered; `late`: the host reported that the wave is closed. Stored under these names. */
export type RecordState = "sealed" | "late";

/** A sealed body in the queue; `name` is the hex SHA-256 of its envelope. */
export interface QueuedRecord {
  name: string;
  state: RecordState;
  body: Bytes;
  /** The slip that the body was sealed with, which goes when the body is stored, and the day of that. */
  slip?: SpentSlip;
}

export interface SpentSlip {
  name: string;
  /** Whole days, by the tablet's own calendar. */
  day: number;
}

/** Stores records: IndexedDB on a tablet, a Map in tests. Each call is durable when it resolves. */
export interface QueueStore {
  /** Rejects where there is no room; storing the same record again changes nothing. Deletes its slip in one step. */
  put(record: QueuedRecord): Promise<void>;
  names(state: RecordState): Promise<string[]>;
  get(name: string): Promise<QueuedRecord | undefined>;
  setState(name: string, state: RecordState): Promise<void>;
  /** Deletes a record that the host stored and counts it, in one step; counts nothing if it is deleted already. */
  acknowledge(name: string): Promise<void>;
  discard(name: string): Promise<void>;
  acknowledged(): Promise<number>;
}

export interface Counts {
  /** On the tablet or in memory, to be delivered. */
  waiting: number;
  /** Of a closed wave: kept until a person discards them. */
  late: number;
  /** Of the waiting ones: only in memory, because the tablet's storage is full. */
  inMemory: number;
  acknowledged: number;
}

/** One try to deliver a record; never rejects. */
export type SendOnce = (record: QueuedRecord) => Promise<DeliveryResult>;

/** Returns a function that tries to deliver a record once over `transport`. */
export const sendOver = (transport: Transport, signal: AbortSignal): SendOnce => async ({ name, body }) =>
  (await transport.deliver({ body, envelope: envelopeOf(body), receipt: name }, signal)).result;

/** Records sent one after another before the queue is read again. */
const BATCH = 20;

export class Queue {
  private readonly store: QueueStore;
  private readonly inMemory = new Map<string, QueuedRecord>();

  constructor(store: QueueStore) {
    this.store = store;
  }

  /** Adds a sealed body; `memory` says that the tablet has no room for it and that it is in memory only. */
  async add(body: Bytes, slip?: SpentSlip): Promise<"stored" | "memory"> {
    // A copy, because the caller wipes the original.
    const own = body.slice();
    const record: QueuedRecord = { name: await nameOf(own), state: "sealed", body: own, ...(slip && { slip }) };
    this.inMemory.set(record.name, record);
    return (await this.save(record)) ? "stored" : "memory";
  }

  /** Tries again to store what is in memory only. */
  async saveAll(): Promise<void> {
    for (const record of [...this.inMemory.values()]) await this.save(record);
  }

  async counts(): Promise<Counts> {
    const [sealed, late] = await Promise.all([this.names("sealed"), this.names("late")]);
    const acknowledged = await this.store.acknowledged();
    return { waiting: sealed.length, late: late.length, inMemory: this.inMemory.size, acknowledged };
  }

  /** Returns every body in the queue, the late ones too, for a file. */
  async bodies(): Promise<Bytes[]> {
    const names = [...(await this.names("sealed")), ...(await this.names("late"))];
    const records = await Promise.all(names.map((name) => this.get(name)));
    return records.filter(Boolean).map((record) => (record as QueuedRecord).body);
  }

  /** Deletes the late ones, after a person confirmed it. */
  async discardLate(): Promise<void> {
    for (const name of await this.names("late")) {
      this.inMemory.delete(name);
      await this.store.discard(name);
    }
  }

  /**
   * Delivers a batch, open answers in a random order and invited ones in that of their row keys; `done` when nothing
   * waits any more, `more` when the batch went through, else `stopped`. A body that the host refuses does not stop the
   * others.
   */
  async send(sendOnce: SendOnce, draw: Draw = draw32): Promise<"done" | "more" | "stopped"> {
    const names = await this.arranged(await this.names("sealed"), draw);
    let refused = 0;
    for (const name of names.slice(0, BATCH)) {
      const result = await this.sendRecord(name, sendOnce);
      if (result === "unconfirmed" || result === "full") return "stopped";
      if (result === "not-stored" || result === "refused") refused++;
    }
    if (refused > 0) return "stopped";
    return names.length > BATCH ? "more" : "done";
  }

  /** Returns the names in an order that is neither that of the interviews nor that of the slips. */
  private async arranged(names: readonly string[], draw: Draw): Promise<string[]> {
    const records = await Promise.all(names.map((name) => this.get(name)));
    if (!records.some((record) => record && isInvited(record.body))) return shuffled(names, draw);
    const keyed = await Promise.all(records.map(async (record, at) =>
      ({ name: names[at] as string, key: record ? await rowKeyOf(record.body) : "" })));
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
  }

  private async sendRecord(name: string, sendOnce: SendOnce): Promise<DeliveryResult> {
    const record = await this.get(name);
    if (!record) return "stored";
    const result = await sendOnce(record);
    if (result === "stored") await this.acknowledge(record);
    if (result === "closed") await this.setLate(record);
    return result;
  }

  private async acknowledge(record: QueuedRecord): Promise<void> {
    // A record in memory only is counted with the others once it has been stored and deleted.
    if (this.inMemory.has(record.name)) await this.save(record);
    await this.store.acknowledge(record.name);
    this.inMemory.delete(record.name);
  }

  private async setLate(record: QueuedRecord): Promise<void> {
    const unsaved = this.inMemory.get(record.name);
    if (unsaved) unsaved.state = "late";
    else await this.store.setState(record.name, "late");
  }

  private async save(record: QueuedRecord): Promise<boolean> {
    try {
      await this.store.put(record);
    } catch {
      return false;
    }
    this.inMemory.delete(record.name);
    return true;
  }

  private async names(state: RecordState): Promise<string[]> {
    const unsaved = [...this.inMemory.values()].filter((record) => record.state === state).map(({ name }) => name);
    return [...new Set([...(await this.store.names(state)), ...unsaved])];
  }

  private async get(name: string): Promise<QueuedRecord | undefined> {
    return this.inMemory.get(name) ?? (await this.store.get(name));
  }
}
