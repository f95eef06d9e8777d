// How the phone asks a server for anything: nothing of the person goes with a request, and nothing of it stays in the browser.

/** No cookie, no referrer, no entry in a cache, and no other address than the one that is asked. */
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

/** Returns Retry-After in seconds; its other spelling, a date, depends on the phone's clock and is passed over. */
export function retryAfterOf(response: Response | null): { retryAfter?: number } {
  const seconds = /^\d{1,6}$/.exec(response?.headers.get("Retry-After") ?? "")?.[0];
  return seconds === undefined ? {} : { retryAfter: Number(seconds) };
}
