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
      else if (reply !== "silent" && reply.text === "cut") {
        response.writeHead(reply.status, { "Content-Length": 64 }).write("400 Bad", () => request.socket.destroy());
      } else if (reply !== "silent") {
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

const own = (says: string): string => `${says}\n`.padEnd(64);

test.each(["", "0".repeat(64), "stored"])("201 with %j leaves it open whether the answer is stored", async (text) => {
  for (const body of [text, own(text || "Created")]) {
    expect([body, await deliver({ status: 201, text: body })]).toEqual([body, { result: "unconfirmed" }]);
  }
});

// Of 407 and 421 a fetch says nothing at all: they end like a lost connection.
const STATUSES = [200, 400, 401, 403, 404, 408, 410, 413, 415, 418, 425, 428, 429, 451, 500, 502, 503, 504, 507, 511];
const SPOKEN_OF = [400, 410, 503, 507];

test.each([[410, "closed"], [400, "refused"]])("%d in the door's own form is %s", async (status, result) => {
  expect(await deliver({ status, text: own("These answers do not fit this survey.") })).toEqual({ result });
});

test.each(STATUSES)("%d in any other form leaves it open whether the answer arrived: it may have been said behind the door", async (status) => {
  for (const text of ["", "no", own("no").slice(1), "x".repeat(64)]) {
    expect([text, await deliver({ status, text })]).toEqual([text, { result: "unconfirmed" }]);
  }
});

test.each(STATUSES)("a network's own page under %d leaves it open too, and is named unless a front may have sent it", async (status) => {
  const named = status < 500 || status === 511 ? { portal: true } : {};
  const text = "<html><body>Please sign in</body></html>\n".padEnd(64);
  expect(await deliver({ status, text })).toEqual({ result: "unconfirmed", ...named });
});

test.each(STATUSES.filter((status) => !SPOKEN_OF.includes(status)))(
  "%d in the door's own form is not stored, and not final", async (status) => {
    expect(await deliver({ status, text: own(`${status} Some Reason`) })).toEqual({ result: "not-stored" });
  },
);

test.each([503, 507])("%d in the door's own form is full", async (status) => {
  expect(await deliver({ status, text: own(`${status} Some Reason`) })).toEqual({ result: "full" });
});

test("a refusal whose end is lost on the way leaves it open whether the answer arrived", async () => {
  expect(await deliver({ status: 400, text: "cut" })).toEqual({ result: "unconfirmed" });
});

test.each([["7", 7], ["0", 0], ["86400", 86400]])("Retry-After %s is %d seconds", async (after, seconds) => {
  expect(await deliver({ status: 503, after })).toEqual({ result: "unconfirmed", retryAfter: seconds });
  expect(await deliver({ status: 503, after, text: own("503") })).toEqual({ result: "full", retryAfter: seconds });
});

test.each(["soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])("Retry-After %j is passed over", async (after) => {
  expect(await deliver({ status: 503, after })).toEqual({ result: "unconfirmed" });
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
