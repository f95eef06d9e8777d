import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Item, Option } from "../../documents/documents";
import { make } from "../../screen/dom";
import type { Scene } from "../../screen/scene";
import { answerSearch } from "../../search/answer_search";
import { FakeElement, type FakePage, fakePage } from "../fake_page";
import { smallQuestionnaire, smallTexts } from "../vectors";

const CITIES = ["Beijing 北京", "Shanghai 上海", "Guangzhou 广州", "Chengdu 成都", "Ürümqi 乌鲁木齐", "Lhasa 拉萨", "Harbin 哈尔滨",
  "Nanjing 南京", "Kunming 昆明", "Wuhan 武汉", "Xi’an 西安", "Dalian 大连", "Another"];
const texts = { ...smallTexts(), interface: { find: "Find", "find-all": "{n} answers", "find-some": "{n} of {of}", "find-none": "none" } };
const [first] = smallQuestionnaire().items as [Item];

let page: FakePage;
beforeEach(() => {
  page = fakePage();
});
afterEach(() => vi.unstubAllGlobals());

/** Shows the screen of a question with these labels; the last one stays last where `last` says so. */
function shown(labels: readonly string[], change: Partial<Item> = {}, of: Partial<Scene> = {}): void {
  const options: Option[] = labels.map((_, at) => (at === CITIES.length - 1 ? { code: at + 1, last: true } : { code: at + 1 }));
  const buttons = [...labels, "no idea"].map((label, at) => make("button", { "data-code": String(at < labels.length ? at + 1 : 98) }, label));
  page.body.append(make("main", { id: "main" }, make("div", { class: "choice" }, ...buttons)) as never);
  const item: Item = { ...first, type: "single", options, missing: [98], ...change };
  answerSearch.onScene({ at: "item", items: [item], group: undefined, codes: [], texts, screen: { title: "", body: [] }, ...of });
}

const field = (): FakeElement | null => page.root.querySelector("input");
const said = (): string => page.root.querySelector("#found")?.textContent ?? "";
const visible = (): string[] => page.root.querySelectorAll("[data-code]").filter(({ hidden }) => !hidden).map(({ textContent }) => textContent);
function type(text: string, event: Event = new Event("input")): void {
  (field() as FakeElement).value = text;
  field()?.dispatchEvent(event);
}

test("what is typed leaves the answers that have it, the last one and the ways to give none", () => {
  shown(CITIES);
  expect([said(), visible().length]).toEqual(["12 answers", 14]);
  type("jing");
  expect([said(), visible()]).toEqual(["2 of 12", ["Beijing 北京", "Nanjing 南京", "Another", "no idea"]]);
  type("鲁木");
  expect(visible()).toEqual(["Ürümqi 乌鲁木齐", "Another", "no idea"]);
  type("");
  expect([said(), visible().length]).toEqual(["12 answers", 14]);
});

test("where nothing is found that is said, and who is not in the list can still answer", () => {
  shown(CITIES);
  type("Atlantis");
  expect([said(), visible()]).toEqual(["none", ["Another", "no idea"]]);
});

test("the field stands before the first answer, and Enter leads to the first that was found", () => {
  shown(CITIES);
  expect(page.root.querySelector(".choice")?.elements.map(({ tagName }) => tagName).slice(0, 3)).toEqual(["DIV", "P", "BUTTON"]);
  type("umq");
  field()?.dispatchEvent(Object.assign(new Event("keydown"), { key: "Enter" }));
  expect(document.activeElement?.textContent).toBe("Ürümqi 乌鲁木齐");
});

test("letters in an input method's window hide nothing; what they become does", () => {
  shown(CITIES);
  type("x", Object.assign(new Event("input"), { isComposing: true }));
  expect(visible().length).toBe(14);
  type("西", new Event("compositionend"));
  expect(visible()).toEqual(["Xi’an 西安", "Another", "no idea"]);
});

test("a long list of which an earlier answer leaves twelve has no field", () => {
  shown(CITIES.slice(0, 12), { options: CITIES.map((_, at) => ({ code: at + 1 })) });
  expect(field()).toBe(null);
});

test("a list of twelve, a row of a grid, a question of several answers and other screens have no field", () => {
  const grid = { id: "G1", kind: "grid" as const, items: [first.id] };
  shown(CITIES.slice(0, 12));
  shown(CITIES, {}, { group: grid });
  shown(CITIES, { type: "multi" });
  shown(CITIES, {}, { at: "ready", items: [] });
  expect(field()).toBe(null);
});
