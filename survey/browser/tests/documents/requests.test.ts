import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { utf8 } from "../../documents/bytes";
import { ANONYMOUS } from "../../documents/lost_script";
import {
  DOCUMENT_MS, isOwnAbsence, isOwnReply, isPortal, loadScript, post, replyOf, retryAfterOf, textOf, withTimeout,
} from "../../documents/requests";
import { vector } from "../vectors";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Resolves to when its controller is aborted. */
const untilAborted = ({ signal }: AbortController): Promise<string> =>
  new Promise((done) => {
    if (signal.aborted) done("aborted");
    signal.addEventListener("abort", () => done("aborted"));
  });

test("no module spells the options of a request: each has ANONYMOUS or none of its own", () => {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
  const modules = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/^(?:tests|node_modules)\b/.test(path));
  const spelled = modules.filter((path) => /\b(?:credentials|referrerPolicy|redirect):/.test(readFileSync(join(root, path), "utf8")));
  expect(spelled).toEqual([join("documents", "lost_script.ts")]);
});

test("nothing of the person goes with a request: no cookie, no referrer, no cache, and no redirect is followed", () => {
  expect(ANONYMOUS).toEqual({ cache: "no-store", credentials: "omit", redirect: "manual", referrerPolicy: "no-referrer" });
});

test("a request is aborted when its time is over, not before", async () => {
  vi.useFakeTimers();
  const seen = vi.fn();
  void withTimeout(1000, null, untilAborted).then(seen);
  await vi.advanceTimersByTimeAsync(999);
  expect(seen).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toHaveBeenCalledWith("aborted");
});

test("a request is aborted when the person leaves, also before it began", async () => {
  const controller = new AbortController();
  const running = withTimeout(60_000, controller.signal, untilAborted);
  controller.abort();
  expect(await running).toBe("aborted");
  expect(await withTimeout(60_000, controller.signal, untilAborted)).toBe("aborted");
});

test("a request that has ended leaves no timer and no listener, whether it went well or not", async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
  expect(await withTimeout(60_000, signal, async () => 7)).toBe(7);
  await expect(withTimeout(60_000, signal, async () => { throw new Error("lost"); })).rejects.toThrow("lost");
  expect([vi.getTimerCount(), added.mock.calls.length, removed.mock.calls]).toEqual([0, 2, added.mock.calls]);
});

test.each([["7", { retryAfter: 7 }], ["0", { retryAfter: 0 }], ["1234567", {}], ["-1", {}], ["soon", {}]])(
  "Retry-After %j is %j", (value, expected) => {
    expect(retryAfterOf(new Response(null, { headers: { "Retry-After": value } }))).toEqual(expected);
  },
);

test("no reply, and one without the header, ask for no wait", () => {
  expect([retryAfterOf(null), retryAfterOf(new Response(null))]).toEqual([{}, {}]);
});

interface Replies {
  own: { says: string; size: number; body: string }[];
  foreign: { why: string; size: number; body: string }[];
}
const { own, foreign } = vector<Replies>("replies.json");
const reply = (body: string, status = 400) => ({ response: new Response(null, { status }), bytes: utf8(body) });

test.each(own)("the survey's own $says is known by its form", ({ body, size }) => {
  expect(isOwnReply(reply(body), size)).toBe(true);
  expect(isOwnReply(reply(body), size + 1)).toBe(false);
});

test.each(foreign)("$why: not the survey's own", ({ body, size }) => {
  expect(isOwnReply(reply(body), size)).toBe(false);
});

test("only a 404 in the survey's own words says that there is no such file", () => {
  const absent = (body: string, status: number): boolean => isOwnAbsence(reply(body, status));
  expect(absent("404 Not Found\n", 404)).toBe(true);
  expect([absent("404 Not Found\n", 403), absent("404 Not Found", 404), absent("", 404), absent("<h1>404 Not Found</h1>\n", 404)])
    .toEqual([false, false, false, false]);
});

test.each([
  ["a page", "<html>", 200, true], ["a page behind spaces", "\r\n <html>", 403, true], ["a page that asks for a sign-in", "<html>", 511, true],
  ["a front without its host", "<html>", 502, false], ["words", "Not Found", 404, false], ["nothing", "", 200, false],
] as const)("%s, %j with %d, is a network's own page: %s", (_, body, status, own) => {
  expect(isPortal(reply(body, status))).toBe(own);
});

test("a redirect, which no page of ours sends, is a network's own", () => {
  const redirect = Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
  expect(isPortal({ response: redirect, bytes: new Uint8Array() })).toBe(true);
});

test("a reply comes with its whole body; its options are those of all requests and the method's own", async () => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => new Response("body", { status: 201 }));
  vi.stubGlobal("fetch", fetched);
  const got = await replyOf("/x", 1000);
  expect([got.response.status, textOf(got.bytes)]).toEqual([201, "body"]);
  await post("/y", utf8("sent"), 1000, null, { "Sotto-Work": "e30=" });
  const [asked, sent] = fetched.mock.calls.map(([url, { signal, ...init }]) => ({ url, ...init }));
  expect(asked).toEqual({ url: "/x", ...ANONYMOUS });
  const headers = { "Content-Type": "application/octet-stream", "Sotto-Work": "e30=" };
  expect(sent).toEqual({ url: "/y", ...ANONYMOUS, method: "POST", body: utf8("sent"), headers });
});

/** A fetch whose headers, or whose body alone, never come; aborted, it rejects as browsers do. */
const hanging = (where: "headers" | "body") => async (_: string, { signal }: RequestInit): Promise<Response> => {
  const never = new Promise<never>((_done, fail) => signal?.addEventListener("abort", () => fail(new Error("aborted"))));
  return where === "headers" ? never : ({ status: 200, arrayBuffer: () => never } as unknown as Response);
};

test.each(["headers", "body"] as const)("a request whose %s never come ends when its time is over", async (where) => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", hanging(where));
  const ended = replyOf("/x", 5000).catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(4999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await ended).toBe("aborted");
});

const script = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

test("a script that fails is loaded once more, from an address that is not remembered as failed", async () => {
  const once = script("globalThis.tries = (globalThis.tries ?? 0) + 1; if (globalThis.tries < 2) throw 1; export const name = 'part';");
  expect((await loadScript<{ name: string }>(once)).name).toBe("part");
});

test("a script that fails twice is given up, and so is one that never comes", async () => {
  await expect(loadScript(script("throw new Error('no');"))).rejects.toThrow("no");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const ended = vi.fn();
  loadScript(script("await new Promise(() => {});")).catch(ended);
  await vi.advanceTimersByTimeAsync(2 * DOCUMENT_MS - 1);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalledTimes(1);
});
