// What the preview's server says: the state of the file, and the way to an item.
import { ANONYMOUS } from "../documents/lost_script";

export interface Note {
  kind: "problem" | "refused" | "proposed" | "changed" | "dropped" | "advice" | "lacks";
  place: string;
  message: string;
  remedy: string;
  item: string;
}

export interface Words {
  title: string;
  row: string | null;
}

export interface ScreenItem {
  id: string;
  type: string;
  words: Readonly<Record<string, Words>>;
}

export interface StudyPage {
  study: string;
  pin: string;
  code: string | null;
  strata: readonly string[];
  locales: Readonly<Record<string, { name: string; dir: string }>>;
  items: readonly ScreenItem[];
  times: readonly string[];
}

export interface State {
  version: number;
  broken: boolean;
  notes: readonly Note[];
  page: StudyPage | null;
}

export interface Step {
  item: string;
  title: string;
  press: readonly number[];
  type: readonly string[];
  pick: readonly string[];
  next: boolean;
  any: boolean;
  row: string | null;
}

export interface Way {
  item: string;
  title: string;
  row: string | null;
  found: boolean;
  steps: readonly Step[];
}

/** Asks this preview's server; rejects where it has ended. */
export async function ask<T>(path: string): Promise<T> {
  const reply = await fetch(path, ANONYMOUS);
  if (!reply.ok) throw new Error(String(reply.status));
  return reply.json() as Promise<T>;
}
