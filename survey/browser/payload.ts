// One person's answers as a few bytes of one width: what the phone seals (twin of survey/payload.py).
import { capOf, formOf, isAsked } from "./answers";
import { type Bytes, concat } from "./bytes";
import { type Known, status } from "./conditions";
import { type Answer, type Item, NOT_ASKED, type Questionnaire } from "./documents";

const VERSION = 1;
const HEADER_SIZE = 5;
export const MODES = ["self", "kiosk", "assisted", "server"] as const;
export type Mode = (typeof MODES)[number];

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
  /** Every item asked has a value here; others are absent or 97. */
  answers: Known;
}

/** Returns the bytes of every payload of this questionnaire. */
export const payloadWidth = ({ items }: Questionnaire): number =>
  items.reduce((size, item) => size + width(item), HEADER_SIZE);

/** Returns the payload of `answers`; throws PayloadError where they break a rule. */
export function encode(questionnaire: Questionnaire, answers: Answers): Bytes {
  const items = questionnaire.items.map((item) => encodeItem(item, answers.answers.get(item.id) ?? NOT_ASKED));
  checkRouting(questionnaire, answers);
  return concat(header(questionnaire, answers), ...items);
}

const width = (item: Item): number => (item.type === "multi" ? 1 + Math.ceil(item.options.length / 8) : 1);

function header(questionnaire: Questionnaire, answers: Answers): Bytes {
  const forms = questionnaire.forms.map((form) => form.id);
  return Uint8Array.of(
    VERSION,
    place(questionnaire.locales, answers.locale, "locale"),
    place(MODES, answers.mode, "mode"),
    place(forms, answers.form, "form"),
    place(questionnaire.strata, answers.stratum, "stratum"),
  );
}

function place<T>(list: readonly T[], value: T, rule: string): number {
  const index = list.indexOf(value);
  if (index < 0) throw new PayloadError(rule);
  return index;
}

function checkRouting(questionnaire: Questionnaire, { form, answers }: Answers): void {
  if (formOf(questionnaire, complete(questionnaire, answers)) !== form) throw new PayloadError("form");
  for (const item of questionnaire.items) {
    const answered = (answers.get(item.id) ?? NOT_ASKED) !== NOT_ASKED;
    if (isAsked(item, form, answers) !== answered) throw new PayloadError("asked");
  }
}

const complete = ({ items }: Questionnaire, answers: Known): Known =>
  new Map(items.map((item) => [item.id, answers.get(item.id) ?? NOT_ASKED]));

function encodeItem(item: Item, answer: Answer): Bytes {
  if (item.type === "multi") return encodeMulti(item, answer);
  if (typeof answer !== "number" || !(offered(item, answer) || answer === NOT_ASKED)) throw new PayloadError("code");
  return Uint8Array.of(answer);
}

const offered = (item: Item, code: number): boolean =>
  item.missing.includes(code) || item.options.some((option) => option.code === code && !option.end);

function encodeMulti(item: Item, answer: Answer): Bytes {
  const out = new Uint8Array(width(item));
  out[0] = status(answer);
  if (typeof answer !== "number") setBits(out, item, answer as readonly number[]);
  else if (answer !== NOT_ASKED && !item.missing.includes(answer)) throw new PayloadError("status");
  return out;
}

function setBits(out: Bytes, item: Item, codes: readonly number[]): void {
  const chosen = new Set(codes.map((code) => place(item.options.map((option) => option.code), code, "mask")));
  if (chosen.size < 1 || chosen.size > capOf(item)) throw new PayloadError("cap");
  // Bit j is the j-th option; the mask is big-endian, so the first eight options stand in the last byte.
  for (const j of chosen) {
    const byte = out.length - 1 - (j >> 3);
    out[byte] = (out[byte] as number) | (1 << (j & 7));
  }
}
