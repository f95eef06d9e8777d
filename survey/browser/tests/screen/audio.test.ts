import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Bytes, sha256, toHex, utf8 } from "../../documents/bytes";
import { everyHash, localVoice, RecordingCache } from "../../screen/audio";

let files: Map<string, Bytes>;
let requests: string[];
let urls: Set<string>;

beforeEach(() => {
  [files, requests, urls] = [new Map(), [], new Set()];
  vi.stubGlobal("fetch", async (path: string) => {
    requests.push(path.slice("/m/".length));
    const file = files.get(path);
    return new Response(file ?? null, { status: file ? 200 : 404, headers: { "Content-Type": "audio/mpeg" } });
  });
  vi.stubGlobal("URL", {
    createObjectURL: () => {
      const url = `blob:${urls.size}`;
      urls.add(url);
      return url;
    },
    revokeObjectURL: (url: string) => urls.delete(url),
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Serves `text` as a recording, and returns its hash. */
async function record(text: string): Promise<string> {
  const hash = toHex(await sha256(utf8(text)));
  files.set(`/m/${hash}`, utf8(text));
  return hash;
}

test("every recording is named once, consent first, in an order that no answer changes", () => {
  const items = { HOW: { text: "h", hint: "hh", options: { 1: "h1", 2: "c1" } }, AGE: { text: "a" } };
  expect(everyHash({ consent: ["c1", "c2"], missing: { 98: "m" }, ...items })).toEqual(["c1", "c2", "m", "h", "hh", "h1", "a"]);
});

test("all recordings are requested, whichever is asked for, and only those of the study are there", async () => {
  const hashes = [await record("one"), await record("two"), "f".repeat(64), await record("three"), await record("four")];
  const cache = new RecordingCache(hashes);
  const addresses = await Promise.all([...hashes, "0".repeat(64), undefined].map((hash) => cache.get(hash)));
  expect(addresses.map((url) => url !== null)).toEqual([true, true, false, true, true, false, false]);
  expect(requests.sort()).toEqual([...hashes].sort());
});

test("closing drops every recording", async () => {
  const hash = await record("one");
  const cache = new RecordingCache([hash]);
  await cache.get(hash);
  expect(urls.size).toBe(1);
  cache.close();
  expect([urls.size, await cache.get(hash)]).toEqual([0, null]);
});

test("a recording that comes after closing is not taken into memory", async () => {
  const hash = await record("one");
  const cache = new RecordingCache([hash]);
  const address = cache.get(hash);
  cache.close();
  expect([await address, urls.size]).toEqual([null, 0]);
});

test.each([["zh-Hant", "zh-HK"], ["zh-Hans", "zh_CN"], ["en", "en-GB"], ["ug", null]])(
  "%s is read by %s: a voice of the device, never one of the network", async (locale, lang) => {
    const voice = (tag: string, localService: boolean) => ({ lang: tag, localService });
    const local = ["zh_CN", "zh-HK", "en-GB"].map((tag) => voice(tag, true));
    const remote = ["zh-TW", "ug-CN", "en-US"].map((tag) => voice(tag, false));
    vi.stubGlobal("window", { speechSynthesis: {} });
    vi.stubGlobal("speechSynthesis", { getVoices: () => [...remote, ...local] });
    expect((await localVoice(locale))?.lang ?? null).toBe(lang);
  },
);

test("a browser without speech has no voice", async () => {
  vi.stubGlobal("window", {});
  expect(await localVoice("en")).toBeNull();
});
