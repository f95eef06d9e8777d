import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { wordsOf } from "../../documents/interface_texts";
import { IDLE_MS, WARNING_S } from "../../interview/idle";
import { handover, type SharedMode, turn, type Turn } from "../../interview/shared_device";
import type { Scene } from "../../screen/scene";
import { type FakePage, fakePage } from "../fake_page";
import { smallTexts } from "../vectors";

const texts = smallTexts();
const words = wordsOf(texts.interface, texts.locale);
const NOBODY = IDLE_MS + (WARNING_S + 1) * 1000;

let page: FakePage;
let restarts: number;
let current: Turn;

const begin = (mode: SharedMode): void => {
  current = turn(mode, () => { restarts++; });
};
const show = (at: Scene["at"]): void =>
  current.options.onScene({ at, items: [], group: undefined, codes: [], texts, screen: { title: "", body: [] } });

beforeEach(() => {
  page = fakePage();
  restarts = 0;
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});
afterEach(() => {
  current?.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a kiosk that nobody touches warns on the page, and then starts again, once", () => {
  begin("kiosk");
  show("consent");
  vi.advanceTimersByTime(IDLE_MS);
  expect([page.body.querySelector("[role=alertdialog]") !== null, restarts]).toEqual([true, 0]);
  vi.advanceTimersByTime(10 * NOBODY);
  expect(restarts).toBe(1);
});

test("beside an assistant the watch begins only when the person is done", () => {
  begin("assisted");
  show("item");
  vi.advanceTimersByTime(NOBODY);
  expect(restarts).toBe(0);
  show("done");
  vi.advanceTimersByTime(NOBODY);
  expect(restarts).toBe(1);
});

test("a turn that was stopped from outside neither warns nor starts again", () => {
  begin("kiosk");
  show("consent");
  current.stop();
  vi.advanceTimersByTime(10 * NOBODY);
  expect([page.body.querySelector("[role=alertdialog]"), restarts]).toEqual([null, 0]);
});

test("private questions are handed over in assisted mode alone", () => {
  begin("assisted");
  expect(current.options.handover).toBe(handover);
  begin("kiosk");
  expect(current.options.handover).toBeUndefined();
});

test.each([["stored", "stored-title!"], ["queued", "kept-title!"], ["closed", undefined], ["refused", undefined]] as const)(
  "after %s the last screen is %s", (result, title) => {
    begin("kiosk");
    expect(current.options.lastScreen(result, "0".repeat(64), texts, words)?.title).toBe(title);
  },
);

test("the screen that hands the device over says who takes it, and goes on at a press", () => {
  const next = vi.fn();
  const screens = (["person", "assistant"] as const).map((to) => handover.screen(to, texts, words, next));
  expect(screens.map(({ title }) => title)).toEqual(["handover-title!", "giveback-title!"]);
  expect(screens.map(({ action }) => action?.slice(0, 2))).toEqual([["handover", "handover-go!"], ["handover", "giveback-go!"]]);
  screens[0]?.action?.[2]();
  expect(next).toHaveBeenCalledOnce();
});
