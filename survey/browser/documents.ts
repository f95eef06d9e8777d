// The shapes of the three pinned documents: what the phone asks, in which words, and to whose key it seals.

/** What a person chose: the code of a single item; of a multi item the chosen codes, or its one missing code. */
export type Answer = number | readonly number[];

export const NONE_OF_THESE = 90;
export const NOT_ASKED = 97;
/** The ending that is shown to who declines the consent. */
export const DECLINED = "no-consent";

export type Condition =
  | { item: string; in: number[] }
  | { item: string; has: number[] }
  | { item: string; range: [number, number] }
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition };

export interface Option {
  code: number;
  /** Choosing it ends the interview with this ending's text; nothing is sent. */
  end?: string;
  /** Keeps its place behind the others where the options are shuffled ("another reason"). */
  last?: true;
}

export interface Item {
  id: string;
  type: "single" | "multi";
  forms: string[];
  options: Option[];
  missing: number[];
  shuffle: boolean;
  cap?: number;
  ask_if?: Condition;
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
}

export interface ItemText {
  text: string;
  options: Record<string, string>;
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
}
