import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type HomeActions, type HomeState, type KitWords, showHome } from "../../kit/home_screen";
import type { SlipsState } from "../../kit/slips_screen";
import { type FakeElement, type FakePage, fakePage } from "../fake_page";

const LANGUAGES = [{ locale: "en", name: "English", dir: "ltr" }, { locale: "ug", name: "ئۇيغۇرچە", dir: "rtl" }];
const STATE: HomeState = {
  mode: "assisted", locale: "en", counts: { waiting: 0, late: 0, inMemory: 0, acknowledged: 3 }, ready: true, blocked: null,
  note: null, discarding: false, persistent: true, staff: false, slips: null,
};

let page: FakePage;
let actions: { [name in keyof HomeActions]: ReturnType<typeof vi.fn> };

const wordsIn = (spoken: string): KitWords => (key, n) => key === "spoken" ? spoken : `${key}${n === undefined ? "" : ` ${n}`}!`;
const show = (change: Partial<HomeState> = {}): void =>
  showHome({ ...STATE, ...change }, LANGUAGES, wordsIn(change.locale ?? "en"), actions as HomeActions);
const counts = (counts: Partial<HomeState["counts"]>): HomeState["counts"] => ({ ...STATE.counts, ...counts });
const text = (selector: string): string | undefined => page.root.querySelector(selector)?.textContent;

beforeEach(() => {
  page = fakePage();
  const names = ["begin", "setLanguage", "mode", "send", "save", "discard", "staff", "unlock", "fetch"] as const;
  actions = Object.fromEntries(names.map((name) => [name, vi.fn()])) as typeof actions;
});
afterEach(() => vi.unstubAllGlobals());

test("an interview can begin in every language of the study", () => {
  show();
  expect(page.root.querySelectorAll("[data-start]").map(({ dataset }) => dataset.start)).toEqual(["en", "ug"]);
  page.root.querySelector("[data-start=ug]")?.click();
  expect(actions.begin).toHaveBeenCalledWith("ug");
});

test("the page is written in the direction of its language", () => {
  show({ locale: "ug" });
  expect([page.root.lang, page.root.dir]).toEqual(["ug", "rtl"]);
});

test("English words for staff who chose a language without its own are written from left to right", () => {
  showHome({ ...STATE, locale: "ug" }, LANGUAGES, wordsIn("en"), actions as HomeActions);
  expect([page.root.lang, page.root.dir]).toEqual(["en", "ltr"]);
});

test.each(["closed", "no-link", "no-memory", "refused"] as const)("%s is said, and no interview can begin", (blocked) => {
  show({ blocked });
  expect([text("[role=alert]"), page.root.querySelector("[data-start]")]).toEqual([`${blocked}!`, null]);
});

test("while a record is in memory only no further interview can begin", () => {
  show({ counts: counts({ waiting: 1, inMemory: 1 }) });
  expect([text("[role=alert]"), page.root.querySelector("[data-start]")]).toEqual(["full 1!", null]);
});

test("sending and saving are offered while something waits, saving alone for what is late", () => {
  show();
  expect(page.buttons()).not.toContain("save");
  show({ counts: counts({ waiting: 2 }) });
  expect(page.buttons()).toEqual(expect.arrayContaining(["send-now", "save"]));
  show({ counts: counts({ late: 1 }) });
  expect([page.buttons().includes("send-now"), page.buttons().includes("save")]).toEqual([false, true]);
});

test("late records are deleted only after a second question", () => {
  show({ counts: counts({ late: 2 }) });
  page.press("discard");
  expect(actions.discard.mock.calls).toEqual([[null]]);
  show({ counts: counts({ late: 2 }), discarding: true });
  expect(page.buttons()).not.toContain("discard");
  page.press("discard-yes");
  page.press("discard-no");
  expect(actions.discard.mock.calls).toEqual([[null], [true], [false]]);
});

test("the numbers are those of the queue", () => {
  show({ counts: counts({ waiting: 2 }) });
  expect([text("[data-count=waiting]"), text("[data-count=acknowledged]")]).toEqual(["waiting 2!", "acknowledged 3!"]);
});

const slips = (change: Partial<SlipsState["counts"]>): SlipsState =>
  ({ counts: { left: 3, room: 47, open: true, early: false, ...change }, typed: { codes: "", phrase: "" } });

test.each([[{ left: 0 }, "slips-none!"], [{ early: true }, "slips-tomorrow!"], [{ open: false }, "slips-locked!"]] as const)(
  "with slips of %j no interview can begin, and %s is said", (change, said) => {
    show({ slips: slips(change) });
    expect([text("main .note"), page.root.querySelector("[data-start]")]).toEqual([said, null]);
    expect(page.root.querySelector(".staff")?.open).toBe(true);
  },
);

test("with slips that are unlocked and of an earlier day interviews begin", () => {
  show({ slips: slips({}) });
  expect(page.root.querySelectorAll("[data-start]").length).toBe(2);
  expect([text("[data-count=slips]"), page.root.querySelector("#phrase")]).toEqual(["slips 3!", null]);
});

test("what staff type outlives the screen, and the buttons act on it", () => {
  const state = slips({ open: false });
  show({ slips: state });
  for (const [id, value] of [["#phrase", "a phrase"], ["#codes", "a code"]] as const) {
    const field = page.root.querySelector(id) as FakeElement;
    field.value = value;
    field.dispatchEvent(new Event("input"));
  }
  show({ slips: state });
  expect([state.typed, page.root.querySelector("#phrase")?.value, page.root.querySelector("#codes")?.value])
    .toEqual([{ codes: "a code", phrase: "a phrase" }, "a phrase", "a code"]);
  page.press("slips-open");
  page.press("slips-fetch");
  expect([actions.unlock.mock.calls.length, actions.fetch.mock.calls.length]).toEqual([1, 1]);
});
