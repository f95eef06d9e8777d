import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Idle, IDLE_MS, WARNING_S } from "../../interview/idle";

let touch: () => void;
let events: string[];
let idle: Idle;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("self", globalThis);
  const listeners = new Set<() => void>();
  vi.stubGlobal("addEventListener", (_: string, listener: () => void) => listeners.add(listener));
  vi.stubGlobal("removeEventListener", (_: string, listener: () => void) => listeners.delete(listener));
  touch = () => listeners.forEach((listener) => listener());
  events = [];
  idle = new Idle({
    warn: (left) => events.push(`warn ${left}`), calm: () => events.push("calm"), wipe: () => events.push("wipe"),
  });
  idle.start();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("nobody there: a warning of twenty seconds, then the wipe, once", () => {
  vi.advanceTimersByTime(IDLE_MS - 1);
  expect(events).toEqual([]);
  vi.advanceTimersByTime(1 + WARNING_S * 1000);
  expect(events.filter((word) => word.startsWith("warn"))).toHaveLength(WARNING_S);
  expect(events[0]).toBe("warn 20");
  expect(events.slice(-2)).toEqual(["warn 1", "wipe"]);
  vi.advanceTimersByTime(10 * IDLE_MS);
  expect(events.filter((word) => word === "wipe")).toHaveLength(1);
});

test("a touch in the last second keeps everything and starts the watch anew", () => {
  vi.advanceTimersByTime(IDLE_MS + WARNING_S * 1000 - 1);
  touch();
  expect(events.at(-1)).toBe("calm");
  vi.advanceTimersByTime(IDLE_MS - 1);
  expect(events.at(-1)).toBe("calm");
  vi.advanceTimersByTime(1);
  expect(events.at(-1)).toBe("warn 20");
});

test("stopped, it neither warns nor wipes", () => {
  idle.stop();
  vi.advanceTimersByTime(10 * IDLE_MS);
  touch();
  vi.advanceTimersByTime(10 * IDLE_MS);
  expect(events).toEqual([]);
});
