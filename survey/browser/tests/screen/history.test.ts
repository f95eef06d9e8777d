import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guardHistory } from "../../screen/history";
import { fakePage } from "../fake_page";

let entries: { state: unknown; url: string }[];
let steps: number;
const step = (): void => { steps++; };

/** The browser arrives at an entry with this state. */
const pop = (state: unknown): void => (window.onpopstate as unknown as (event: { state: unknown }) => void)({ state });

beforeEach(() => {
  fakePage();
  vi.useFakeTimers();
  [entries, steps] = [[{ state: null, url: "/s/market#k=pin" }], 0];
  vi.stubGlobal("location", { href: "/s/market#k=pin" });
  vi.stubGlobal("history", {
    replaceState: (state: unknown, _: string, url: string) => { entries[entries.length - 1] = { state, url }; },
    pushState: (state: unknown, _: string, url: string) => { entries.push({ state, url }); },
    forward: vi.fn(),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the entry below the guard is an empty page, and guarding again adds none", () => {
  guardHistory(step);
  guardHistory(step);
  expect(entries).toEqual([{ state: null, url: "/blank" }, { state: "guard", url: "/s/market#k=pin" }]);
});

test("going back goes forward again and is one step, taken once the guard is reached", () => {
  guardHistory(step);
  pop(null);
  expect([steps, vi.mocked(history.forward).mock.calls.length]).toEqual([0, 1]);
  pop("guard");
  expect(steps).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(steps).toBe(1);
});

test("a window that never comes forward takes the step all the same, once", () => {
  guardHistory(step);
  pop(null);
  vi.advanceTimersByTime(10_000);
  expect(steps).toBe(1);
});

test("reaching the guard without having gone back is no step", () => {
  guardHistory(step);
  pop("guard");
  vi.advanceTimersByTime(10_000);
  expect(steps).toBe(0);
});
