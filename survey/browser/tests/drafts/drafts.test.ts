import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Draft } from "../../answers/draft";
import { fromBase64url, toBase64url, utf8 } from "../../documents/bytes";
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
    context: { study: "small-study", pin: "A".repeat(32) }, days: 7, locale: "en", words: wordsOf(smallTexts().interface, smallTexts().locale),
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

/** Returns how all that is stored reads: as it stands, and each run of base64url in it as the bytes that it spells. */
function readable(): string {
  const stored = [...items.values()].join(" ");
  const runs = stored.match(/[A-Za-z0-9_-]+/g) ?? [];
  return [stored, ...runs.map((run) => new TextDecoder().decode(fromBase64url(run) ?? new Uint8Array()))].join(" ");
}

/** The draft's members as JSON spells them: long enough that no random bytes spell one. */
const SPELT = [...DRAFT.given, ...DRAFT.typed].map((member) => JSON.stringify(member));
const leaked = (): string[] => SPELT.filter((member) => readable().includes(member));

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
  expect(items.size).toBe(1);
  expect(leaked()).toEqual([]);
  type(words.join(" ").toUpperCase());
  await vi.waitFor(() => expect(resumed).toEqual([DRAFT]));
});

test.each([
  ["as it is", (json: string) => json],
  ["in base64url behind its last day", (json: string) => `20000.${toBase64url(utf8(json))}`],
  ["in base64url between other bytes", (json: string) => `20000.${toBase64url(utf8(`\0\0\0\x7f${json}\0`))}`],
])("the control: a draft that is stored unencrypted, %s, is seen", (_, spelt) => {
  items.set("kept", spelt(JSON.stringify(DRAFT)));
  expect(leaked()).toEqual(SPELT);
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
