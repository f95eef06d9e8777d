import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { assembled, toEach } from "../../interview/assembly";
import { turn } from "../../interview/shared_device";
import type { Documents } from "../../pinned/manifest";
import type { Scene } from "../../screen/scene";
import { fakePage } from "../fake_page";
import { smallQuestionnaire, smallTexts, zeros } from "../vectors";

const recipient = { study: "small-study", key: zeros(1216), manifestHash: zeros(32), plaintextSize: 256 };
const documents: Documents = {
  questionnaire: smallQuestionnaire(), texts: smallTexts(), recipient, thresholds: {}, issuer: null,
};
const scene = (at: Scene["at"]): Scene =>
  ({ at, items: [], group: undefined, codes: [], texts: smallTexts(), screen: { title: "", body: [] } });
const setting = { documents, stratum: "clinic", hpke: vi.fn(), load: async () => documents, transport: { deliver: vi.fn() }, leave: vi.fn() };

beforeEach(() => {
  fakePage();
  vi.stubGlobal("history", { replaceState: vi.fn(), pushState: vi.fn(), forward: vi.fn() });
  vi.stubGlobal("location", { href: "http://host/s/small-study" });
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("each scene goes to every observer in the order in which they were given, and gaps are passed over", () => {
  const seen: string[] = [];
  const observer = (name: string) => ({ onScene: ({ at }: Scene) => seen.push(`${name} ${at}`) });
  toEach(observer("frame"), null, {}, observer("device"))(scene("item"));
  expect(seen).toEqual(["frame item", "device item"]);
});

test("the page and the field kit get the same options, but for those of the device", () => {
  const leave = vi.fn();
  const own = assembled({ ...setting, device: { mode: "self", leave } }).options;
  const shared = assembled({ ...setting, device: turn("assisted", vi.fn()).options }).options;
  expect([own.mode, own.stratum, own.hpke, own.transport, own.leave, own.handover]).toEqual(
    ["self", "clinic", setting.hpke, setting.transport, leave, undefined],
  );
  expect([shared.mode, shared.stratum, shared.hpke, shared.transport, shared.handover === undefined]).toEqual(
    ["assisted", "clinic", setting.hpke, setting.transport, false],
  );
});

test("the frame sees a scene before the device does, so that a hint of the device stands in the page of the scene", () => {
  const order: string[] = [];
  const device = { mode: "self" as const, leave: vi.fn(), onScene: () => order.push(String(document.getElementById("cover") !== null)) };
  const { options } = assembled({ ...setting, device });
  options.onScene?.(scene("consent"));
  expect(order).toEqual(["true"]);
});
