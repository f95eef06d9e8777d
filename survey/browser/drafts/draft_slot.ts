// The one slot for a draft in the browser's storage: read, write, delete, and expire.

/** The key reveals nothing; the value is the last day, a dot, and encrypted bytes of one size. */
const NAME = "kept";
const DAY_MS = 86_400_000;

/** Returns today as a number of whole days since 1970 (UTC): the only time that is stored with a draft. */
export const today = (): number => Math.floor(Date.now() / DAY_MS);

/** Returns the draft on this phone, of whichever study; one that is past its last day is deleted. */
export function storedDraft(): string | null {
  try {
    const value = localStorage.getItem(NAME);
    if (value !== null && !(Number(/^(\d{1,7})\./.exec(value)?.[1] ?? -1) >= today())) deleteDraft();
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

/** Stores a draft in place of another; false where the browser stores nothing or has no room. */
export function storeDraft(draft: string): boolean {
  try {
    localStorage.setItem(NAME, draft);
    return localStorage.getItem(NAME) === draft;
  } catch {
    return false;
  }
}

export function deleteDraft(): void {
  try {
    localStorage.removeItem(NAME);
  } catch {
    // A browser without storage has no draft.
  }
}
