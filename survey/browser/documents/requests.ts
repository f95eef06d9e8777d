// All requests: nothing that identifies the person is sent, the browser stores nothing, and none waits for ever.
import type { Bytes } from "./bytes";
import { ANONYMOUS, isPortalText } from "./lost_script";

/** The longest time for documents and scripts, in milliseconds: 13 kB at 4 kbit/s. */
export const DOCUMENT_MS = 30_000;

/** A response whose body has come whole; both come in time, or the request fails. */
export interface Reply {
  response: Response;
  bytes: Bytes;
}

/** Requests `url` and returns the whole reply; rejects after `milliseconds`, without a network, or as `signal` aborts. */
export const replyOf = (
  url: string, milliseconds: number, signal: AbortSignal | null = null, init?: RequestInit,
): Promise<Reply> =>
  withTimeout(milliseconds, signal, async ({ signal: until }) => {
    const response = await fetch(url, { ...ANONYMOUS, ...init, signal: until });
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  });

/** Posts bytes; `headers` are sent beside the type that the host asks for. */
export const post = (
  url: string, body: Bytes, milliseconds: number, signal: AbortSignal | null = null, headers?: Record<string, string>,
): Promise<Reply> => replyOf(url, milliseconds, signal, {
  method: "POST", body, headers: { "Content-Type": "application/octet-stream", ...headers },
});

export const textOf = (bytes: Bytes): string => new TextDecoder().decode(bytes);

// Decision 120.
/**
 * Returns whether a reply to a POST has the form of the survey's own (survey/web/answer_length.py): `size` bytes, one
 * line of ASCII without `<`, and then spaces. What a proxy, a network's own page or a host in the middle of an update says has another.
 */
export const isOwnReply = ({ bytes }: Reply, size: number): boolean =>
  bytes.length === size && /^[ -;=-~]+\n *$/.test(textOf(bytes));

/** Returns whether a network's own page came in place of a reply. */
export const isPortal = ({ response: { type, status }, bytes }: Reply): boolean =>
  isPortalText(type, status, textOf(bytes));

/** Returns whether a reply to a GET is the survey's own word that there is no such file. */
export const isOwnAbsence = ({ response, bytes }: Reply): boolean =>
  response.status === 404 && textOf(bytes) === "404 Not Found\n";

/**
 * Loads a script; one that fails or hangs is asked for once more, in a place that no browser remembers as failed. Of
 * other bytes than those of `integrity` nothing is run where the browser compares them (Chrome 68, Firefox 115, Safari 17).
 */
export async function loadScript<T>(url: string, integrity?: string): Promise<T> {
  const once = (address: string): Promise<T> => {
    if (integrity) preload(address, integrity);
    return inTime(DOCUMENT_MS, () => import(address) as Promise<T>);
  };
  return once(url).catch(() => once(`${url}#${Date.now()}`));
}

/** Has a module fetched under a hash, which import() has no place for: it then takes what came, or fails as this did. */
function preload(href: string, integrity: string): void {
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", integrity, href }));
}

/** Rejects where `work` has not ended after `milliseconds`: what never ends is left to itself. */
export const inTime = <T>(milliseconds: number, work: () => Promise<T>): Promise<T> =>
  withTimeout(milliseconds, null, ({ signal }) => new Promise((done, fail) => {
    signal.addEventListener("abort", fail);
    work().then(done, fail);
  }));

/** Runs `request` with a controller that is aborted after `milliseconds`, or as soon as `signal` is. */
export async function withTimeout<T>(
  milliseconds: number, signal: AbortSignal | null, request: (controller: AbortController) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    return await request(controller);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Returns Retry-After in seconds; the date form depends on the phone's clock and is ignored. */
export function retryAfterOf(response: Response | null): { retryAfter?: number } {
  const seconds = /^\d{1,6}$/.exec(response?.headers.get("Retry-After") ?? "")?.[0];
  return seconds === undefined ? {} : { retryAfter: Number(seconds) };
}
