import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deleteDraft, storedDraft, storeDraft, today } from "../../drafts/draft_slot";

const DAY_MS = 86_400_000;
let items: Map<string, string>;

beforeEach(() => {
  items = new Map();
  vi.useFakeTimers({ now: 20_000 * DAY_MS + 1 });
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => items.get(name) ?? null, setItem: (name: string, value: string) => items.set(name, value),
    removeItem: (name: string) => items.delete(name),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("today is a whole number of days, so that no hour is stored", () => {
  expect(today()).toBe(20_000);
});

test("a draft is there until its last day has passed, and is deleted by whoever looks next", () => {
  expect([storeDraft("20001.abc"), storedDraft()]).toEqual([true, "20001.abc"]);
  vi.setSystemTime(20_002 * DAY_MS - 1);
  expect(storedDraft()).toBe("20001.abc");
  vi.setSystemTime(20_002 * DAY_MS);
  expect([storedDraft(), items.size]).toEqual([null, 0]);
});

test.each(["", "abc", ".abc", "12345678.abc", "-1.abc"])("%j has no last day and is deleted", (value) => {
  items.set("kept", value);
  expect([storedDraft(), items.size]).toEqual([null, 0]);
});

test("there is one draft: another takes its place, and deleting leaves nothing", () => {
  storeDraft("20001.abc");
  storeDraft("20005.def");
  expect([storedDraft(), items.size]).toEqual(["20005.def", 1]);
  deleteDraft();
  expect(items.size).toBe(0);
});

test("a browser that stores nothing, or stores something else, has no draft and says so", () => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  expect(storeDraft("20001.abc")).toBe(false);
  const refuse = (): never => { throw new Error("a private window"); };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
  expect([storeDraft("20001.abc"), storedDraft(), deleteDraft()]).toEqual([false, null, undefined]);
});
