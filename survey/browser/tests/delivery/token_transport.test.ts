import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { DeliveryOutcome, DeliveryStage, SealedAnswer, Transport } from "../../delivery/contract";
import { checkCode } from "../../delivery/issuer";
import { TokenTransport } from "../../delivery/token_transport";
import { type Bytes, fromBase64url, sha256, toHex } from "../../documents/bytes";
import { SUITE } from "../../sealing/token";
import { zeros } from "../vectors";

const CODE = "4F7K0000000000000";
const sealed = async (): Promise<SealedAnswer> => {
  const envelope = Uint8Array.of(7, 8, 9);
  return { envelope, body: Uint8Array.of(1), receipt: toHex(await sha256(envelope)) };
};

let server: Server;
let privateKey: CryptoKey;
let modulus: Bytes;
let requests: { url: string; headers: IncomingMessage["headers"]; body: string }[];
let replies: (number | "lost" | "garbage")[];
let delivered: string[];
let outcomes: DeliveryOutcome[];
let stages: DeliveryStage[];

const transport: Transport = {
  deliver: async ({ body }) => {
    delivered.push(toHex(body));
    return outcomes.shift() ?? { result: "stored" };
  },
};

beforeAll(async () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 65537 });
  const jwk = { ...pair.privateKey.export({ format: "jwk" }), alg: "PS384" };
  privateKey = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, true, ["sign"]);
  modulus = fromBase64url(jwk.n ?? "") as Bytes;
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      requests.push({ url: request.url ?? "", headers: request.headers, body: body.toString("hex") });
      const reply = replies.shift() ?? 200;
      if (reply === "lost") return request.socket.destroy();
      if (reply === "garbage") return response.writeHead(200).end(Buffer.alloc(256, 1));
      if (reply !== 200) return response.writeHead(reply, { "Retry-After": "7" }).end();
      return void SUITE.blindSign(privateKey, new Uint8Array(body.subarray(18))).then((signed) => {
        response.writeHead(200).end(Buffer.from(signed));
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => new Promise((done) => server.close(done)));

beforeEach(() => {
  [requests, replies, delivered, outcomes, stages] = [[], [], [], [], []];
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const real = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => real(base + url, init));
});
afterEach(() => vi.unstubAllGlobals());

const tokenTransport = (): TokenTransport => new TokenTransport({ study: "small", key: zeros(1216), issuer: modulus, transport }, CODE);
const deliver = async (token: TokenTransport): Promise<DeliveryOutcome> =>
  token.deliver(await sealed(), new AbortController().signal, (stage) => stages.push(stage));

test("a token is fetched, verified and handed in with the tag that the seal was bound to", async () => {
  const token = tokenTransport();
  const tag = toHex(await token.tag());
  expect(toHex(await token.tag())).toBe(tag);
  expect(await deliver(token)).toEqual({ result: "stored" });
  expect(requests.map(({ url, body }) => [url, body.length / 2])).toEqual([["/t/small", 1 + 17 + 256]]);
  expect(requests[0]?.body.slice(0, 36)).toBe(`01${Buffer.from(CODE).toString("hex")}`);
  expect([delivered.length, delivered[0]?.length, delivered[0]?.slice(2, 66)]).toEqual([1, 2 * (1 + 352 + 3), tag]);
  expect(stages).toEqual(["invite-way"]);
});

test("a lost answer is asked for again with the same blinded bytes, and one body is handed in every time", async () => {
  const token = tokenTransport();
  await token.tag();
  replies = ["lost", 503, "garbage", 200];
  outcomes = [{ result: "unconfirmed" }, { result: "not-stored" }];
  const results: DeliveryOutcome[] = [];
  for (let n = 0; n < 6; n++) results.push(await deliver(token));
  expect(results.map(({ result }) => result)).toEqual(
    ["not-stored", "not-stored", "not-stored", "unconfirmed", "not-stored", "stored"],
  );
  expect(results[1]).toEqual({ result: "not-stored", retryAfter: 7 });
  expect([requests.length, new Set(requests.map(({ body }) => body)).size]).toEqual([4, 1]);
  expect([delivered.length, new Set(delivered).size]).toEqual([3, 1]);
});

test.each([[409, "used"], [410, "closed"], [404, "refused"], [500, "not-stored"], [400, "not-stored"]] as const)(
  "an issuer that answers %d: %s, and nothing is handed in", async (status, result) => {
    const token = tokenTransport();
    await token.tag();
    replies = [status];
    expect((await deliver(token)).result).toBe(result);
    expect(delivered).toEqual([]);
  },
);

test("after forgetting, only the withdrawal code is left; after dropping, nothing", async () => {
  const token = tokenTransport();
  const tag = await token.tag();
  await deliver(token);
  const code = token.withdrawalCode as number[];
  token.forget();
  expect([[...tag].every((byte) => byte === 0), token.withdrawalCode === code, code.length]).toEqual([true, true, 8]);
  token.forgetAll();
  expect([token.withdrawalCode, code.every((place) => place === 0)]).toEqual([null, true]);
});

test.each([[204, "good"], [404, "unknown"], [409, "used"], [410, "closed"], [500, "away"], [200, "away"], ["lost", "away"]] as const)(
  "a code that is answered %s is %s", async (reply, status) => {
    replies = [reply === 200 ? "garbage" : reply];
    expect(await checkCode("small", CODE, new AbortController().signal)).toBe(status);
    expect(requests.map(({ url, body }) => [url, body])).toEqual(
      [["/t/small/check", `01${Buffer.from(CODE).toString("hex")}`]],
    );
  },
);
