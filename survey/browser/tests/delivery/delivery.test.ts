import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeliveryOutcome, SealedAnswer, Transport } from "../../delivery/contract";
import { Delivery, type DeliveryObserver } from "../../delivery/delivery";
import { type Bytes, sha256, toHex, utf8 } from "../../documents/bytes";
import { librarySeal as hpke } from "../../sealing/hpke_library";
import { fromHex, open, vector, zeros } from "../vectors";

const key = vector<{ keys: { seed: string; public_key: string }[] }>("envelope.json").keys[0] as { seed: string; public_key: string };
const recipient = { study: "s", key: fromHex(key.public_key), manifestHash: zeros(32), plaintextSize: 256 };

let events: string[];
let bodies: string[];
let payloads: number;
let delivery: Delivery;

const observer: DeliveryObserver = {
  stage: (stage) => events.push(stage),
  failed: (failure, wait, next, of) => events.push(`${failure} ${wait === null ? "-" : "wait"} ${next}/${of}`),
  countdown: () => undefined,
  finished: (result, receipt) => events.push(`${result} ${receipt.length}`),
};

/** Starts sending over a transport that answers with `outcomes` in turn, and then that it is stored. */
async function send(...outcomes: (DeliveryOutcome | Promise<DeliveryOutcome>)[]): Promise<void> {
  const transport: Transport = {
    deliver: async (sealed: SealedAnswer) => {
      bodies.push(toHex(sealed.body));
      expect(sealed.receipt).toBe(toHex(await sha256(sealed.envelope)));
      return outcomes.shift() ?? { result: "stored" };
    },
  };
  const payload = (): Bytes => {
    payloads++;
    return utf8("answers");
  };
  delivery = new Delivery(transport, { hpke, recipient, payload }, observer);
  await delivery.send();
}

const FAULT: DeliveryOutcome = { result: "not-stored" };
/** Lets the countdown and the try behind it run. */
async function later(seconds: number): Promise<void> {
  const before = bodies.length;
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  await vi.waitFor(() => expect(events.at(-1)).not.toMatch(/^sending/), { interval: 1 });
  expect(bodies.length - before).toBeLessThanOrEqual(1);
}

beforeEach(() => {
  [events, bodies, payloads] = [[], [], 0];
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("requestAnimationFrame", (done: () => void) => setTimeout(done));
});

afterEach(() => {
  delivery.forget();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what is handed in opens with the key and says what was answered", async () => {
  await send();
  const opener = { seed: fromHex(key.seed), slug: "s", manifestHash: zeros(32), t: zeros(32), c: zeros(32), plaintextSize: 256 };
  const envelope = fromHex(bodies[0] as string).slice(353);
  expect(await open(opener, recipient.key, envelope)).toEqual(utf8("answers"));
  expect(events).toEqual(["sending-lock", "sending-way", "stored 64"]);
});

test("after a fault it tries again by itself, with the same bytes and one payload", async () => {
  await send(FAULT, { result: "unconfirmed" });
  expect(events.at(-1)).toBe("not-stored wait 2/5");
  await later(7);
  expect(events.at(-1)).toBe("unconfirmed wait 3/5");
  await later(19);
  expect(events.at(-1)).toBe("stored 64");
  expect([bodies.length, new Set(bodies).size, payloads]).toEqual([3, 1, 1]);
});

test("after five tries it waits for the person, who can still try", async () => {
  await send(...Array<DeliveryOutcome>(5).fill(FAULT));
  for (const longest of [7, 19, 38, 75]) await later(longest);
  expect([bodies.length, events.at(-1)]).toEqual([5, "not-stored - 6/5"]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(bodies.length).toBe(5);
  await delivery.send();
  expect([events.at(-1), new Set(bodies).size]).toEqual(["stored 64", 1]);
});

test("who presses stop is not tried for any more", async () => {
  await send(FAULT);
  delivery.stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect([bodies.length, events.at(-1)]).toEqual([1, "not-stored - 2/5"]);
});

test("pressing try again counts as a try and ends the countdown", async () => {
  await send(FAULT, FAULT);
  await delivery.send();
  expect([bodies.length, events.at(-1)]).toEqual([2, "not-stored wait 3/5"]);
  await later(19);
  expect([bodies.length, events.at(-1)]).toEqual([3, "stored 64"]);
});

test.each<[DeliveryOutcome["result"]]>([["closed"], ["refused"], ["queued"]])("%s is the last word: nothing is tried again", async (result) => {
  await send({ result });
  await vi.advanceTimersByTimeAsync(600_000);
  expect([bodies.length, events.at(-1)]).toEqual([1, `${result} 64`]);
});

test("a server that asks for a long wait leaves it to the person", async () => {
  await send({ result: "full", retryAfter: 3600 });
  expect(events.at(-1)).toBe("full - 2/5");
});

test("who leaves during the countdown, or while it is under way, hears nothing more", async () => {
  await send(FAULT);
  delivery.forget();
  await vi.advanceTimersByTimeAsync(600_000);
  expect([bodies.length, events.at(-1)]).toEqual([1, "not-stored wait 2/5"]);
  let settle: (outcome: DeliveryOutcome) => void = () => undefined;
  const sending = send(new Promise((done) => { settle = done; }));
  await vi.waitFor(() => expect(bodies.length).toBe(2), { interval: 1 });
  delivery.forget();
  settle({ result: "stored" });
  await sending;
  expect(events.at(-1)).toBe("sending-way");
});

test("a phone that cannot seal says so, hands in nothing and can be asked again", async () => {
  const broken = { ...recipient, key: zeros(3) };
  const transport = { deliver: () => Promise.reject(new Error("never")) };
  delivery = new Delivery(transport, { hpke, recipient: broken, payload: () => { payloads++; return utf8("a"); } }, observer);
  await delivery.send();
  await delivery.send();
  expect([events.filter((one) => one.startsWith("seal")), payloads]).toEqual([["seal-failed - 1/5", "seal-failed - 1/5"], 1]);
});
