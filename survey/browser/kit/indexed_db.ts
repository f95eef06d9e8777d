// The tablet's storage (IndexedDB): sealed records by envelope hash, locked slips, how many were acknowledged, the link.
import type { Bytes } from "../documents/bytes";
import type { QueuedRecord, QueueStore, RecordState } from "./queue";
import type { SlipStore } from "./slips";

const WAITING = "waiting";
const SLIPS = "slips";
const FACTS = "facts";
const STORES = [WAITING, SLIPS, FACTS] as const;
const VERSION = 2;
const ACKNOWLEDGED = "acknowledged";
const LINK = "link";
const FETCH_DAY = "fetch-day";
const SEALING_DAY = "sealing-day";

/** Strict durability: written to disk before the transaction completes, where the browser has the option. */
const DURABLE = { durability: "strict" } as IDBTransactionOptions;

interface Row {
  state: RecordState;
  body: Bytes;
}

/** The three object stores within one transaction. */
type Stores = Readonly<Record<(typeof STORES)[number], IDBObjectStore>>;

export class IndexedDbStore implements QueueStore, SlipStore {
  private readonly database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.database = database;
  }

  put({ name, state, body, slip }: QueuedRecord): Promise<void> {
    return this.write(({ waiting, slips, facts }) => {
      waiting.put({ state, body } satisfies Row, name);
      // In one transaction: a slip whose answer is kept is never used for a second.
      if (slip) slips.delete(slip.name);
      if (slip) facts.put(slip.day, SEALING_DAY);
    });
  }

  async names(state: RecordState): Promise<string[]> {
    const waiting = this.database.transaction(WAITING).objectStore(WAITING);
    const [names, rows] = await Promise.all([resultOf(waiting.getAllKeys()), resultOf(waiting.getAll())]);
    return names.map(String).filter((_, at) => (rows[at] as Row).state === state);
  }

  async get(name: string): Promise<QueuedRecord | undefined> {
    const row = await resultOf<Row | undefined>(this.database.transaction(WAITING).objectStore(WAITING).get(name));
    return row && { name, ...row };
  }

  setState(name: string, state: RecordState): Promise<void> {
    return this.write(({ waiting }) => {
      then<Row | undefined>(waiting.get(name), (row) => row && waiting.put({ ...row, state }, name));
    });
  }

  acknowledge(name: string): Promise<void> {
    return this.write(({ waiting, facts }) => {
      then(waiting.getKey(name), (key) => {
        if (key === undefined) return;
        waiting.delete(name);
        then<number | undefined>(facts.get(ACKNOWLEDGED), (count) => facts.put((count ?? 0) + 1, ACKNOWLEDGED));
      });
    });
  }

  discard(name: string): Promise<void> {
    return this.write(({ waiting }) => void waiting.delete(name));
  }

  async acknowledged(): Promise<number> {
    return (await this.readFact<number>(ACKNOWLEDGED)) ?? 0;
  }

  /** Returns the fragment of the last complete link with which the kit was opened. */
  async link(): Promise<string | null> {
    return (await this.readFact<string>(LINK)) ?? null;
  }

  rememberLink(fragment: string): Promise<void> {
    return this.write(({ facts }) => void facts.put(fragment, LINK));
  }

  async slipNames(): Promise<string[]> {
    return (await resultOf(this.database.transaction(SLIPS).objectStore(SLIPS).getAllKeys())).map(String);
  }

  slip(name: string): Promise<Bytes | undefined> {
    return resultOf(this.database.transaction(SLIPS).objectStore(SLIPS).get(name));
  }

  addSlip(name: string, locked: Bytes, day: number): Promise<void> {
    return this.write(({ slips, facts }) => {
      slips.put(locked, name);
      facts.put(day, FETCH_DAY);
    });
  }

  async fetchDay(): Promise<number | null> {
    return (await this.readFact<number>(FETCH_DAY)) ?? null;
  }

  async sealingDay(): Promise<number | null> {
    return (await this.readFact<number>(SEALING_DAY)) ?? null;
  }

  private readFact<T>(name: string): Promise<T | undefined> {
    return resultOf(this.database.transaction(FACTS).objectStore(FACTS).get(name));
  }

  private write(act: (stores: Stores) => void): Promise<void> {
    return new Promise((done, fail) => {
      const transaction = this.database.transaction(STORES, "readwrite", DURABLE);
      transaction.oncomplete = () => done();
      transaction.onabort = transaction.onerror = () => fail(new Error("the tablet did not keep it"));
      const [waiting, slips, facts] = [WAITING, SLIPS, FACTS].map((name) => transaction.objectStore(name));
      act({ waiting, slips, facts } as Stores);
    });
  }
}

/** Opens the storage of one study's kit; rejects where the browser has none (private window, full disk). */
export function openStore(study: string): Promise<IndexedDbStore> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(`kit-${study}`, VERSION);
    request.onupgradeneeded = () => {
      const missing = STORES.filter((name) => !request.result.objectStoreNames.contains(name));
      for (const name of missing) request.result.createObjectStore(name);
    };
    request.onsuccess = () => done(new IndexedDbStore(request.result));
    request.onerror = request.onblocked = () => fail(new Error("this browser keeps nothing"));
  });
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(new Error("the tablet's memory cannot be read"));
  });

function then<T>(request: IDBRequest<T>, act: (value: T) => unknown): void {
  request.onsuccess = () => act(request.result);
}
