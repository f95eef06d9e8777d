import { constants, generateKeyPairSync, privateEncrypt } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Redemption } from "../../delivery/redemption";
import { type Bytes, concat, fromBase64url, toHex } from "../../documents/bytes";
import { verifies } from "../../sealing/blind_rsa";
import { type FetchedToken, sealingWith } from "../../sealing/fetched_token";
import { keyId, studyId } from "../../sealing/ids";
import { ownerOf, ownerSecret, sealCommitment } from "../../sealing/owner";
import type { TokenRequest } from "../../sealing/tab_name";
import { issuerKey, tokenMessage } from "../../sealing/token";
import { zeros } from "../vectors";

const CODE = "4F7K0000000000000";
// Blinding is big numbers in JavaScript: a third of a second of an idle core.
vi.setConfig({ testTimeout: 30_000 });

let server: Server;
let modulus: Bytes;
let requests: { url: string; headers: IncomingMessage["headers"]; body: string }[];
let replies: (number | "lost" | "garbage" | { foreign: number; words?: string })[];

beforeAll(async () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 65537 });
  modulus = fromBase64url(pair.publicKey.export({ format: "jwk" }).n ?? "") as Bytes;
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      requests.push({ url: request.url ?? "", headers: request.headers, body: body.toString("hex") });
      const reply = replies.shift() ?? 200;
      if (reply === "lost") return void request.socket.destroy();
      if (reply === "garbage") return void response.writeHead(200).end(Buffer.alloc(256, 1));
      if (typeof reply === "object") return void response.writeHead(reply.foreign).end(reply.words ?? "<p>Please sign in</p>\n".padEnd(250));
      if (reply !== 200) return void response.writeHead(reply, { "Retry-After": "7" }).end(`${reply} Reason\n`.padEnd(256));
      const raw = { key: pair.privateKey, padding: constants.RSA_NO_PADDING };
      response.writeHead(200).end(privateEncrypt(raw, body.subarray(18)));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => new Promise((done) => server.close(done)));

beforeEach(() => {
  [requests, replies] = [[], []];
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const real = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => real(base + url, init));
});
afterEach(() => vi.unstubAllGlobals());

const redemption = (): Redemption => new Redemption({ study: "small", key: zeros(1216), issuer: modulus }, CODE);
const redeem = (one: Redemption) => one.redeem(new AbortController().signal);

test("a code is redeemed by one request that holds it and a blinded message, and the token verifies", async () => {
  const token = (await redeem(redemption())) as FetchedToken;
  expect(requests.map(({ url, body }) => [url, body.length / 2])).toEqual([["/t/small", 1 + 17 + 256]]);
  expect(requests[0]?.body.slice(0, 36)).toBe(`02${Buffer.from(CODE).toString("hex")}`);
  const ids = [await studyId("small"), await keyId(zeros(1216))] as const;
  const { t } = await ownerOf(await ownerSecret(token.places, ...ids));
  const signed = concat(token.prefix, tokenMessage(...ids, t, await sealCommitment(token.u)));
  expect(await verifies((await issuerKey(modulus)).verifier, token.signature, signed)).toBe(true);
});

test("what is sealed under a token has its row key and u, and its body begins with t, c, prefix and signature", async () => {
  const token = (await redeem(redemption())) as FetchedToken;
  const ids = [await studyId("small"), await keyId(zeros(1216))] as const;
  const { t, rowKey } = await ownerOf(await ownerSecret(token.places, ...ids));
  const sealing = await sealingWith(token, ...ids);
  const head = concat(t, await sealCommitment(token.u), token.prefix, token.signature);
  expect([toHex(sealing.rowKey), toHex(sealing.u), toHex(sealing.head)]).toEqual([toHex(rowKey), toHex(token.u), toHex(head)]);
});

test("a lost or bad reply is asked for again with the same bytes, and gives the same token", async () => {
  const one = redemption();
  replies = ["lost", 503, "garbage", 200, 200];
  const results: unknown[] = [];
  for (let n = 0; n < 5; n++) results.push(await redeem(one));
  expect(results.slice(0, 3)).toEqual(["away", "away", "away"]);
  expect(results[4]).toEqual(results[3]);
  expect([requests.length, new Set(requests.map(({ body }) => body)).size]).toEqual([5, 1]);
});

test("the request is given to be kept before it is sent, and a redemption made of it sends the same bytes", async () => {
  const kept: TokenRequest[] = [];
  const keep = async (request: TokenRequest): Promise<void> => {
    expect(requests.length).toBe(kept.length);
    kept.push(request);
  };
  replies = ["lost", 200];
  expect(await redemption().redeem(new AbortController().signal, keep)).toBe("away");
  const again = new Redemption({ study: "small", key: zeros(1216), issuer: modulus }, CODE, kept[0]);
  const token = (await again.redeem(new AbortController().signal, keep)) as FetchedToken;
  expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  expect(kept[1]).toEqual(kept[0]);
  expect([token.places, toHex(token.u), toHex(token.prefix)])
    .toEqual([kept[0]?.places, toHex(kept[0]?.u as Bytes), toHex(kept[0]?.prefix as Bytes)]);
});

test("two redemptions share neither secrets nor message", async () => {
  const tokens = [await redeem(redemption()), await redeem(redemption())] as FetchedToken[];
  for (const part of ["u", "prefix", "signature"] as const) {
    expect(new Set(tokens.map((token) => toHex(token[part]))).size).toBe(2);
  }
  expect(new Set(requests.map(({ body }) => body)).size).toBe(2);
});

test.each([
  ["a page with 200", { foreign: 200 }, "portal"], ["a page with 400", { foreign: 400 }, "portal"], ["a page with 403", { foreign: 403 }, "portal"],
  ["a page with 404", { foreign: 404 }, "portal"], ["a page with 409", { foreign: 409 }, "portal"], ["a page with 410", { foreign: 410 }, "portal"],
  ["a page with 451", { foreign: 451 }, "portal"], ["a page that asks for a sign-in", { foreign: 511 }, "portal"],
  ["a gateway's JSON", { foreign: 200, words: '{"code":401}' }, "portal"], ["nothing", { foreign: 200, words: "" }, "away"],
  ["a front without its host", { foreign: 502 }, "away"], ["words with 404", { foreign: 404, words: "Not Found" }, "away"],
] as const)("%s of anybody but the issuer says nothing of the code, which is sent again", async (_, foreign, status) => {
  const one = redemption();
  replies = [foreign, 200];
  expect(await redeem(one)).toBe(status);
  expect(typeof (await redeem(one))).toBe("object");
  expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
});

test.each([[409, "used"], [410, "closed"], [404, "unknown"], [500, "away"], [400, "away"], ["lost", "away"], ["garbage", "away"]] as const)(
  "an issuer that answers %s: %s, and no token", async (reply, status) => {
    replies = [reply];
    expect(await redeem(redemption())).toBe(status);
  },
);
