// Recordings and pictures of the study: loaded by their hash, and used only if the hash matches.
import { sha256, toHex } from "../documents/bytes";
import type { Texts } from "../documents/documents";
import { replyOf } from "../documents/requests";

const TIMEOUT_MS = 60_000;

/** Returns the file with the hex SHA-256 `hash`; null where it cannot be loaded or does not match. */
export async function fetchMedia(hash: string, signal: AbortSignal): Promise<Blob | null> {
  if (!/^[0-9a-f]{64}$/.test(hash)) return null;
  try {
    const { response, bytes } = await replyOf(`/m/${hash}`, TIMEOUT_MS, signal);
    if (!response.ok || toHex(await sha256(bytes)) !== hash) return null;
    return new Blob([bytes], { type: response.headers.get("Content-Type") ?? "" });
  } catch {
    return null;
  }
}

// Decision 20.
/** The study's pictures, each loaded once, all deleted together. */
export class Media {
  private readonly files = new Map<string, Promise<Blob | null>>();
  private readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /**
   * Fetches every picture in one order for everyone, as soon as the person agrees; one that fails, once more at once.
   *
   * Loading only what a screen shows would reveal the person's path to the server and the network.
   */
  fetchAll(texts: Texts): void {
    const hashes: string[] = [];
    for (const { pictures = {} } of Object.values(texts.items)) hashes.push(...Object.values(pictures));
    let previous: Promise<unknown> = Promise.resolve();
    for (const hash of hashes.filter((hash) => !this.files.has(hash))) {
      const once = (): Promise<Blob | null> => fetchMedia(hash, this.signal);
      const file = previous.then(once).then((blob) => blob ?? once());
      this.files.set(hash, file);
      previous = file;
    }
  }

  /** Resolves to a picture that was fetched, or to null. */
  get(hash: string): Promise<Blob | null> {
    return this.files.get(hash) ?? Promise.resolve(null);
  }

  forget(): void {
    this.files.clear();
  }
}
