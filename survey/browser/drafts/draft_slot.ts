// The one draft that may lie on this phone: whether there is one, until which day, and how it goes.

/** Says nothing of what it is; its value is the last day, a dot, and sealed bytes of one size. */
const NAME = "kept";
const DAY_MS = 86_400_000;

/** Returns today as a number of whole days (UTC): the only time that a draft knows. */
export const today = (): number => Math.floor(Date.now() / DAY_MS);

/** Returns the draft on this phone, whoever's and of whichever study; one that is past its day goes. */
export function kept(): string | null {
  try {
    const found = localStorage.getItem(NAME);
    if (found !== null && !(Number(/^(\d{1,7})\./.exec(found)?.[1] ?? -1) >= today())) drop();
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

/** Keeps a draft in place of another; false where the phone keeps nothing or has no room. */
export function keep(draft: string): boolean {
  try {
    localStorage.setItem(NAME, draft);
    return localStorage.getItem(NAME) === draft;
  } catch {
    return false;
  }
}

export function drop(): void {
  try {
    localStorage.removeItem(NAME);
  } catch {
    // Where nothing can be kept there is nothing to drop.
  }
}
