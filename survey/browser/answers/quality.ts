// The quality bit: speeding or straightlining. No times leave the phone.
import { NOT_ASKED } from "../documents/constants";
import type { Item, Questionnaire } from "../documents/documents";
import type { EffectiveAnswers } from "./conditions";
import type { Quality } from "./payload";

// What a quick adult reads in a second: signs of Chinese and the like; other letters (words of five at 300 a minute).
const DENSE_A_SECOND = 8;
const OTHERS_A_SECOND = 25;
/** Faster than three times that speed counts as speeding. */
const HASTE = 3;
const ROWS = 4;
const DENSE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g;

/** Returns the milliseconds that a quick reader takes for `text`. */
export function readingTime(text: string): number {
  const all = text.replace(/\s+/g, "").length;
  const dense = text.match(DENSE)?.length ?? 0;
  return 1000 * (dense / DENSE_A_SECOND + (all - dense) / OTHERS_A_SECOND);
}

/** The reading time of each screen, in memory only, capped per screen, so that a pause does not hide speeding. */
export class ReadingPace {
  private readonly screens = new Map<string, { need: number; spent: number }>();

  /** Adds `spent` milliseconds on the screen `id`, which shows `text`. */
  add(id: string, text: string, spent: number): void {
    const before = this.screens.get(id)?.spent ?? 0;
    this.screens.set(id, { need: readingTime(text), spent: before + spent });
  }

  /** Returns whether all screens together took less than a third of their reading time. */
  get hasty(): boolean {
    const screens = [...this.screens.values()];
    const need = screens.reduce((sum, screen) => sum + screen.need, 0);
    const spent = screens.reduce((sum, screen) => sum + Math.min(screen.need, screen.spent), 0);
    return HASTE * spent < need;
  }

  forget(): void {
    this.screens.clear();
  }
}

/**
 * Returns whether every asked grid of four rows or more has the same answer in all rows.
 *
 * Refusing every row does not count. Grids with a randomised row are left out: the bit would undo the random draw.
 */
export function isStraightlined(questionnaire: Questionnaire, answers: EffectiveAnswers): boolean {
  const isAsked = ({ id }: Item): boolean => (answers.get(id) ?? NOT_ASKED) !== NOT_ASKED;
  const grids = gridsOf(questionnaire).filter((rows) => rows.every(isAsked));
  return grids.length > 0 && grids.every((rows) => {
    const codes = new Set(rows.map(({ id }) => answers.get(id)));
    return codes.size === 1 && rows[0]?.options.some(({ code }) => codes.has(code)) === true;
  });
}

function gridsOf({ groups = [], items }: Questionnaire): Item[][] {
  const grids = groups.filter(({ kind, items: rows }) => kind === "grid" && rows.length >= ROWS);
  const rows = grids.map((grid) => items.filter(({ id }) => grid.items.includes(id)));
  return rows.filter((grid) => grid.every((item) => !item.randomise));
}

// Decision 21.
export const qualityOf = (questionnaire: Questionnaire, answers: EffectiveAnswers, pace: ReadingPace): Quality =>
  pace.hasty || isStraightlined(questionnaire, answers) ? 1 : 0;
