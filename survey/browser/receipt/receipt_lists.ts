// Looks up a receipt in the lists of the public log; only the list's name, one byte, leaves the device.
import { toHex, utf8 } from "../documents/bytes";
import { BUCKETS } from "./constants";
import { leafHash, LogFault, openCheckpoint, rootFromPath, rootOf, type TreeHead } from "./signed_notes";

/** Fetches a published file as text; null where there is none. */
export type Fetch = (path: string) => Promise<string | null>;

/** A box of the log, with the list of its receipts that begin with the same byte. */
export interface ListResult {
  readonly wave: number;
  readonly count: number;
  readonly bucket: string;
  readonly number: number;
  readonly found: boolean;
}

export interface Search {
  readonly head: TreeHead;
  readonly lists: readonly ListResult[];
}

interface Entry {
  readonly kind: string;
  readonly study: string;
  readonly wave: number;
  readonly count: number;
  readonly receipts: string;
}

/** The audit path of one list among all of a box, which make a full tree. */
const PROOF_LENGTH = Math.log2(BUCKETS);

/** Returns a typed receipt in its normal form, 16 to 64 hex digits, or null for anything else. */
export function normalReceipt(typed: string): string | null {
  const text = typed.normalize("NFKC").toLowerCase().replace(/[\s\u00ad\u200b-\u200f\u2010-\u2015\u2212-]+/g, "");
  return /^[0-9a-f]{16,64}$/.test(text) ? text : null;
}

/** Looks for `receipt` in every box of the study; throws a LogFault where the log or a list is invalid. */
export async function findReceipt(study: string, receipt: string, read: Fetch): Promise<Search> {
  const [note, vkey, lines] = [await read("/log/checkpoint"), await read("/log/key"), await read("/log/entries.jsonl")];
  if (note === null || vkey === null || lines === null) throw new LogFault("f-note");
  const head = await openCheckpoint(note, vkey);
  const entries = await entriesUnder(head, lines);
  const lists: ListResult[] = [];
  for (const box of entries.filter((entry) => entry.kind === "box" && entry.study === study)) {
    lists.push(await searchBox(box, receipt, read));
  }
  return { head, lists };
}

/** Returns the entries covered by a head; lines appended since are not signed yet and left out. */
async function entriesUnder(head: TreeHead, text: string): Promise<readonly Entry[]> {
  const lines = text.split("\n").slice(0, -1).slice(0, head.size);
  const root = await rootOf(await Promise.all(lines.map((line) => leafHash(utf8(line)))));
  if (lines.length !== head.size || toHex(root) !== head.root) throw new LogFault("f-log");
  return lines.map((line) => JSON.parse(line) as Entry);
}

async function searchBox(box: Entry, receipt: string, read: Fetch): Promise<ListResult> {
  const bucket = receipt.slice(0, 2);
  const list = parsed(await read(`/receipts/${box.study}/${box.wave}/${bucket}.json`), bucket);
  const root = await rootFromPath(await leafHash(utf8(JSON.stringify(list.receipts))), parseInt(bucket, 16), list.proof);
  if (root !== box.receipts) throw new LogFault("f-list");
  const found = list.receipts.some((other) => other.startsWith(receipt));
  return { wave: box.wave, count: box.count, bucket, number: list.receipts.length, found };
}

function parsed(text: string | null, bucket: string): { receipts: string[]; proof: string[] } {
  try {
    const list = JSON.parse(text ?? "") as { receipts: string[]; proof: string[] };
    const hashes = [...list.receipts, ...list.proof].every((hash) => /^[0-9a-f]{64}$/.test(hash));
    const listed = list.receipts.every((receipt) => receipt.startsWith(bucket));
    if (hashes && listed && list.proof.length === PROOF_LENGTH) return list;
  } catch {
    // Said below, as for any other list that is none.
  }
  throw new LogFault("f-list");
}
