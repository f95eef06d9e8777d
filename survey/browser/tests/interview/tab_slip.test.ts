import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TabSlip } from "../../interview/tab_slip";
import { tabKey, tabName } from "../../sealing/tab_name";
import { zeros } from "../vectors";

vi.setConfig({ testTimeout: 30_000 });
const CODE = "4F7K0123ABCD89XZJ";
const OTHER = "0000000000000000Z";
const PLACE = { study: "market", pin: "A".repeat(32) };
const token = { places: [0, 2047, 1, 1024, 2, 3, 4, 5], u: zeros(32).fill(1), prefix: zeros(32).fill(2), signature: zeros(256).fill(3) };

let tab: { name: string };

/** Loads the page in a tab of this name. */
function loaded(type: string | null, name: string): TabSlip {
  tab = { name };
  vi.stubGlobal("window", tab);
  vi.spyOn(performance, "getEntriesByType").mockReturnValue((type ? [{ type }] : []) as unknown as PerformanceEntryList);
  return new TabSlip(PLACE);
}
let kept: string;
beforeEach(async () => { kept = await tabName(token, await tabKey(CODE), PLACE); });
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("after a reload the slip is there for who types its code", async () => {
  expect(await loaded("reload", kept).open(CODE)).toEqual(token);
  expect(tab.name).toBe(kept);
});

test.each(["navigate", "back_forward", "prerender", null])("on a load of type %s a name is emptied at once, and nothing is there", async (type) => {
  const slip = loaded(type, kept);
  expect([tab.name, await slip.open(CODE)]).toEqual(["", null]);
});

test.each([["another code", OTHER, ""], ["what another site left", CODE, "left by another site"]])(
  "what does not open with the code (%s) is emptied", async (_, code, name) => {
    const slip = loaded("reload", name || kept);
    expect([await slip.open(code), tab.name]).toEqual([null, ""]);
  },
);

test("what is kept opens after the next reload, under the same code alone", async () => {
  await loaded("navigate", "").keep(CODE, token);
  const { name } = tab;
  expect(await loaded("reload", name).open(CODE)).toEqual(token);
  expect(await loaded("reload", name).open(OTHER)).toBeNull();
});

test("what is emptied while a slip is being locked stays empty", async () => {
  const slip = loaded("navigate", "");
  const locking = slip.keep(CODE, token);
  slip.empty();
  await locking;
  expect(tab.name).toBe("");
});

test("a browser that cannot lock keeps nothing, and goes on", async () => {
  const slip = loaded("navigate", "");
  vi.spyOn(crypto.subtle, "deriveKey").mockRejectedValue(new Error("no"));
  await slip.keep(CODE, token);
  expect(tab.name).toBe("");
});
