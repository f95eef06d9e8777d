// The pinned documents: loaded once, compared with the hash in the link, and refused on any difference.
import { payloadWidth } from "../answers/payload";
import { thresholdsFit } from "../answers/randomise";
import { type Bytes, fromBase64url, sha256, toBase64url, toHex, utf8 } from "../documents/bytes";
import { NO_CONSENT } from "../documents/constants";
import type { Item, Manifest, Questionnaire, Texts, Wording } from "../documents/documents";
import { DOCUMENT_MS, isOwnAbsence, isPortal, type Reply, replyOf, textOf } from "../documents/requests";
import {
  LENGTH_SIZE, PLAINTEXT_STEP, PUBLIC_KEY_SIZE, SEAL_SECRET_SIZE, SIGNATURE_SIZE,
} from "../sealing/constants";
import { keyId } from "../sealing/ids";
import { type Recipient } from "../sealing/seal";
import {
  BUNDLE_START, BUNDLE_SYMBOLS, MANIFEST_FORMAT, PIN_SIZE, QUESTIONNAIRE_FORMAT, TEXTS_FORMAT, WORDING_FORMAT,
} from "./constants";

/**
 * `network`: no whole response; `portal`: a page, a redirect or foreign words came in place of the documents; `gone`: the
 * host has no such documents; any other reason names what differs.
 */
export type RefusalReason =
  | "network" | "portal" | "gone" | "stratum" | "shape" | "pin" | "wording" | "questionnaire" | "texts" | "format" | "study" | "mode" | "locale"
  | "key" | "issuer" | "budget" | "size" | "words" | "thresholds";

/** The documents could not be loaded, or do not match the link. */
export class DocumentsError extends Error {
  override readonly name = "DocumentsError";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(`the documents are refused: ${reason}`);
    this.reason = reason;
  }
}

export interface Documents {
  questionnaire: Questionnaire;
  texts: Texts;
  recipient: Recipient;
  /** Of each randomised item: below which of 2^32 draws its answer stays as it is. */
  thresholds: Readonly<Record<string, number>>;
  /** By invitation, the modulus of the issuer's key, 256 bytes; on an open link null. */
  issuer: Bytes | null;
}

/** Which documents a phone fetches; `locales` are the study's, in the order of its questionnaire (studyLocales()). */
export interface Wave {
  pin: string;
  study: string;
  locales: readonly string[];
}

/**
 * The parsed fragment of a link: `#k=PIN`, optionally `&s=STRATUM`, `&m=kiosk` or `&m=assisted`, and an
 * invitation's `&c=CODE`.
 */
export interface Link {
  pin: string;
  stratum: string | null;
  mode: "self" | "kiosk" | "assisted";
  /** As it is in the link; parsed and checked only where a study requires one. */
  code: string | null;
}

/** Returns the link of `fragment` (its pin has 32 base64url characters), or null where it is incomplete. */
export function linkOf(fragment: string): Link | null {
  const [, pin, stratum, mode = "self", code] =
    /^#k=([\w-]{32})(?:&s=([a-z][a-z0-9-]{0,47}))?(?:&m=(kiosk|assisted))?(?:&c=([\w-]{1,40}))?$/.exec(fragment) ?? [];
  return pin ? { pin, stratum: stratum ?? null, mode: mode as Link["mode"], code: code ?? null } : null;
}

/** Returns the link's stratum, the questionnaire's first where it names none; throws DocumentsError for another. */
export function stratumOf({ strata }: Questionnaire, { stratum }: Link): string {
  // A mistyped stratum must not be counted in another one.
  refuseUnless(stratum === null || strata.includes(stratum), "stratum");
  return stratum ?? (strata[0] as string);
}

/** Returns the path of one locale's documents, which names its place and so has one length for all locales. */
export function bundlePath({ pin, locales }: Wave, locale: string): string {
  const place = locales.indexOf(locale);
  const [tens, ones] = [Math.floor(place / BUNDLE_SYMBOLS.length), place % BUNDLE_SYMBOLS.length];
  return `/b/${pin}/${BUNDLE_SYMBOLS[tens]}${BUNDLE_SYMBOLS[ones]}.json`;
}

/** Fetches and verifies one locale's documents; throws DocumentsError. */
export async function load(wave: Wave, locale: string): Promise<Documents> {
  return verify(await fetchBundle(bundlePath(wave, locale)), wave.pin, locale, wave.study);
}

/**
 * Returns the documents in `bundle` (their texts in one JSON object, then spaces); throws DocumentsError on any
 * difference. Hashes are over the texts: the spaces that make all bundles of a wave one length are in none.
 */
export async function verify(bundle: string, pin: string, locale: string, study: string): Promise<Documents> {
  const parts = parsed<Record<string, string>>(bundle);
  const manifestHash = await sha256(utf8(text(parts.manifest)));
  const { wording } = parts;
  const pinned = wording === undefined ? manifestHash : await sha256(utf8(text(wording)));
  refuseUnless(toBase64url(pinned.subarray(0, PIN_SIZE)) === pin, "pin");
  const manifest = parsed<Manifest>(text(parts.manifest));
  const hashes = wording === undefined ? manifest.texts : correctedTexts(parsed(wording), manifestHash, study);
  refuseUnless(toHex(await sha256(utf8(text(parts.questionnaire)))) === manifest.questionnaire, "questionnaire");
  refuseUnless(toHex(await sha256(utf8(text(parts.texts)))) === hashes[locale], "texts");
  const questionnaire = parsed<Questionnaire>(text(parts.questionnaire));
  const texts = parsed<Texts>(text(parts.texts));
  checkAgreement(manifest, questionnaire, texts, locale, study);
  checkTexts(questionnaire, texts);
  const recipient = { study, key: await checkedKey(manifest), manifestHash, plaintextSize: manifest.plaintext_size };
  return { questionnaire, texts, recipient, thresholds: manifest.thresholds, issuer: checkedIssuer(manifest) };
}

/**
 * Returns the hashes of the corrected texts by locale. The link pins the wording, and only this comparison the manifest
 * with the key that answers are sealed to.
 */
function correctedTexts(wording: Wording, manifestHash: Bytes, study: string): Record<string, string> {
  const { format, manifest, texts } = wording;
  refuseUnless(format === WORDING_FORMAT && manifest === toHex(manifestHash) && wording.study === study, "wording");
  refuseUnless(typeof texts === "object" && texts !== null, "wording");
  return texts;
}

async function fetchBundle(url: string): Promise<string> {
  let reply: Reply;
  try {
    // With no-store: the questionnaire leaves no trace in the browser's cache.
    reply = await replyOf(url, DOCUMENT_MS);
  } catch {
    throw new DocumentsError("network");
  }
  const content = textOf(reply.bytes);
  if (reply.response.ok && isBundle(content)) return content;
  if (isOwnAbsence(reply)) throw new DocumentsError("gone");
  // Nothing, or the beginning of documents, is a bad connection; a firewall and a gateway have words of their own.
  const isForeign = reply.response.ok && !content.startsWith(BUNDLE_START.slice(0, content.length));
  throw new DocumentsError(isForeign || isPortal(reply) ? "portal" : "network");
}

/** Whether this has the form of documents: what has another form accuses nobody of another content. */
function isBundle(content: string): boolean {
  try {
    const { manifest, questionnaire, texts } = JSON.parse(content) as Record<string, unknown>;
    return [manifest, questionnaire, texts].every((part) => typeof part === "string");
  } catch {
    return false;
  }
}

function checkAgreement(
  manifest: Manifest, questionnaire: Questionnaire, texts: Texts, locale: string, study: string,
): void {
  refuseUnless(manifest.format === MANIFEST_FORMAT, "format");
  refuseUnless(questionnaire.format === QUESTIONNAIRE_FORMAT && texts.format === TEXTS_FORMAT, "format");
  refuseUnless([manifest.study, questionnaire.study, texts.study].every((slug) => slug === study), "study");
  refuseUnless(manifest.mode === "open" || manifest.mode === "invitation", "mode");
  refuseUnless(manifest.mode === questionnaire.mode, "mode");
  // An item to be randomised must have a threshold, or its true answer would be sent.
  refuseUnless(thresholdsFit(questionnaire, manifest.thresholds), "thresholds");
  refuseUnless(texts.locale === locale && questionnaire.locales.includes(locale), "locale");
  const width = LENGTH_SIZE + SEAL_SECRET_SIZE + payloadWidth(questionnaire);
  const expected = Math.ceil(width / PLAINTEXT_STEP) * PLAINTEXT_STEP;
  refuseUnless(manifest.plaintext_size === expected, "size");
  refuseUnless(isBudget(manifest.budget), "budget");
}

/** What may be spent must be announced before anybody answers; whether it is kept is for the public log's readers. */
function isBudget(budget: Partial<Manifest["budget"]> | undefined): boolean {
  const { nano_rho: rho = 0, atto_delta: delta = -1 } = budget ?? {};
  return Number.isSafeInteger(rho) && rho > 0 && Number.isSafeInteger(delta) && delta >= 0;
}

async function checkedKey(manifest: Manifest): Promise<Bytes> {
  const key = fromBase64url(manifest.key);
  if (!key || key.length !== PUBLIC_KEY_SIZE) throw new DocumentsError("key");
  refuseUnless(toHex(await keyId(key)) === manifest.key_id, "key");
  return key;
}

/** By invitation there must be an issuer: an odd number of 2048 bits; on an open link none. */
function checkedIssuer({ mode, issuer_key: text }: Manifest): Bytes | null {
  refuseUnless((mode === "invitation") === (text !== null), "issuer");
  if (text === null) return null;
  const key = fromBase64url(text);
  if (!key || key.length !== SIGNATURE_SIZE) throw new DocumentsError("issuer");
  const [first = 0, last = 0] = [key[0], key[SIGNATURE_SIZE - 1]];
  refuseUnless(first >= 0x80 && last % 2 === 1, "issuer");
  return key;
}

/** Every text that can be shown must be present. */
function checkTexts(questionnaire: Questionnaire, texts: Texts): void {
  const { question, agree, decline } = texts.consent;
  const shown: unknown[] = [question, agree, decline, texts.endings[NO_CONSENT], texts.debrief];
  // The compiler leaves out texts that this study never shows; the others must not be empty.
  shown.push(texts.interface.next, ...Object.values(texts.interface), ...texts.thanks, ...texts.consent.paragraphs);
  shown.push(...Object.values(texts.hints ?? {}));
  for (const item of questionnaire.items) shown.push(...textsOfItem(item, texts));
  shown.push(...(questionnaire.groups ?? []).map(({ id }) => texts.groups?.[id]));
  refuseUnless(shown.every((words) => typeof words === "string" && words !== ""), "words");
}

function textsOfItem(item: Item, texts: Texts): unknown[] {
  const own = texts.items[item.id];
  const options = item.options.map((option) => own?.options[option.code]);
  const missing = item.missing.map((code) => texts.missing[code]);
  const endings = item.options.filter((option) => option.end).map((option) => texts.endings[option.end as string]);
  const ends = item.type === "scale" ? [own?.ends?.[0], own?.ends?.[1]] : [];
  const lines = Array.from({ length: item.lines ?? 0 }, (_, index) => own?.lines?.[index]);
  return [own?.text, ...options, ...missing, ...endings, ...ends, ...lines];
}

function parsed<T>(json: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new DocumentsError("shape");
  }
  refuseUnless(typeof value === "object" && value !== null, "shape");
  return value as T;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new DocumentsError("shape");
  return value;
}

function refuseUnless(condition: boolean, reason: RefusalReason): void {
  if (!condition) throw new DocumentsError(reason);
}

