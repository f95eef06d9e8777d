import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Draft } from "../../answers/draft";
import { wordsOf } from "../../documents/interface_texts";
import { askForCode, askToSave, type DraftHost } from "../../drafts/drafts";
import { type FakeElement, type FakePage, fakePage } from "../fake_page";
import { smallTexts } from "../vectors";

const DRAFT: Draft = { given: [["AGE", 2], ["USES", [1, 3]]], typed: [["WORDS", ["集市"]]] };

let page: FakePage;
let items: Map<string, string>;
let resumed: Draft[];
let host: DraftHost;

beforeEach(() => {
  page = fakePage();
  items = new Map();
  resumed = [];
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => items.get(name) ?? null, setItem: (name: string, value: string) => items.set(name, value),
    removeItem: (name: string) => items.delete(name),
  });
  host = {
    context: { study: "small-study", pin: "A".repeat(32) }, days: 7, locale: "en", words: wordsOf(smallTexts().interface),
    draft: () => DRAFT, back: vi.fn(), close: vi.fn(), resume: (draft) => resumed.push(draft),
    show: (title, ...body) => {
      page.body.textContent = "";
      page.body.append(...[title, ...body] as unknown as FakeElement[]);
    },
  };
});
afterEach(() => vi.unstubAllGlobals());

const wordsShown = (): string[] => page.body.querySelectorAll("ol li").map(({ textContent }) => textContent);

/** Saves, and returns the eight words that are shown. */
async function save(): Promise<string[]> {
  askToSave(host);
  page.press("draft-go");
  await vi.waitFor(() => expect(wordsShown()).toHaveLength(8));
  return wordsShown();
}

/** Types a code and presses the button. */
function type(words: string): void {
  askForCode(host);
  (page.body.querySelector("#code") as FakeElement).value = words;
  page.press("draft-open");
}

test("nothing is stored before the person has read what saving means and pressed", () => {
  askToSave(host);
  expect([items.size, page.buttons()]).toEqual([0, ["draft-go", "draft-back"]]);
});

test("the words that are shown open the draft again, and no answer can be read in the browser's storage", async () => {
  const words = await save();
  expect([...items.values()].join().includes("AGE")).toBe(false);
  type(words.join(" ").toUpperCase());
  await vi.waitFor(() => expect(resumed).toEqual([DRAFT]));
});

test("other words open nothing, and the draft stays", async () => {
  const words = await save();
  type([...words.slice(1), words[0]].join(" "));
  await vi.waitFor(() => expect(page.body.textContent).toContain("draft-wrong!"));
  expect([resumed, items.size]).toEqual([[], 1]);
});

test("seven words are said to be one too few before anything is tried", async () => {
  const words = await save();
  type(words.slice(1).join(" "));
  expect([page.body.querySelector("#said")?.textContent, resumed]).toEqual(["draft-count!", []]);
});

test("where the browser stores nothing the person is told, and no code is shown for what is not there", async () => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  askToSave(host);
  page.press("draft-go");
  await vi.waitFor(() => expect(page.body.textContent).toContain("draft-failed!"));
  expect(wordsShown()).toEqual([]);
});
