// The phone's cryptographic generator with given bytes, for vectors that hold its draws.

import { vi } from "vitest";

/** Has the phone's generator give these bytes in turn. */
export function drawn(...parts: Uint8Array[]): void {
  vi.spyOn(crypto, "getRandomValues").mockImplementation((into) => {
    const next = parts.shift();
    if (!next || !(into instanceof Uint8Array) || next.length !== into.length) throw new Error("another draw");
    into.set(next);
    return into;
  });
}
