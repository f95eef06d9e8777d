// The documents for interviews without a network: all languages with their media, in a cache.
import { type Bytes, sha256, toHex } from "../documents/bytes";
import { DOCUMENT_MS, replyOf } from "../documents/requests";
import { bundlePath, type Documents, DocumentsError, load, type Wave } from "../pinned/manifest";

const MEDIA = "/m/";
const TIMEOUT_MS = 60_000;

/** The cache that service_worker.ts responds from; public documents only. */
const cacheOf = (study: string): Promise<Cache> => caches.open(`kit-${study}-documents`);

/** Returns the recordings and pictures that a locale's texts name: nothing else in them is a hash. */
function mediaOf({ texts }: Documents): string[] {
  const hashes = JSON.stringify(texts).match(/"[0-9a-f]{64}"/g) ?? [];
  return [...new Set(hashes.map((hash) => `${MEDIA}${hash.slice(1, -1)}`))];
}

/**
 * Stores the documents of one wave and deletes those of others; resolves when all are stored. Rejects with
 * DocumentsError where one cannot be loaded or does not match the pin.
 */
export async function storeDocuments(wave: Wave): Promise<void> {
  const cache = await cacheOf(wave.study);
  const paths = new Set(wave.locales.map((locale) => bundlePath(wave, locale)));
  for (const locale of wave.locales) {
    for (const path of mediaOf(await storeLocale(cache, wave, locale))) paths.add(path);
  }
  for (const path of paths) await store(cache, path);
  for (const { url } of await cache.keys()) if (!paths.has(new URL(url).pathname)) await cache.delete(url);
}

/** Deletes the documents of a wave that has ended, whose interviews would be refused. */
export const forgetDocuments = (study: string): Promise<boolean> => caches.delete(`kit-${study}-documents`);

/** Returns one locale's documents, verified; a cached copy that does not match the pin is fetched once more. */
export async function documentsOf(wave: Wave, locale: string): Promise<Documents> {
  try {
    return await load(wave, locale);
  } catch (error) {
    if (!(error instanceof DocumentsError) || ["network", "gone"].includes(error.reason)) throw error;
    await (await cacheOf(wave.study)).delete(bundlePath(wave, locale));
    return load(wave, locale);
  }
}

/** Asks the host whether the wave is still open; undefined where it cannot be reached. */
export async function isOpen(wave: Wave, locale: string): Promise<boolean | undefined> {
  try {
    // The worker does not handle HEAD, so that the host itself responds.
    const { response } = await replyOf(bundlePath(wave, locale), DOCUMENT_MS, null, { method: "HEAD" });
    // A proxy's 404 must not delete the documents: a header that the host sets everywhere tells its own.
    const own = response.headers.get("Cross-Origin-Resource-Policy") === "same-origin";
    return own && response.status === 404 ? false : own && response.status === 200 ? true : undefined;
  } catch {
    return undefined;
  }
}

async function storeLocale(cache: Cache, wave: Wave, locale: string): Promise<Documents> {
  await store(cache, bundlePath(wave, locale));
  return documentsOf(wave, locale);
}

async function store(cache: Cache, path: string): Promise<void> {
  if (await cache.match(path, { ignoreVary: true })) return;
  try {
    const { response, bytes } = await replyOf(path, TIMEOUT_MS);
    if (!response.ok || !(await matchesHash(path, bytes))) throw new DocumentsError("network");
    await cache.put(path, new Response(bytes, { headers: { "Content-Type": response.headers.get("Content-Type") ?? "" } }));
  } catch {
    throw new DocumentsError("network");
  }
}

/** A recording or picture with another hash than its name is not stored: it is fetched again. */
async function matchesHash(path: string, bytes: Bytes): Promise<boolean> {
  if (!path.startsWith(MEDIA)) return true;
  return toHex(await sha256(bytes)) === path.slice(MEDIA.length);
}
