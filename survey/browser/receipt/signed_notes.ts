// Verification of the public log: signed notes, tree hashes and inclusion (C2SP signed-note, RFC 9162).
import { type Bytes, concat, sha256, toHex, utf8 } from "../documents/bytes";
import { CHECKPOINT_KEY_ID_SIZE, ED25519 } from "./constants";

/** A fault of the published log; its text is in receipt.po (`f-…`). */
export type Fault = "f-note" | "f-signature" | "f-log" | "f-list";

export class LogFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault);
    this.fault = fault;
  }
}

/** A log's head; `signed` is null where this browser cannot check Ed25519. */
export interface TreeHead {
  readonly size: number;
  readonly root: string;
  readonly signed: true | null;
}

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

export const leafHash = (leaf: Bytes): Promise<Bytes> => sha256(concat(LEAF, leaf));

const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(NODE, left, right));

/** Returns the tree hash over leaf hashes. */
export async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  const [first] = leaves;
  if (!first) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(await rootOf(leaves.slice(0, split)), await rootOf(leaves.slice(split)));
}

/** Returns the root that a leaf and its audit path lead to in a full tree of 2^path leaves, in hex. */
export async function rootFromPath(leaf: Bytes, index: number, path: readonly string[]): Promise<string> {
  let node = leaf;
  for (const [level, sibling] of path.entries()) {
    const other = fromHex(sibling);
    node = await ((index >> level) & 1 ? nodeHash(other, node) : nodeHash(node, other));
  }
  return toHex(node);
}

/** Reads a checkpoint that the key `vkey` signed; throws a LogFault for anything else. */
export async function openCheckpoint(note: string, vkey: string): Promise<TreeHead> {
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const body = /^([^\n]+)\n(0|[1-9][0-9]{0,8})\n([A-Za-z0-9+/]{43}=)\n/.exec(text);
  const key = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})\n?$/.exec(vkey);
  if (cut < 0 || !body || !key || body[1] !== key[1]) throw new LogFault("f-note");
  const signature = signatureOf(note.slice(cut + 2), key[1]!, key[2]!);
  const signed = await verified(fromBase64(key[3]!), signature, utf8(text));
  return { size: Number(body[2]), root: toHex(fromBase64(body[3]!)), signed };
}

function signatureOf(lines: string, name: string, id: string): Bytes {
  for (const line of lines.split("\n")) {
    const [dash, signer, data] = line.split(" ");
    if (dash !== "—" || signer !== name || !data || !/^[A-Za-z0-9+/]{91}=$/.test(data)) continue;
    const bytes = fromBase64(data);
    if (toHex(bytes.slice(0, CHECKPOINT_KEY_ID_SIZE)) === id) return bytes.slice(CHECKPOINT_KEY_ID_SIZE);
  }
  throw new LogFault("f-note");
}

/** Returns true where the signature is valid and null where this browser has no Ed25519; throws where it is invalid. */
async function verified(key: Bytes, signature: Bytes, text: Bytes): Promise<true | null> {
  if (key[0] !== ED25519) throw new LogFault("f-note");
  let publicKey: CryptoKey;
  try {
    publicKey = await crypto.subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  if (await crypto.subtle.verify({ name: "Ed25519" }, publicKey, signature, text)) return true;
  throw new LogFault("f-signature");
}

const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

const fromHex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
