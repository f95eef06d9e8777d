import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SealedAnswer } from "../../delivery/contract";
import { Redemption } from "../../delivery/redemption";
import { type Bytes, fromBase64url, toHex } from "../../documents/bytes";
import { Invitation } from "../../interview/invitation";
import type { InterviewOptions } from "../../interview/options";
import type { TabSlip } from "../../interview/tab_slip";
import type { Documents } from "../../pinned/manifest";
import { Page } from "../../screen/page";
import type { Scene } from "../../screen/scene";
import { type FetchedToken, sealingWith, tokenBytes } from "../../sealing/fetched_token";
import { librarySeal } from "../../sealing/hpke_library";
import { keyId, studyId } from "../../sealing/ids";
import { type FakePage, fakePage } from "../fake_page";
import { smallQuestionnaire, smallTexts, zeros } from "../vectors";

const CODE = "4F7K0123ABCD89XZJ";
const texts = smallTexts();
const recipient = { study: "small-study", key: zeros(1216), manifestHash: zeros(32), plaintextSize: 256 };
const documents: Documents = { questionnaire: smallQuestionnaire(), texts, recipient, thresholds: {}, issuer: zeros(256) };
const fresh = (): FetchedToken => ({
  places: [1, 2, 3, 4, 5, 6, 7, 8], u: zeros(32).fill(1), prefix: zeros(32).fill(2), signature: zeros(256).fill(3),
});
const expected = async () => sealingWith(fresh(), await studyId("small-study"), await keyId(recipient.key));
const scene = (at: Scene["at"]): Scene =>
  ({ at, items: [], group: undefined, codes: [], texts, screen: { title: "", body: [] } });

let page: FakePage;
let left: number;
let delivered: SealedAnswer[];
/** What stands in for the tab: how often its name was emptied. */
let tab: { emptied: number; open(): Promise<null>; keep(): Promise<void>; empty(): void };

function invitation(): Invitation {
  const options: InterviewOptions = {
    mode: "self", stratum: "open", hpke: librarySeal, load: async () => documents, leave: () => { left++; },
    transport: { deliver: async (sealed) => { delivered.push(sealed); return { result: "stored" }; } },
  };
  const made = new Invitation({
    study: "small-study", code: CODE, languages: [], documents, options,
    page: (setLanguage) => new Page([], { leave: () => undefined, setLanguage }),
    tab: tab as unknown as TabSlip,
  });
  leave = () => options.leave?.();
  return made;
}
let leave: () => void;
/** What the browser is told where the page is to be reloaded or closed; null where it may go. */
const asks = (): unknown => window.onbeforeunload?.({} as BeforeUnloadEvent) ?? null;

beforeEach(() => {
  page = fakePage();
  [left, delivered] = [0, []];
  vi.stubGlobal("onbeforeunload", null);
  tab = { emptied: 0, open: async () => null, keep: async () => undefined, empty: () => { tab.emptied++; } };
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async () => fresh());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function admitted(): Promise<Invitation> {
  const one = invitation();
  const admission = one.admit();
  page.press("code");
  await admission;
  return one;
}

test("once a code is redeemed, the answer is sealed with its token and delivered as it is", async () => {
  const one = await admitted();
  const [sealing, right] = [await one.sealing(), await expected()];
  expect([toHex(sealing.rowKey), toHex(sealing.u), toHex(sealing.head)])
    .toEqual([toHex(right.rowKey), toHex(right.u), toHex(right.head)]);
  const sealed = { envelope: zeros(1), body: zeros(2), receipt: "ab" };
  expect(await one.deliver(sealed, new AbortController().signal)).toEqual({ result: "stored" });
  expect(delivered).toEqual([sealed]);
});

test("a draft's token takes the place of a code, and gives the same sealing", async () => {
  const kept = (await admitted()).kept();
  const other = invitation();
  void other.admit();
  other.resume(kept);
  expect(toHex((await other.sealing()).head)).toBe(toHex((await expected()).head));
});

test.each([undefined, "", "AAAA", "!"])("what is no token (%s) seals nothing", async (kept) => {
  const one = invitation();
  one.resume(kept);
  await expect(one.sealing()).rejects.toThrow();
});

test.each(["leaving", "an ending"])("%s wipes the token, and nothing can be sealed afterwards", async (way) => {
  const one = await admitted();
  const sealing = await one.sealing();
  if (way === "leaving") leave();
  else one.onScene(scene("ended"));
  await new Promise((done) => setTimeout(done, 1));
  expect([sealing.head, sealing.u, sealing.rowKey].some((part) => part.some(Boolean))).toBe(false);
  expect([one.kept(), left]).toEqual([undefined, way === "leaving" ? 1 : 0]);
  await expect(one.sealing()).rejects.toThrow();
});

test("what a draft holds of a token are its 336 bytes", async () => {
  const kept = fromBase64url((await admitted()).kept() ?? "");
  expect(toHex(kept as Bytes)).toBe(toHex(tokenBytes(fresh())));
  expect(kept?.length).toBe(336);
});

test.each(["sending", "ended", "leaving"] as const)("the tab's name is emptied at %s, and at no screen before", async (at) => {
  const one = await admitted();
  for (const before of ["consent", "item", "handover", "ready"] as const) one.onScene(scene(before));
  expect(tab.emptied).toBe(0);
  if (at === "leaving") leave();
  else one.onScene(scene(at));
  expect(tab.emptied).toBe(1);
});

test("the page going away empties nothing: a reload needs what is kept", async () => {
  const one = await admitted();
  one.forget(true);
  expect(tab.emptied).toBe(0);
});

test("the browser is to ask before the page is closed from the token on until the answer is handed in", async () => {
  const one = invitation();
  const admission = one.admit();
  expect(asks()).toBeNull();
  page.press("code");
  await admission;
  for (const at of ["consent", "item", "ready", "sending", "failed"] as const) {
    one.onScene(scene(at));
    // Browsers ask where the handler returns a text that is not empty (HTML, "prompt to unload").
    expect([at, asks()]).toEqual([at, "?"]);
  }
  one.onScene(scene("done"));
  expect(asks()).toBeNull();
});

test.each(["leaving", "an ending"])("after %s the browser asks nothing", async (way) => {
  const one = await admitted();
  if (way === "leaving") leave();
  else one.onScene(scene("ended"));
  expect(asks()).toBeNull();
});
