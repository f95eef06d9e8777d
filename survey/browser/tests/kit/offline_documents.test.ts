import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sha256, toHex, utf8 } from "../../documents/bytes";
import { documentsOf, forgetDocuments, isOpen, storeDocuments } from "../../kit/offline_documents";
import type { Wave } from "../../pinned/manifest";
import { smallTexts } from "../vectors";
import { STUDY, wave } from "../wave";

const HOST = "http://host";
let files: Map<string, string>;
let stored: Map<string, Response>;
let deleted: string[];

/** A cache in memory; like the service worker, `fetch` answers out of it before the network is asked. */
const cache = {
  match: async (path: string) => stored.get(path)?.clone(),
  put: async (path: string, response: Response) => void stored.set(path, response),
  keys: async () => [...stored.keys()].map((path) => ({ url: HOST + path })),
  delete: async (url: string) => stored.delete(url.replace(HOST, "")),
};

beforeEach(() => {
  [files, stored, deleted] = [new Map(), new Map(), []];
  vi.stubGlobal("caches", { open: async () => cache, delete: async (name: string) => (deleted.push(name), true) });
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    if (init?.method !== "HEAD" && stored.has(path)) return (stored.get(path) as Response).clone();
    const text = files.get(path);
    if (text === "lost") throw new TypeError("no network");
    const [type, policy] = ["Content-Type", "Cross-Origin-Resource-Policy"];
    if (text === "portal") return new Response("<p>Please sign in</p>", { status: 404 });
    const headers = { [type]: path.startsWith("/m/") ? "image/png" : "application/json", [policy]: "same-origin" };
    return new Response(text ?? "404 Not Found\n", { status: text === undefined ? 404 : 200, headers });
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Serves the documents of a wave in English, whose texts name a picture, and the picture; returns wave and paths. */
async function serve(picture = "apple"): Promise<{ served: Wave; path: string; image: string }> {
  const hash = toHex(await sha256(utf8("apple")));
  const { items } = smallTexts();
  const how = { ...(items.HOW as object), pictures: { 1: hash } };
  const { parts, pin } = await wave({ texts: { items: { ...items, HOW: how } } });
  const path = `/b/${pin}/00.json`;
  files.set(path, JSON.stringify(parts));
  files.set(`/m/${hash}`, picture);
  return { served: { pin, study: STUDY, locales: ["en"] }, path, image: `/m/${hash}` };
}

test("documents and the media that they name are stored, so that an interview needs no network", async () => {
  const { served, path, image } = await serve();
  await storeDocuments(served);
  expect([...stored.keys()].sort()).toEqual([path, image]);
  files.clear();
  expect((await documentsOf(served, "en")).texts.locale).toBe("en");
  expect(stored.get(image)?.headers.get("Content-Type")).toBe("image/png");
});

test("what another wave left in the cache is deleted once the new one is there", async () => {
  const { served } = await serve();
  stored.set("/b/old/00.json", new Response("{}"));
  await storeDocuments(served);
  expect(stored.has("/b/old/00.json")).toBe(false);
});

test("a picture with another hash than its name is not stored, and the kit is not ready", async () => {
  const { served, image } = await serve("pear");
  await expect(storeDocuments(served)).rejects.toThrow("network");
  expect(stored.has(image)).toBe(false);
});

test.each(["{}", "<p>Sign in</p>"])("a cached copy that does not match the pin is deleted and fetched once more: %s", async (copy) => {
  const { served, path } = await serve();
  stored.set(path, new Response(copy));
  expect((await documentsOf(served, "en")).texts.locale).toBe("en");
  expect(stored.has(path)).toBe(false);
});

test("without a network a cached copy that does not match is refused, and nothing of it is used", async () => {
  const { served, path } = await serve();
  stored.set(path, new Response("{}"));
  files.set(path, "lost");
  await expect(documentsOf(served, "en")).rejects.toThrow("network");
});

test("a wave is open, closed, or unknown where the host cannot be reached; the cache is not asked", async () => {
  const { served, path } = await serve();
  await storeDocuments(served);
  expect(await isOpen(served, "en")).toBe(true);
  files.delete(path);
  expect(await isOpen(served, "en")).toBe(false);
  for (const away of ["lost", "portal"]) {
    files.set(path, away);
    expect([away, await isOpen(served, "en")]).toEqual([away, undefined]);
  }
});

test("forgetting deletes the cache of this study's documents and no other", async () => {
  await forgetDocuments(STUDY);
  expect(deleted).toEqual([`kit-${STUDY}-documents`]);
});
