// The queue's envelopes as one file for `sotto take-in` (crypto/ENVELOPE.md; as crypto/kit_file.py).
import { type Bytes, concat, sha256, toHex, utf8 } from "../documents/bytes";
import { KEY_ID_SIZE, ROW_KEY_LABEL, ROW_KEY_SIZE, SUITE, TOKEN_SIZE } from "../sealing/constants";
import { QUEUE_FORMAT } from "./constants";

/** Where the envelope begins in a body: behind the version, one byte, and the token. */
const ENVELOPE_AT = 1 + TOKEN_SIZE;
const KEY_ID_AT = ENVELOPE_AT + SUITE.length;

/** Returns the 16 hex digits by which a body's envelope names its key, and with it the wave. */
export const waveOf = (body: Uint8Array): string => toHex(body.subarray(KEY_ID_AT, KEY_ID_AT + KEY_ID_SIZE));

/** Returns the envelope in a body. */
export const envelopeOf = (body: Bytes): Bytes => body.slice(ENVELOPE_AT);

/** Returns the hex SHA-256 of a body's envelope: its key in the queue and the host's acknowledgement. */
export const nameOf = async (body: Bytes): Promise<string> => toHex(await sha256(envelopeOf(body)));

/** Says whether a body has a token: its t is zeros on an open link. */
export const isInvited = (body: Bytes): boolean => tOf(body).some(Boolean);

/** Returns the hex row key: of t by invitation, of the envelope on an open link. */
export const rowKeyOf = async (body: Bytes): Promise<string> =>
  isInvited(body) ? toHex(await sha256(concat(utf8(ROW_KEY_LABEL), tOf(body)))) : nameOf(body);

const tOf = (body: Bytes): Bytes => body.slice(1, 1 + ROW_KEY_SIZE);

/** Returns the file of `bodies`, all of one wave, sorted by their row keys. */
export async function queueFile(study: string, bodies: readonly Bytes[]): Promise<Bytes> {
  const entries = await Promise.all(bodies.map(async (body) => ({ key: await rowKeyOf(body), record: body.subarray(1) })));
  entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  const content = concat(...entries.map(({ record }) => record));
  // Canonical JSON (RFC 8785): members are sorted by name, and no value needs an escape.
  const header = JSON.stringify({
    count: entries.length,
    format: QUEUE_FORMAT,
    key_id: waveOf(bodies[0] as Bytes),
    record_size: (bodies[0] as Bytes).length - 1,
    sha256: toHex(await sha256(content)),
    study,
  });
  return concat(utf8(`${header}\n`), content);
}

/** Returns `bodies` by wave, since a file is of one wave. */
export function byWave(bodies: readonly Bytes[]): Map<string, Bytes[]> {
  const waves = new Map<string, Bytes[]>();
  for (const body of bodies) waves.set(waveOf(body), [...(waves.get(waveOf(body)) ?? []), body]);
  return waves;
}
