// The content of a draft: the answers so far; no random draws and nothing sealed.
import type { Answer } from "../documents/documents";

/** Answers and half-typed words by item id; the names are those of the stored JSON. */
export interface Draft {
  given: [string, Answer][];
  typed: [string, string[]][];
}
