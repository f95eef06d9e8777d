import { expect, test } from "vitest";
import { fromBase64url, toBase64url, toHex } from "../../documents/bytes";

test("base64url survives a round trip for every length up to 40", () => {
  for (let size = 0; size <= 40; size++) {
    const data = crypto.getRandomValues(new Uint8Array(size));
    expect(fromBase64url(toBase64url(data))).toEqual(data);
  }
});

test.each(["A", "AAA=", "AB", "A+", "A/", "AA AA", "AB\n"])("%j is refused as base64url", (text) => {
  expect(fromBase64url(text)).toBeNull();
});

test("hex keeps leading zeros", () => {
  expect(toHex(Uint8Array.of(0, 1, 255))).toBe("0001ff");
});
