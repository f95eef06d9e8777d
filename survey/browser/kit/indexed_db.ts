// The tablet's own memory (IndexedDB): sealed envelopes by their hash, how many were acknowledged, and the link.
import type { Bytes } from "../documents/bytes";
import type { Shelf, State, Waiting } from "./queue";

const WAITING = "waiting";
const FACTS = "facts";
const ACKNOWLEDGED = "acknowledged";
const LINK = "link";

/** Written to the disk before it is called kept, where the browser can (Chromium 83; others always do or never say). */
const DURABLE = { durability: "strict" } as IDBTransactionOptions;

interface Row {
  state: State;
  body: Bytes;
}

export class TabletShelf implements Shelf {
  private readonly database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.database = database;
  }

  keep({ name, state, body }: Waiting): Promise<void> {
    return this.write((waiting) => void waiting.put({ state, body } satisfies Row, name));
  }

  async names(state: State): Promise<string[]> {
    const waiting = this.database.transaction(WAITING).objectStore(WAITING);
    const [names, rows] = await Promise.all([asked(waiting.getAllKeys()), asked(waiting.getAll())]);
    return names.map(String).filter((_, at) => (rows[at] as Row).state === state);
  }

  async get(name: string): Promise<Waiting | undefined> {
    const row = await asked<Row | undefined>(this.database.transaction(WAITING).objectStore(WAITING).get(name));
    return row && { name, ...row };
  }

  mark(name: string, state: State): Promise<void> {
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
    return (await this.fact<number>(ACKNOWLEDGED)) ?? 0;
  }

  /** Returns the fragment of the last whole link with which the kit was opened. */
  async link(): Promise<string | null> {
    return (await this.fact<string>(LINK)) ?? null;
  }

  rememberLink(fragment: string): Promise<void> {
    return this.write((_, facts) => void facts.put(fragment, LINK));
  }

  private fact<T>(name: string): Promise<T | undefined> {
    return asked(this.database.transaction(FACTS).objectStore(FACTS).get(name));
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

/** Opens the memory of one study's kit; rejects where the browser gives none (a private window, no room at all). */
export function openShelf(study: string): Promise<TabletShelf> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(`kit-${study}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(WAITING);
      request.result.createObjectStore(FACTS);
    };
    request.onsuccess = () => done(new TabletShelf(request.result));
    request.onerror = request.onblocked = () => fail(new Error("this browser keeps nothing"));
  });
}

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(new Error("the tablet's memory cannot be read"));
  });

function then<T>(request: IDBRequest<T>, act: (value: T) => unknown): void {
  request.onsuccess = () => act(request.result);
}
