import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Bytes, sha256, toHex, utf8 } from "../../documents/bytes";
import type { Texts } from "../../documents/documents";
import { fetchMedia, Media } from "../../pinned/media";
import { smallTexts } from "../vectors";

const hashOf = async (data: Bytes): Promise<string> => toHex(await sha256(data));
const never = new AbortController().signal;

let files: Map<string, Bytes>;
let requests: string[];

beforeEach(() => {
  [files, requests] = [new Map(), []];
  vi.stubGlobal("fetch", async (path: string) => {
    requests.push(path);
    const file = files.get(path);
    return new Response(file ?? null, { status: file ? 200 : 404, headers: { "Content-Type": "image/png" } });
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Serves `text` under its hash, and returns that. */
async function serve(text: string): Promise<string> {
  const hash = await hashOf(utf8(text));
  files.set(`/m/${hash}`, utf8(text));
  return hash;
}

test("a file comes under its own hash, with its type", async () => {
  const file = await fetchMedia(await serve("apple"), never);
  expect([await file?.text(), file?.type]).toEqual(["apple", "image/png"]);
});

test("a picture that fails is asked for once more before the next, whoever looks at it", async () => {
  const [first, second] = await Promise.all([hashOf(utf8("lost")), serve("there")]);
  const item = { text: "?", options: {}, pictures: { 1: first, 2: second } };
  const media = new Media(never);
  media.fetchAll({ ...smallTexts(), items: { FRUIT: item } });
  expect([await media.get(first), await (await media.get(second))?.text()]).toEqual([null, "there"]);
  expect(requests).toEqual([first, first, second].map((hash) => `/m/${hash}`));
});

test("another file under that hash, and none, are null alike", async () => {
  const hash = await serve("apple");
  files.set(`/m/${hash}`, utf8("pear"));
  expect(await fetchMedia(hash, never)).toBeNull();
  files.clear();
  expect(await fetchMedia(hash, never)).toBeNull();
});

test.each(["", "abc", "A".repeat(64), `../${"a".repeat(61)}`])("%j is no hash, and nothing is requested", async (name) => {
  expect([await fetchMedia(name, never), requests]).toEqual([null, []]);
});

test("every picture is requested once and in the order of the texts, whichever is asked for", async () => {
  const hashes = await Promise.all(["one", "two", "three"].map(serve));
  const [first, second, third] = hashes as [string, string, string];
  const item = (pictures: Record<string, string>) => ({ text: "?", options: {}, pictures });
  const texts: Texts = { ...smallTexts(), items: { FRUIT: item({ 1: first, 2: second }), MEAL: item({ 1: third, 2: third }) } };
  const media = new Media(never);
  media.fetchAll(texts);
  expect(await (await media.get(third))?.text()).toBe("three");
  expect([...new Set(requests)]).toEqual(hashes.map((hash) => `/m/${hash}`));
  const before = requests.length;
  media.fetchAll(texts);
  await media.get(third);
  expect(requests.length).toBe(before);
});

test("after forgetting no picture is left, and one that no text names never is", async () => {
  const hash = await serve("apple");
  const media = new Media(never);
  media.fetchAll({ ...smallTexts(), items: { FRUIT: { text: "?", options: {}, pictures: { 1: hash } } } });
  expect(await media.get("0".repeat(64))).toBeNull();
  media.forget();
  expect(await media.get(hash)).toBeNull();
});
