import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SealedAnswer } from "../../delivery/contract";
import { httpTransport, MAX_TRIES, waitAfter } from "../../delivery/http_transport";
import { sha256, toHex } from "../../documents/bytes";
import { fromHex } from "../vectors";

type Reply = { status: number; text?: string; after?: string } | "lost" | "silent";

let server: Server;
let url: string;
let replies: Reply[];
let bodies: string[];
let works: (string | string[] | undefined)[];

beforeEach(async () => {
  [replies, bodies, works] = [[], [], []];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(Buffer.concat(parts).toString("hex"));
      works.push(request.headers["sotto-work"]);
      const reply = replies.shift() ?? { status: 500 };
      if (reply === "lost") request.socket.destroy();
      else if (reply !== "silent") {
        response.writeHead(reply.status, reply.after === undefined ? {} : { "Retry-After": reply.after }).end(reply.text);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s/study`;
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});

async function sealed(): Promise<SealedAnswer> {
  const [envelope, body] = [fromHex("0708"), fromHex("010708")];
  return { envelope, body, receipt: toHex(await sha256(envelope)) };
}

const deliver = async (...with_: Reply[]): Promise<unknown> => {
  replies = with_;
  return httpTransport(url).deliver(await sealed(), new AbortController().signal);
};

test("201 with the envelope's hash is stored, and the body is what was handed over", async () => {
  expect(await deliver({ status: 201, text: (await sealed()).receipt })).toEqual({ result: "stored" });
  expect([bodies, works]).toEqual([["010708"], [undefined]]);
});

test("work goes as a header beside the same body", async () => {
  replies = [{ status: 201, text: (await sealed()).receipt }];
  const outcome = await httpTransport(url).deliver({ ...(await sealed()), work: "e30=" }, new AbortController().signal);
  expect([outcome, bodies, works]).toEqual([{ result: "stored" }, ["010708"], ["e30="]]);
});

test.each(["", "0".repeat(64), "stored"])("201 with %j is not stored", async (text) => {
  expect(await deliver({ status: 201, text })).toEqual({ result: "not-stored" });
});

test.each([
  [200, "not-stored"], [410, "closed"], [503, "full"], [507, "full"], [500, "not-stored"], [502, "not-stored"],
  [408, "not-stored"], [428, "not-stored"], [429, "not-stored"], [400, "refused"], [403, "refused"], [404, "refused"], [413, "refused"],
  [415, "refused"],
])("%d is %s", async (status, result) => {
  expect(await deliver({ status })).toEqual({ result });
});

test.each([["7", 7], ["0", 0], ["86400", 86400]])("Retry-After %s is %d seconds", async (after, seconds) => {
  expect(await deliver({ status: 503, after })).toEqual({ result: "full", retryAfter: seconds });
});

test.each(["soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])("Retry-After %j is passed over", async (after) => {
  expect(await deliver({ status: 503, after })).toEqual({ result: "full" });
});

test("a connection that breaks after the body leaves it open whether it arrived", async () => {
  expect(await deliver("lost")).toEqual({ result: "unconfirmed" });
  expect(bodies).toEqual(["010708"]);
});

test("who leaves ends the request at once", async () => {
  replies = ["silent"];
  const gone = new AbortController();
  const outcome = httpTransport(url).deliver(await sealed(), gone.signal);
  gone.abort();
  expect(await outcome).toEqual({ result: "unconfirmed" });
});

test("a redirect is not followed: answers go to this host or nowhere", async () => {
  replies = [{ status: 307 }];
  expect((await httpTransport(url).deliver(await sealed(), new AbortController().signal)).result).not.toBe("stored");
  expect(bodies.length).toBe(1);
});

test("five tries by itself take about two minutes, with a quarter more or less", () => {
  const waits = (draw: number): (number | null)[] => [1, 2, 3, 4, 5].map((tries) => waitAfter(tries, 0, () => draw));
  expect(MAX_TRIES).toBe(5);
  expect(waits(0)).toEqual([4, 12, 23, 45, null]);
  expect(waits(2 ** 32 - 1)).toEqual([7, 19, 38, 75, null]);
});

test("what the server asks for is waited for, and a little longer; more than two minutes only when asked", () => {
  expect([waitAfter(1, 60, () => 0), waitAfter(1, 60, () => 2 ** 32 - 1), waitAfter(1, 121, () => 0)]).toEqual([60, 75, null]);
});
