import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Challenge } from "altcha-lib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeliveryOutcome, DeliveryResult, DeliveryStage, SealedAnswer, Transport } from "../../delivery/contract";
import { solvedChallenge, WorkTransport } from "../../delivery/proof_of_work";
import { vector } from "../vectors";

interface Vectors {
  solved: { challenge: Challenge; counter: number; header: string }[];
  refused_by_phone: Record<string, unknown>;
}

const { solved, refused_by_phone: refused } = vector<Vectors>("work.json");
const [first, second] = solved as [Vectors["solved"][0], Vectors["solved"][0]];
const SEALED: SealedAnswer = { envelope: Uint8Array.of(7), body: Uint8Array.of(1, 7), receipt: "ab" };
const noAbort = (): AbortSignal => new AbortController().signal;

let server: Server;
let requests: { url: string | undefined; method: string | undefined; headers: IncomingMessage["headers"] }[];
let replies: (unknown | number | "lost")[];
let delivered: SealedAnswer[];
let results: DeliveryResult[];
let stages: DeliveryStage[];
let working: WorkTransport;

const transport: Transport = {
  deliver: async (sealed) => {
    delivered.push(sealed);
    return { result: results.shift() ?? "stored" };
  },
};

beforeEach(async () => {
  [requests, replies, delivered, results, stages] = [[], [], [], [], []];
  server = createServer(({ url, method, headers, socket }, response) => {
    requests.push({ url, method, headers });
    const reply = replies.length > 0 ? replies.shift() : first.challenge;
    if (reply === "lost") socket.destroy();
    else if (typeof reply === "number") response.writeHead(reply, { "Retry-After": "7" }).end();
    else response.writeHead(200).end(JSON.stringify(reply));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const real = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => real(base + url, init));
  working = new WorkTransport("market", transport);
});
afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});

const deliver = (signal = noAbort()): Promise<DeliveryOutcome> => working.deliver(SEALED, signal, (stage) => stages.push(stage));
const works = (): (string | undefined)[] => delivered.map(({ work }) => work);

test.each(solved)("a challenge made by Python is solved to its header, byte for byte ($counter tries)", async (one) => {
  expect(await solvedChallenge(one.challenge, noAbort())).toBe(one.header);
});

test("the header holds the challenge, the try and the key, and not how long it took", async () => {
  const sent = JSON.parse(atob((await solvedChallenge(first.challenge, noAbort())) as string));
  expect(sent.challenge).toEqual(first.challenge);
  expect(Object.keys(sent.solution)).toEqual(["counter", "derivedKey"]);
});

test.each(Object.entries(refused))("no phone works on this: %s", async (_, challenge) => {
  await expect(solvedChallenge(challenge as Challenge, noAbort())).rejects.toThrow();
  replies = [challenge];
  expect([await deliver(), delivered]).toEqual([{ result: "not-stored" }, []]);
});

test("who leaves ends the sum, and nothing is handed in or said afterwards", async () => {
  const [gone, hard] = [new AbortController(), structuredClone(first.challenge)];
  hard.parameters.keyPrefix = "00".repeat(16);
  replies = [hard];
  const outcome = deliver(gone.signal);
  await vi.waitFor(() => expect(requests.length).toBe(1));
  await new Promise((done) => setTimeout(done, 30));
  gone.abort();
  expect([await outcome, delivered, stages]).toEqual([{ result: "not-stored" }, [], ["work-sum"]]);
  expect(await solvedChallenge(first.challenge, gone.signal)).toBeNull();
});

test("one challenge is fetched, solved, and handed in beside the same body", async () => {
  expect(await deliver()).toEqual({ result: "stored" });
  expect(requests.map(({ url, method }) => [method, url])).toEqual([["GET", "/s/market/work"]]);
  expect([requests[0]?.headers.cookie, requests[0]?.headers.referer]).toEqual([undefined, undefined]);
  expect(delivered).toEqual([{ ...SEALED, work: first.header }]);
  expect(stages).toEqual(["work-sum", "sending-way"]);
});

test("no reply and no room keep the work; a refusal costs another challenge, for the same body", async () => {
  results = ["unconfirmed", "full", "not-stored", "stored"];
  replies = [first.challenge, second.challenge];
  for (let n = 0; n < 4; n++) await deliver();
  expect(works()).toEqual([first.header, first.header, first.header, second.header]);
  expect([requests.length, new Set(delivered.map(({ body }) => body)).size]).toEqual([2, 1]);
});

test("another body never goes with the work of the one before", async () => {
  results = ["unconfirmed", "stored"];
  replies = [first.challenge, second.challenge];
  await deliver();
  await working.deliver({ ...SEALED, receipt: "cd" }, noAbort());
  expect(works()).toEqual([first.header, second.header]);
});

test.each([["lost", {}], [503, { retryAfter: 7 }], [404, { retryAfter: 7 }], ["no JSON object", {}]])(
  "a challenge that does not come (%s) is not stored, and never unconfirmed", async (reply, more) => {
    replies = [reply];
    expect([await deliver(), delivered]).toEqual([{ result: "not-stored", ...more }, []]);
  },
);

test("after forgetting, the next try asks again", async () => {
  results = ["unconfirmed"];
  await deliver();
  working.forget();
  await deliver();
  expect(requests.length).toBe(2);
});
