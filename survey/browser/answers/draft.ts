// What a draft holds of an interview: the answers so far, never a random draw and never anything sealed.
import type { Answer } from "../documents/documents";

/** Answers and half-typed words by item id; the names are those of the stored JSON. */
export interface Draft {
  given: [string, Answer][];
  typed: [string, string[]][];
}
