// The field kit's service worker: stores the kit's page and scripts, serves the pinned documents that the page stored.
import { ANONYMOUS } from "../documents/lost_script";
import { withTimeout } from "../documents/requests";

const INSTALL_MS = 120_000;

/** The variables that survey/respond_app/field_kit_page.py writes before this script; public, the same for everyone. */
interface Kit {
  /** Changes when any of the files does. */
  version: string;
  study: string;
  page: string;
  files: string[];
}

interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface WorkerFetchEvent extends LastingEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Worker {
  KIT: Kit;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: WorkerFetchEvent) => void): void;
}

(() => {
  const worker = self as unknown as Worker;
  const { version, study, page, files } = worker.KIT;
  const prefix = `kit-${study}-page-`;
  const pageCache = `${prefix}${version}`;
  const documents = `kit-${study}-documents`;
  const own = new Set([page, ...files]);
  const pinned = /^\/(?:b\/[A-Za-z0-9_-]{32}\/[012aceiost]{2}\.json|m\/[0-9a-f]{64})$/;

  // All files or none, so that page and scripts are always of the same version.
  async function storePage(): Promise<void> {
    const cache = await caches.open(pageCache);
    await withTimeout(INSTALL_MS, null, ({ signal }) =>
      cache.addAll([...own].map((path) => new Request(path, { ...ANONYMOUS, cache: "reload", signal }))));
    await worker.skipWaiting();
  }

  async function deleteOld(): Promise<void> {
    const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== pageCache);
    await Promise.all(names.map((name) => caches.delete(name)));
    await worker.clients.claim();
  }

  async function served(request: Request, name: string, path: string): Promise<Response> {
    const cache = await caches.open(name);
    return (await cache.match(path, { ignoreVary: true })) ?? fetch(request);
  }

  worker.addEventListener("install", (event) => event.waitUntil(storePage()));
  worker.addEventListener("activate", (event) => event.waitUntil(deleteOld()));
  worker.addEventListener("fetch", (event) => {
    const { method, url } = event.request;
    const { origin, pathname } = new URL(url);
    if (method !== "GET" || origin !== location.origin) return;
    if (own.has(pathname)) event.respondWith(served(event.request, pageCache, pathname));
    else if (pinned.test(pathname)) event.respondWith(served(event.request, documents, pathname));
  });
})();
