import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { expect, test, vi } from "vitest";
import { type Bytes, fromBase64url, toHex } from "../../documents/bytes";
import type { FetchedToken } from "../../sealing/fetched_token";
import { isToken, openTabName, type TabContext, tabKey, tabName, type TokenRequest } from "../../sealing/tab_name";
import { zeros } from "../vectors";

vi.setConfig({ testTimeout: 30_000 });
const CODE = "4F7K0123ABCD89XZJ";
const PLACE: TabContext = { study: "market", pin: "A".repeat(32) };
const SECRETS = { places: [0, 2047, 1, 1024, 2, 3, 4, 5], u: zeros(32).fill(1), prefix: zeros(32).fill(2) };
const token: FetchedToken = { ...SECRETS, signature: zeros(256).fill(3) };
const request: TokenRequest = { ...SECRETS, inverse: zeros(256).fill(4), blinded: zeros(256).fill(5) };

test.each([["token", token], ["request", request]] as const)("a %s comes back with its code, from a name of 850 signs", async (_, kept) => {
  const name = await tabName(kept, await tabKey(CODE), PLACE);
  expect([name.length, /^[\w-]+$/.test(name)]).toEqual([850, true]);
  const opened = await openTabName(name, CODE, PLACE);
  expect(opened?.kept).toEqual(kept);
  expect(isToken(opened?.kept as FetchedToken)).toBe("signature" in kept);
});

test("a name is salt 16, IV 12 and AES-256-GCM under PBKDF2 of the code, with 2^17 rounds, bound to study and pin", async () => {
  const bytes = Buffer.from(fromBase64url(await tabName(token, await tabKey(CODE), PLACE)) as Bytes);
  const key = pbkdf2Sync(CODE, bytes.subarray(0, 16), 131_072, 32, "sha256");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(16, 28));
  decipher.setAAD(Buffer.from(`sotto tab v2\0market\0${PLACE.pin}`));
  decipher.setAuthTag(bytes.subarray(-16));
  const plaintext = Buffer.concat([decipher.update(bytes.subarray(28, -16)), decipher.final()]);
  const places = "000007ff000104000002000300040005";
  expect(plaintext.toString("hex")).toBe(
    `01${places}${"01".repeat(32)}${"02".repeat(32)}${"03".repeat(256)}${"00".repeat(256)}`);
});

test("another code, study or pin, a changed sign and what is no such name give null alike", async () => {
  const name = await tabName(token, await tabKey(CODE), PLACE);
  expect(await openTabName(name, "0000000000000000Z", PLACE)).toBeNull();
  expect(await openTabName(name, CODE, { ...PLACE, study: "other" })).toBeNull();
  expect(await openTabName(name, CODE, { ...PLACE, pin: "B".repeat(32) })).toBeNull();
  for (const at of [0, 30, 60, 400, 845]) {
    const changed = name.slice(0, at) + (name[at] === "A" ? "B" : "A") + name.slice(at + 1);
    expect(await openTabName(changed, CODE, PLACE)).toBeNull();
  }
  for (const text of ["", "kept", name.slice(4), `${name}AAAA`, `{${name}}`]) expect(await openTabName(text, CODE, PLACE)).toBeNull();
});

test("two names of one token under one key have nothing in common but their salt", async () => {
  const key = await tabKey(CODE);
  const [one, other] = [await tabName(token, key, PLACE), await tabName(token, key, PLACE)].map((name) => toHex(fromBase64url(name) as Bytes));
  expect([one?.slice(0, 32) === other?.slice(0, 32), one?.slice(32, 64) === other?.slice(32, 64)]).toEqual([true, false]);
});
