// The fixed-width payload of one person's answers, which the phone seals (as survey/questionnaire/payload.py).
import { type Bytes, concat, utf8 } from "../documents/bytes";
import { NOT_ASKED } from "../documents/constants";
import {
  type Answer, capOf, domainOf, type Group, type Item, kindOf, type Questionnaire,
} from "../documents/documents";
import { isUnfit } from "./choices";
import type { EffectiveAnswers } from "./conditions";
import { HEADER_SIZE, MODES, PAYLOAD_VERSION } from "./constants";
import { brokenCheck, formOf, isAsked } from "./path";
import { fits, ordered } from "./phrases";

export type Mode = (typeof MODES)[number];
/** 1 where the phone noticed haste. */
export type Quality = 0 | 1;

/** Answers that break a rule of the payload; `rule` says which, and no value is repeated. */
export class PayloadError extends Error {
  override readonly name = "PayloadError";
  readonly rule: string;

  constructor(rule: string) {
    super(`not a valid payload: ${rule}`);
    this.rule = rule;
  }
}

export interface Answers {
  locale: string;
  mode: Mode;
  form: string;
  stratum: string;
  quality: Quality;
  /** Every item asked, but for notes, has a value here; others are absent or 97. */
  answers: EffectiveAnswers;
}

/** Returns the bytes of every payload of this questionnaire. */
export const payloadWidth = ({ items }: Questionnaire): number =>
  items.reduce((size, item) => size + width(item), HEADER_SIZE);

/** Returns the payload of `answers`; throws PayloadError where they break a rule. */
export function encode(questionnaire: Questionnaire, answers: Answers): Bytes {
  const items = questionnaire.items.map((item) => encodeItem(item, answers.answers.get(item.id) ?? NOT_ASKED));
  checkIds(questionnaire, answers.answers);
  checkRouting(questionnaire, answers);
  for (const group of questionnaire.groups ?? []) checkGroup(questionnaire, group, answers.answers);
  return concat(header(questionnaire, answers), ...items);
}

function width(item: Item): number {
  const [mask, phrases] = [1 + Math.ceil(item.options.length / 8), 1 + countOf(item) * slotOf(item)];
  return { code: 1, none: 0, mask, phrases }[kindOf(item)];
}

const countOf = (item: Item): number => item.count ?? 0;
/** UTF-8 takes up to four bytes for a code point. */
const slotOf = (item: Item): number => 4 * (item.length ?? 0);

function header(questionnaire: Questionnaire, answers: Answers): Bytes {
  const forms = questionnaire.forms.map((form) => form.id);
  if (answers.mode === "server" && answers.quality !== 0) throw new PayloadError("quality");
  return Uint8Array.of(
    PAYLOAD_VERSION,
    indexIn(questionnaire.locales, answers.locale, "locale"),
    indexIn(MODES, answers.mode, "mode"),
    indexIn(forms, answers.form, "form"),
    indexIn(questionnaire.strata, answers.stratum, "stratum"),
    indexIn([0, 1], answers.quality, "quality"),
  );
}

function indexIn<T>(list: readonly T[], value: T, rule: string): number {
  const index = list.indexOf(value);
  if (index < 0) throw new PayloadError(rule);
  return index;
}

/** Every value belongs to an item that is not a note. */
function checkIds({ items }: Questionnaire, answers: EffectiveAnswers): void {
  const ids = items.filter((item) => kindOf(item) !== "none").map(({ id }) => id);
  for (const [id, answer] of answers) if (answer !== NOT_ASKED && !ids.includes(id)) throw new PayloadError("item");
}

function checkRouting(questionnaire: Questionnaire, { form, answers }: Answers): void {
  const all = complete(questionnaire, answers);
  if (formOf(questionnaire, all) !== form) throw new PayloadError("form");
  for (const item of questionnaire.items) {
    const answered = (answers.get(item.id) ?? NOT_ASKED) !== NOT_ASKED;
    if (kindOf(item) !== "none" && isAsked(item, form, answers) !== answered) throw new PayloadError("asked");
    if (isUnfit(item, answers.get(item.id), answers)) throw new PayloadError("offered");
    if (brokenCheck(item, all) >= 0) throw new PayloadError("checks");
  }
}

const complete = ({ items }: Questionnaire, answers: EffectiveAnswers): EffectiveAnswers =>
  new Map(items.map((item) => [item.id, answers.get(item.id) ?? NOT_ASKED]));

/** The ranks of a ranking have distinct options, or all the same missing code. */
function checkGroup({ items }: Questionnaire, group: Group, answers: EffectiveAnswers): void {
  if (group.kind !== "ranking") return;
  const codes = group.items.map((id) => answers.get(id) ?? NOT_ASKED);
  const first = items.find(({ id }) => id === group.items[0]) as Item;
  const ranked = codes.every((code) => first.options.some((option) => option.code === code));
  if (new Set(codes).size !== (ranked ? codes.length : 1)) throw new PayloadError("ranking");
}

function encodeItem(item: Item, answer: Answer): Bytes {
  const kind = kindOf(item);
  if (kind === "none") return new Uint8Array(0);
  if (kind === "code") return Uint8Array.of(checked(answer, [...domainOf(item), NOT_ASKED], "code"));
  const out = new Uint8Array(width(item));
  if (typeof answer === "number") out[0] = checked(answer, [...item.missing, NOT_ASKED], "status");
  else if (kind === "mask") setBits(out, item, answer as readonly number[]);
  else setSlots(out, item, answer as readonly string[]);
  return out;
}

function checked(answer: Answer, codes: readonly number[], rule: string): number {
  if (typeof answer !== "number" || !codes.includes(answer)) throw new PayloadError(rule);
  return answer;
}

function setBits(out: Bytes, item: Item, codes: readonly number[]): void {
  const chosen = new Set(codes.map((code) => indexIn(item.options.map((option) => option.code), code, "mask")));
  if (chosen.size < 1 || chosen.size > capOf(item)) throw new PayloadError("cap");
  if (chosen.size > 1 && [...chosen].some((j) => item.options[j]?.exclusive)) throw new PayloadError("exclusive");
  // Bit j is the j-th option; the mask is big-endian, so the first eight options are in the last byte.
  for (const j of chosen) {
    const byte = out.length - 1 - (j >> 3);
    out[byte] = (out[byte] as number) | (1 << (j & 7));
  }
}

/** Phrases are sorted by their bytes, so that the payload does not show the order of typing. */
function setSlots(out: Bytes, item: Item, phrases: readonly string[]): void {
  if (!fits(item, phrases)) throw new PayloadError("phrase");
  ordered(phrases).forEach((phrase, at) => out.set(utf8(phrase), 1 + at * slotOf(item)));
}
