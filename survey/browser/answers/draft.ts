// The content of a draft: the answers so far, and by invitation the token; no random draws and nothing sealed.
import type { Answer } from "../documents/documents";

/** Answers and half-typed words by item id; the names are those of the stored JSON. */
export interface Draft {
  given: [string, Answer][];
  typed: [string, string[]][];
  /** Base64url of 336 bytes (sealing/fetched_token.ts): the slip is used up, so a draft must hold what it bought. */
  token?: string | undefined;
}
