// What the desk's script makes of the server's options and of a browser's credential.
import { expect, test, vi } from "vitest";

vi.stubGlobal("window", {});
const { sent, withBytes } = await import("../../desk/passkeys");

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);

test("challenge, person and devices become bytes, whatever signs of base64url stand in them", () => {
  const made = withBytes({ challenge: "-_8", rp: { id: "localhost" }, user: { id: "AQI", name: "mei" }, excludeCredentials: [{ id: "Aw", type: "public-key" }] });
  expect(made).toEqual({
    challenge: bytes(251, 255), rp: { id: "localhost" }, user: { id: bytes(1, 2), name: "mei" }, excludeCredentials: [{ id: bytes(3), type: "public-key" }],
  });
});

test("options to sign in name no device where the server names none", () => {
  expect(withBytes({ challenge: "AA", rpId: "localhost" })).toEqual({ challenge: bytes(0), rpId: "localhost", allowCredentials: [] });
});

test("a credential is sent with the parts that it has, in base64url without padding", () => {
  const response = { clientDataJSON: bytes(251, 255).buffer, signature: bytes(1).buffer, userHandle: null };
  const credential = { id: "-_8", rawId: bytes(251, 255).buffer, type: "public-key", response } as unknown as PublicKeyCredential;
  expect(JSON.parse(sent(credential))).toEqual({
    id: "-_8", rawId: "-_8", type: "public-key", clientExtensionResults: {}, response: { clientDataJSON: "-_8", signature: "AQ" },
  });
});
