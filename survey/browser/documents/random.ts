// Fair draws for the order of options and pairs, from the phone's cryptographic generator.

export type Draw = () => number;

/** Draws a uniform integer of 32 bits. */
export const draw32: Draw = () => crypto.getRandomValues(new Uint32Array(1))[0] as number;

/** Draws a uniform integer in 0..n-1, 1 <= n <= 2^32; values that would favour the small ones are drawn again. */
export function below(n: number, draw: Draw = draw32): number {
  const fair = 2 ** 32 - (2 ** 32 % n);
  for (;;) {
    const value = draw();
    if (value < fair) return value % n;
  }
}

/** Returns `list` in a uniformly drawn order (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], draw: Draw = draw32): T[] {
  const out = list.slice();
  for (let last = out.length - 1; last > 0; last--) {
    const other = below(last + 1, draw);
    [out[last], out[other]] = [out[other] as T, out[last] as T];
  }
  return out;
}
