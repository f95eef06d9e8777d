import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Bytes, fromBase64url, toBase64url } from "../../documents/bytes";
import { byWave, envelopeOf, nameOf, queueFile, waveOf } from "../../kit/queue_file";

const vector = JSON.parse(readFileSync(new URL("../../../../tests/vectors/queue.json", import.meta.url), "utf8"));
const bodies = (vector.bodies as string[]).map((body) => fromBase64url(body) as Bytes);

test("the bodies of the vector make its file, whatever their order", async () => {
  expect(toBase64url(await queueFile(vector.study, bodies))).toBe(vector.file);
  expect(toBase64url(await queueFile(vector.study, [...bodies].reverse()))).toBe(vector.file);
});

test("a body says its wave, and its envelope is its name", async () => {
  const body = bodies[0] as Bytes;
  expect(waveOf(body)).toBe(vector.key_id);
  expect(envelopeOf(body).length).toBe(body.length - 353);
  expect(await nameOf(body)).toMatch(/^[0-9a-f]{64}$/);
});

test("bodies of two waves make two files", () => {
  const other = (bodies[0] as Bytes).slice();
  other.fill(7, 355, 363);
  const waves = byWave([...bodies, other]);
  expect([...waves.keys()]).toEqual([vector.key_id, "0707070707070707"]);
  expect([...waves.values()].map((list) => list.length)).toEqual([3, 1]);
});
