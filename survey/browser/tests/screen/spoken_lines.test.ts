import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Item } from "../../documents/documents";
import { make } from "../../screen/dom";
import { linesOf } from "../../screen/audio";
import type { Scene } from "../../screen/scene";
import { type FakePage, fakePage } from "../fake_page";
import { smallQuestionnaire, smallTexts } from "../vectors";

let page: FakePage;
const [how] = smallQuestionnaire().items as [Item];
const texts = {
  ...smallTexts(),
  audio: { consent: ["c1", "c2"], missing: { 98: "m98" }, HOW: { text: "h", hint: "hh", options: { 1: "h1" } }, G1: { text: "g", hint: "gh" } },
};
const scene = (at: Scene["at"], change: Partial<Scene> = {}): Scene =>
  ({ at, items: [how], group: undefined, codes: [], texts, screen: { title: "", body: [] }, ...change });
const show = (...elements: HTMLElement[]): void => page.body.append(make("main", { id: "main" }, ...elements) as never);
const code = (value: number, label: string): HTMLElement => make("button", { "data-code": String(value) }, label);
const read = (of: Scene): [string, string | undefined][] => linesOf(of).map(({ text, hash }) => [text, hash]);

beforeEach(() => {
  page = fakePage();
});
afterEach(() => vi.unstubAllGlobals());

test("a question is read with its heading first, and each answer with its own recording or none", () => {
  show(code(1, "apple"), code(2, "pear"), code(98, "no idea"), make("h1", {}, "How?"));
  expect(read(scene("item"))).toEqual([["How?", "h"], ["apple", "h1"], ["pear", undefined], ["no idea", "m98"]]);
});

test("of a grid the heading is read with the recording of the grid, the row with that of the item", () => {
  show(make("h1", {}, "All of these"), make("h2", { "data-row": true }, "How?"));
  const group = { id: "G1", kind: "grid" as const, items: ["HOW"] };
  expect(read(scene("item", { group }))).toEqual([["All of these", "g"], ["How?", "h"]]);
});

test("a hint is read after the question, with its own recording or that of the grid", () => {
  show(make("p", { id: "more" }, "Hint."), make("p", {}, "Note."), code(1, "apple"), make("h1", {}, "How?"));
  const group = { id: "G1", kind: "grid" as const, items: ["HOW"] };
  expect(read(scene("item"))).toEqual([["How?", "h"], ["Hint.", "hh"], ["Note.", undefined], ["apple", "h1"]]);
  expect(read(scene("item", { group }))[1]).toEqual(["Hint.", "gh"]);
});

test("without a note goes only what was never recorded", () => {
  show(make("p", { id: "more" }, "Hint."), make("p", {}, "Note."));
  expect(linesOf(scene("item")).map(({ extra }) => extra)).toEqual([false, true]);
});

test("the consent is read paragraph by paragraph in the order of its recordings", () => {
  const paragraph = (text: string): HTMLElement => make("p", { "data-consent": true }, text);
  show(paragraph("First."), make("p", {}, "Not read."), paragraph("Second."));
  expect(read(scene("consent"))).toEqual([["First.", "c1"], ["Second.", "c2"]]);
});

test("what has no text is not read", () => {
  show(make("h1", {}, "How?"), code(1, ""), make("p", {}, "  "));
  expect(read(scene("item"))).toEqual([["How?", "h"]]);
});

test("answers that a search has hidden are not read", () => {
  show(make("h1", {}, "How?"), code(1, "apple"), code(2, "pear"));
  (page.root.querySelectorAll("[data-code]")[0] as { hidden: boolean }).hidden = true;
  expect(read(scene("item"))).toEqual([["How?", "h"], ["pear", undefined]]);
});
