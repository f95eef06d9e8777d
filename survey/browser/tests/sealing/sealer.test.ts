import { XWing } from "@hpke/hybridkem-x-wing";
import { afterEach, expect, test, vi } from "vitest";
import { concat, sha256, toHex, utf8 } from "../../documents/bytes";
import { type HpkeLibrary, Sealer } from "../../sealing/sealer";
import { hpkeSuite, librarySeal } from "../../sealing/hpke_library";
import { isNativeRight, KNOWN_ANSWER, KNOWN_MESSAGE, KNOWN_TEXT, sealedUnder } from "../../sealing/hpke_native";
import { fromHex, vector, zeros } from "../vectors";

// Node 20 has no X-Wing: here is a browser that cannot seal by itself. Those that can are asked in tests/browser.
const { keys: [first] } = vector<{ keys: { seed: string; public_key: string }[] }>("envelope.json");
const { seed, public_key } = first as { seed: string; public_key: string };
const [info, text] = [utf8("info"), utf8("answers")];

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Returns what the holder of the key finds in a seal. */
async function opened(sealed: Uint8Array<ArrayBuffer>): Promise<string> {
  const suite = hpkeSuite();
  const recipientKey = await suite.kem.deserializePrivateKey(fromHex(seed));
  const plaintext = await suite.open({ recipientKey, info, enc: sealed.slice(0, 1120) }, sealed.slice(1120));
  return toHex(new Uint8Array(plaintext));
}

test("the known answer is the library's too: of what it makes of the known text under the secret of a key of zeros", async () => {
  const suite = hpkeSuite();
  const recipientKey = await suite.kem.deserializePrivateKey(zeros(32));
  const { publicKey: recipientPublicKey } = await new XWing().generateKeyPairDerand(zeros(32));
  const info = await suite.kem.serializePublicKey(recipientPublicKey);
  const sharedSecret = await suite.kem.decap({ recipientKey, enc: KNOWN_MESSAGE });
  suite.kem.encap = async () => ({ sharedSecret, enc: KNOWN_MESSAGE.buffer });
  const { ct } = await suite.seal({ recipientPublicKey, info }, KNOWN_TEXT);
  expect(KNOWN_TEXT.length).toBeGreaterThanOrEqual(1024);
  expect(toHex(await sha256(new Uint8Array(ct)))).toBe(KNOWN_ANSWER);
  const plaintext = await suite.open({ recipientKey, info, enc: KNOWN_MESSAGE }, ct);
  expect(toHex(new Uint8Array(plaintext))).toBe(toHex(KNOWN_TEXT));
});

test("a browser that cannot seal is not right, and seals with the library, which is loaded once", async () => {
  await expect(isNativeRight()).rejects.toThrow();
  const load = vi.fn(async (): Promise<HpkeLibrary> => ({ librarySeal }));
  const sealer = new Sealer(load);
  await Promise.all([sealer.ready(), sealer.ready()]);
  expect(await opened(await sealer.seal(fromHex(public_key), info, text))).toBe(toHex(text));
  expect(load).toHaveBeenCalledTimes(1);
});

test("a library that does not come is asked for again when it is needed again", async () => {
  const load = vi.fn<() => Promise<HpkeLibrary>>().mockRejectedValueOnce(new Error("lost")).mockResolvedValue({ librarySeal });
  const sealer = new Sealer(load);
  await expect(sealer.ready()).rejects.toThrow("lost");
  await sealer.ready();
  expect(await opened(await sealer.seal(fromHex(public_key), info, text))).toBe(toHex(text));
  expect(load).toHaveBeenCalledTimes(2);
});

test("a browser that never answers whether it can seal is given three seconds, and no more", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("crypto", { subtle: { importKey: () => new Promise(() => undefined) } });
  const load = vi.fn(async (): Promise<HpkeLibrary> => ({ librarySeal }));
  const ready = vi.fn();
  void new Sealer(load).ready().then(ready);
  await vi.advanceTimersByTimeAsync(2999);
  expect([load, ready].map((one) => one.mock.calls.length)).toEqual([0, 0]);
  await vi.advanceTimersByTimeAsync(1);
  expect([load, ready].map((one) => one.mock.calls.length)).toEqual([1, 1]);
});

test("a seal is as long as its text, the KEM's message and a tag", async () => {
  const sealed = await librarySeal(fromHex(public_key), info, concat(text, text));
  expect(sealed.length).toBe(1120 + 2 * text.length + 16);
});

test("where the browser's cipher does not take its key, the key and the secret it came from are wiped all the same", async () => {
  const [shared, key] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  vi.stubGlobal("crypto", { subtle: {
    sign: async () => new ArrayBuffer(32),
    deriveBits: async () => key.buffer,
    importKey: async (format: string) => {
      if (format === "raw-secret") throw new Error("no such cipher");
    },
  } });
  await expect(sealedUnder(shared, info, text)).rejects.toThrow("no such cipher");
  expect([shared, key].map(toHex)).toEqual([zeros(32), zeros(32)].map(toHex));
});
