// Options of all requests: nothing that identifies the person is sent, and the browser stores nothing.

/** No cookie, no referrer, no cache entry, no redirect. */
export const ANONYMOUS = {
  cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
} as const satisfies RequestInit;

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
