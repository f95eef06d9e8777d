// The tablet's storage (IndexedDB): sealed records by envelope hash, the number of acknowledged ones, the link.
import type { Bytes } from "../documents/bytes";
import type { QueuedRecord, QueueStore, RecordState } from "./queue";

const WAITING = "waiting";
const FACTS = "facts";
const ACKNOWLEDGED = "acknowledged";
const LINK = "link";

/** Strict durability: written to disk before the transaction completes, where the browser has the option. */
const DURABLE = { durability: "strict" } as IDBTransactionOptions;

interface Row {
  state: RecordState;
  body: Bytes;
}

export class IndexedDbStore implements QueueStore {
  private readonly database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.database = database;
  }

  put({ name, state, body }: QueuedRecord): Promise<void> {
    return this.write((waiting) => void waiting.put({ state, body } satisfies Row, name));
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
    return this.write((waiting) => {
      then<Row | undefined>(waiting.get(name), (row) => row && waiting.put({ ...row, state }, name));
    });
  }

  acknowledge(name: string): Promise<void> {
    return this.write((waiting, facts) => {
      then(waiting.getKey(name), (key) => {
        if (key === undefined) return;
        waiting.delete(name);
        then<number | undefined>(facts.get(ACKNOWLEDGED), (count) => facts.put((count ?? 0) + 1, ACKNOWLEDGED));
      });
    });
  }

  discard(name: string): Promise<void> {
    return this.write((waiting) => void waiting.delete(name));
  }

  async acknowledged(): Promise<number> {
    return (await this.readFact<number>(ACKNOWLEDGED)) ?? 0;
  }

  /** Returns the fragment of the last complete link with which the kit was opened. */
  async link(): Promise<string | null> {
    return (await this.readFact<string>(LINK)) ?? null;
  }

  rememberLink(fragment: string): Promise<void> {
    return this.write((_, facts) => void facts.put(fragment, LINK));
  }

  private readFact<T>(name: string): Promise<T | undefined> {
    return resultOf(this.database.transaction(FACTS).objectStore(FACTS).get(name));
  }

  private write(act: (waiting: IDBObjectStore, facts: IDBObjectStore) => void): Promise<void> {
    return new Promise((done, fail) => {
      const transaction = this.database.transaction([WAITING, FACTS], "readwrite", DURABLE);
      transaction.oncomplete = () => done();
      transaction.onabort = transaction.onerror = () => fail(new Error("the tablet did not keep it"));
      act(transaction.objectStore(WAITING), transaction.objectStore(FACTS));
    });
  }
}

/** Opens the storage of one study's kit; rejects where the browser has none (private window, full disk). */
export function openStore(study: string): Promise<IndexedDbStore> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(`kit-${study}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(WAITING);
      request.result.createObjectStore(FACTS);
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
