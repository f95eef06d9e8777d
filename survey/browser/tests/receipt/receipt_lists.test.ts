import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../documents/bytes";
import { findReceipt, normalReceipt } from "../../receipt/receipt_lists";
import { leafHash, openCheckpoint, rootFromPath, rootOf } from "../../receipt/signed_notes";

const STUDY = "q26";
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
const typed = Buffer.concat([Buffer.from([1]), raw]);
const id = createHash("sha256").update(Buffer.concat([utf8("sotto/local\n"), typed])).digest().subarray(0, 4);
const VKEY = `sotto/local+${id.toString("hex")}+${typed.toString("base64")}\n`;
const RECEIPTS = ["00", "0a", "0a", "ff"].map((start, place) => start + `${place}`.repeat(62));

const note = (size: number, root: Uint8Array, key = privateKey): string => {
  const text = `sotto/local\n${size}\n${Buffer.from(root).toString("base64")}\n`;
  return `${text}\n— sotto/local ${Buffer.concat([id, sign(null, utf8(text), key)]).toString("base64")}\n`;
};

const hosts = new Map<string, Promise<Readonly<Record<string, string>>>>();

/** A host with one box of these receipts; `change` may spoil a file. */
async function host(receipts: readonly string[], change: Readonly<Record<string, string | null>> = {}) {
  const key = receipts.join();
  hosts.set(key, hosts.get(key) ?? published(receipts));
  const files: Record<string, string | null> = { ...(await hosts.get(key)), ...change };
  const asked: string[] = [];
  const read = (path: string): Promise<string | null> => {
    asked.push(path);
    return Promise.resolve(files[path] ?? null);
  };
  return { read, asked, files };
}

async function published(receipts: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const buckets = Array.from({ length: 256 }, (_, place) =>
    receipts.filter((one) => parseInt(one.slice(0, 2), 16) === place).sort());
  const leaves = await Promise.all(buckets.map((bucket) => leafHash(utf8(JSON.stringify(bucket)))));
  const box = {
    count: receipts.length, day: "2026-11-22", format: "sotto-log-entry-1", hash: "0".repeat(64), kind: "box",
    receipts: toHex(await rootOf(leaves)), root: "0".repeat(64), study: STUDY, wave: 1,
  };
  const line = JSON.stringify(box);
  const files: Record<string, string> = {
    "/log/entries.jsonl": `${line}\n`, "/log/checkpoint": note(1, await leafHash(utf8(line))), "/log/key": VKEY,
  };
  for (const [place, bucket] of buckets.entries()) {
    if (![0, 10, 11, 255].includes(place)) continue;
    const proof: string[] = [];
    for (let size = 1; size < 256; size *= 2) {
      const start = (Math.floor(place / size) ^ 1) * size;
      proof.push(toHex(await rootOf(leaves.slice(start, start + size))));
    }
    const name = place.toString(16).padStart(2, "0");
    files[`/receipts/${STUDY}/1/${name}.json`] = JSON.stringify({ receipts: bucket, proof });
  }
  return files;
}

describe("a typed receipt", () => {
  it("has one normal form, whatever the spaces, hyphens, capitals and widths", () => {
    const normal = "0a1b2c3d4e5f6071";
    for (const one of ["0A1B 2C3D 4e5f 6071", " 0a1b-2c3d-4e5f-6071\n", "０ａ１ｂ2c3d4e5f6071", "0a1b2c3d‑4e5f6071"]) {
      expect(normalReceipt(one)).toBe(normal);
    }
  });

  it("is refused when it is too short, too long or has other signs", () => {
    for (const one of ["", "0a1b", "0a1b2c3d4e5f607", "0".repeat(65), "g".repeat(16), "0a1b2c3d4e5f607l"]) {
      expect(normalReceipt(one)).toBeNull();
    }
  });
});

describe("looking for a receipt", () => {
  it("finds those that are there, by all or the first 16 of their digits", async () => {
    const { read } = await host(RECEIPTS);
    for (const one of RECEIPTS) {
      for (const length of [16, 64]) {
        const { head, lists } = await findReceipt(STUDY, one.slice(0, length), read);
        expect(lists).toEqual([{ wave: 1, count: 4, bucket: one.slice(0, 2), number: expect.any(Number), found: true }]);
        expect(head.signed).toBe(true);
      }
    }
  });

  it("says of those that are not there, and of an empty box, that they are not", async () => {
    for (const receipts of [RECEIPTS, []]) {
      const { lists } = await findReceipt(STUDY, "0a".repeat(8), (await host(receipts)).read);
      expect(lists.map((box) => box.found)).toEqual([false]);
    }
  });

  it("asks for the log and for one list whose name is one byte of the receipt", async () => {
    const { read, asked } = await host(RECEIPTS);
    await findReceipt(STUDY, RECEIPTS[1]!, read);
    expect(asked).toEqual(["/log/checkpoint", "/log/key", "/log/entries.jsonl", `/receipts/${STUDY}/1/0a.json`]);
    expect(asked.join("")).not.toContain(RECEIPTS[1]!.slice(0, 4));
  });

  it("leaves out an entry that no head counts yet", async () => {
    const { read, files } = await host(RECEIPTS);
    files["/log/entries.jsonl"] += "{}\n";
    expect((await findReceipt(STUDY, RECEIPTS[0]!, read)).lists[0]!.found).toBe(true);
  });

  it("names what does not hold: note, key, signature, log, list", async () => {
    const sound = (await host(RECEIPTS)).files;
    const list = `/receipts/${STUDY}/1/0a.json`;
    const other = generateKeyPairSync("ed25519").privateKey;
    const cases: [string, string, string | null][] = [
      ["f-note", "/log/checkpoint", null],
      ["f-note", "/log/checkpoint", sound["/log/checkpoint"]!.replace("sotto/local\n1", "sotto/other\n1")],
      ["f-note", "/log/key", sound["/log/key"]!.replace("sotto/local", "sotto/locals")],
      ["f-note", "/log/key", null],
      ["f-signature", "/log/checkpoint", sound["/log/checkpoint"]!.replace("\n1\n", "\n2\n")],
      ["f-signature", "/log/checkpoint", note(1, new Uint8Array(32), other)],
      ["f-log", "/log/checkpoint", note(1, new Uint8Array(32))],
      ["f-log", "/log/entries.jsonl", ""],
      ["f-log", "/log/entries.jsonl", sound["/log/entries.jsonl"]!.replace("2026", "2027")],
      ["f-list", list, null],
      ["f-list", list, "{}"],
      ["f-list", list, sound[list]!.replace("11", "12")],
      ["f-list", list, sound[`/receipts/${STUDY}/1/0b.json`]!],
    ];
    for (const [fault, place, content] of cases) {
      await expect(findReceipt(STUDY, RECEIPTS[1]!, (await host(RECEIPTS, { [place]: content })).read), place)
        .rejects.toMatchObject({ fault });
    }
  });

  it("says so where the browser has no Ed25519, and checks everything else", async () => {
    const { files } = await host(RECEIPTS);
    const own = crypto.subtle.importKey;
    crypto.subtle.importKey = () => Promise.reject(new Error("not supported"));
    try {
      expect((await openCheckpoint(files["/log/checkpoint"]!, VKEY)).signed).toBeNull();
    } finally {
      crypto.subtle.importKey = own;
    }
  });

  it("climbs to the root of a full tree from every leaf", async () => {
    const leaves = await Promise.all([0, 1, 2, 3].map((byte) => leafHash(new Uint8Array([byte]))));
    const root = toHex(await rootOf(leaves));
    const pairs = [await rootOf(leaves.slice(0, 2)), await rootOf(leaves.slice(2))].map(toHex);
    expect(await rootFromPath(leaves[2]!, 2, [toHex(leaves[3]!), pairs[0]!])).toBe(root);
    expect(await rootFromPath(leaves[2]!, 1, [toHex(leaves[3]!), pairs[0]!])).not.toBe(root);
  });
});
