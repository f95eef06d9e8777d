// The types of the three pinned documents: questionnaire, texts and manifest.

/**
 * A person's answer: the code of an item of one code; of a multi item the chosen codes, or its one missing code;
 * of a phrase item the phrases as they are sent, or its missing code.
 */
export type Answer = number | readonly number[] | readonly string[];

export type Condition =
  | { item: string; in: number[] }
  | { item: string; has: number[] }
  | { item: string; range: [number, number] }
  | { count: Condition[]; range: [number, number] }
  | { item: string; chosen: [number, number] }
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition };

export interface Option {
  code: number;
  /** Choosing it ends the interview with this ending's text; nothing is sent. */
  end?: string;
  /** Stays last where the options are shuffled ("another reason"). */
  last?: true;
  /** Of a multi item: exclusive of all other options, like a missing code. */
  exclusive?: true;
  /** Of a number or date: the band, both ends included; a date is YYYY or YYYYMM. */
  from?: number;
  to?: number;
  /** The answers to the item's `choice_filter` after which it is offered; absent: after each of them. */
  for?: number[];
  /** Of a list experiment: which lines were shown, and how many of them count. */
  arm?: 0 | 1;
  count?: number;
}

export type ItemType =
  | "single" | "scale" | "picture" | "number" | "date" | "list" | "note" | "multi" | "phrase";

export interface Item {
  id: string;
  type: ItemType;
  forms: string[];
  options: Option[];
  missing: number[];
  shuffle: boolean;
  cap?: number;
  ask_if?: Condition;
  /** The earlier item whose answer decides which options are offered. */
  choice_filter?: string;
  /** Of a phrase: the item on whose screen it is asked, below the one option that `ask_if` names. */
  specifies?: string;
  /** What must hold of an answer and those before it; ways to give no answer need not. */
  checks?: Condition[];
  /** An assistant hands the phone over for it. */
  private?: true;
  randomise?: { epsilon: string };
  /** Of a date; a year where absent. */
  unit?: "year" | "month";
  /** Of a list experiment: how many lines there are, and the places of those that arm 0 does not see. */
  lines?: number;
  treatment?: number[];
  /** Of a phrase item: how many phrases, the most words of one, and the most code points of one. */
  count?: number;
  words?: number;
  length?: number;
}

/** Returns the kind of an item's payload field: one code, a mask of options, phrases, or none. */
export function kindOf({ type }: Item): "code" | "mask" | "phrases" | "none" {
  if (type === "multi") return "mask";
  if (type === "phrase") return "phrases";
  return type === "note" ? "none" : "code";
}

/** Returns the codes that can be answered, in the order of levels: options without an ending, then 90, 98, 99. */
export const domainOf = ({ options, missing }: Item): number[] =>
  [...options.filter(({ end }) => !end).map(({ code }) => code), ...missing.slice().sort((a, b) => a - b)];

/** Returns the most options of one answer to a multi item. */
export const capOf = (item: Item): number => item.cap ?? item.options.length;

/** Items that are asked together: the rows of a grid, or the places of a ranking. */
export interface Group {
  id: string;
  kind: "grid" | "ranking";
  items: string[];
  shuffle?: boolean;
}

export interface Form {
  id: string;
  when?: Condition;
}

export interface Questionnaire {
  format: string;
  study: string;
  mode: string;
  locales: string[];
  strata: string[];
  forms: Form[];
  items: Item[];
  pairs: [string, string][];
  groups?: Group[];
  /** Days for which a draft is stored on the phone; absent: no drafts. */
  drafts?: { days: number };
  /** By invitation: a slip is kept over a reload, in the tab's name; absent: not. */
  resume?: "tab";
  /** Whether speech synthesis on the device may read texts without a recording. */
  voice?: true;
  /** Absent: before Send people may look at their answers; `false`: they may not. */
  overview?: false;
  /** Whether each submission needs a proof of work. */
  work?: true;
}

export interface ItemText {
  text: string;
  options: Record<string, string>;
  /** Of a scale: the labels of its two ends. */
  ends?: [string, string];
  /** Of a picture choice: each code's file, by its SHA-256. */
  pictures?: Record<string, string>;
  /** Of a list experiment. */
  lines?: string[];
  /** Of a number: the units that may be typed behind it, with commas between them. */
  units?: string;
  /** The message of each of the item's checks. */
  checks?: string[];
}

/** Recordings of an item or group: its text, its hint and each option's label, by the file's SHA-256. */
export interface ItemRecordings {
  text?: string;
  hint?: string;
  options?: Record<string, string>;
}

/**
 * Recordings: `consent` of the paragraphs in order, then of the question and its two answers; `missing` of the missing
 * codes; and ItemRecordings under the id of each item or group.
 */
export interface Recordings {
  consent?: string[];
  missing?: Record<string, string>;
  [id: string]: ItemRecordings | string[] | Record<string, string> | undefined;
}

export interface Texts {
  format: string;
  study: string;
  locale: string;
  dir: "ltr" | "rtl";
  consent: { paragraphs: string[]; question: string; agree: string; decline: string };
  endings: Record<string, string>;
  thanks: string[];
  debrief: string;
  items: Record<string, ItemText>;
  missing: Record<string, string>;
  groups?: Record<string, string>;
  /** The second line under a question, by the id of its item or group. */
  hints?: Record<string, string>;
  audio?: Recordings;
  interface: Record<string, string>;
}

export interface Manifest {
  format: string;
  study: string;
  mode: string;
  key: string;
  key_id: string;
  issuer_key: string | null;
  plaintext_size: number;
  questionnaire: string;
  texts: Record<string, string>;
  thresholds: Record<string, number>;
  /** The most that the study may spend in its life: nano-rho above 0, atto-delta 0 or more. */
  budget: { nano_rho: number; atto_delta: number };
}

/** What the link of a corrected wave pins in the manifest's place (survey/wave/correction.py). */
export interface Wording {
  format: string;
  study: string;
  /** The SHA-256 of the manifest. */
  manifest: string;
  /** Of the newest correction, which the public log has with the old and the new words. */
  correction: string;
  texts: Record<string, string>;
}
