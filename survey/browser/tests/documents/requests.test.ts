import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { ANONYMOUS, retryAfterOf, withTimeout } from "../../documents/requests";

afterEach(() => vi.useRealTimers());

/** Resolves to when its controller is aborted. */
const untilAborted = ({ signal }: AbortController): Promise<string> =>
  new Promise((done) => {
    if (signal.aborted) done("aborted");
    signal.addEventListener("abort", () => done("aborted"));
  });

test("no module spells the options of a request: each has ANONYMOUS or none of its own", () => {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
  const modules = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/^(?:tests|node_modules)\b/.test(path));
  const spelled = modules.filter((path) => /\b(?:credentials|referrerPolicy|redirect):/.test(readFileSync(join(root, path), "utf8")));
  expect(spelled).toEqual([join("documents", "requests.ts")]);
});

test("nothing of the person goes with a request: no cookie, no referrer, no cache, no redirect", () => {
  expect(ANONYMOUS).toEqual({ cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
});

test("a request is aborted when its time is over, not before", async () => {
  vi.useFakeTimers();
  const seen = vi.fn();
  void withTimeout(1000, null, untilAborted).then(seen);
  await vi.advanceTimersByTimeAsync(999);
  expect(seen).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toHaveBeenCalledWith("aborted");
});

test("a request is aborted when the person leaves, also before it began", async () => {
  const controller = new AbortController();
  const running = withTimeout(60_000, controller.signal, untilAborted);
  controller.abort();
  expect(await running).toBe("aborted");
  expect(await withTimeout(60_000, controller.signal, untilAborted)).toBe("aborted");
});

test("a request that has ended leaves no timer and no listener, whether it went well or not", async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
  expect(await withTimeout(60_000, signal, async () => 7)).toBe(7);
  await expect(withTimeout(60_000, signal, async () => { throw new Error("lost"); })).rejects.toThrow("lost");
  expect([vi.getTimerCount(), added.mock.calls.length, removed.mock.calls]).toEqual([0, 2, added.mock.calls]);
});

test.each([["7", { retryAfter: 7 }], ["0", { retryAfter: 0 }], ["1234567", {}], ["-1", {}], ["soon", {}]])(
  "Retry-After %j is %j", (value, expected) => {
    expect(retryAfterOf(new Response(null, { headers: { "Retry-After": value } }))).toEqual(expected);
  },
);

test("no reply, and one without the header, ask for no wait", () => {
  expect([retryAfterOf(null), retryAfterOf(new Response(null))]).toEqual([{}, {}]);
});
