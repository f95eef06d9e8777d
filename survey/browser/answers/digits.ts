// Decimal digits of every script as 0 to 9, whole numbers as people type them, and the unit that may stand behind one.

/** For Firefox before 78: Arabic-Indic, Persian, Devanagari, Bengali, Tibetan, Myanmar, Khmer, Mongolian, full width. */
export const WIDESPREAD_DIGITS = "0-9\\u0660-\\u0669\\u06f0-\\u06f9\\u0966-\\u096f\\u09e6-\\u09ef\\u0f20-\\u0f29\\u1040-\\u1049" +
  "\\u17e0-\\u17e9\\u1810-\\u1819\\uff10-\\uff19";
/** Keyboards for text that runs from the right put these invisible marks around digits. */
const MARKS = /[\u200e\u200f\u061c]/g;
/** Signs that keyboards write for a minus: hyphen, minus, full width, small, and the dash of those that have no other. */
const MINUS = /^[-\u2212\uff0d\ufe63\u2010\u2013]\s?/;
const LONGEST = 15;

/** Returns the text with the decimal digits of every script (of those with many readers, in old engines) as 0 to 9. */
export function westernDigits(text: string): string {
  const digit = digitPattern();
  return text.replace(digit, (one) => westernDigit(one, digit));
}

function digitPattern(): RegExp {
  try {
    return new RegExp("\\p{Nd}", "gu");
  } catch {
    return new RegExp(`[${WIDESPREAD_DIGITS}]`, "gu");
  }
}

/** Returns 0 to 9 for a decimal digit: Unicode has each script's ten in a row, and rows follow one another whole. */
function westernDigit(one: string, digit: RegExp): string {
  const code = one.codePointAt(0) as number;
  let before = 0;
  while (String.fromCodePoint(code - before - 1).replace(digit, "") === "") before += 1;
  return String(before % 10);
}

/** Returns the whole number that was typed, in the digits of any script, or null: "2 5", "25-30" and "1.5" are none. */
export function numberOf(typed: string): number | null {
  const text = westernDigits(typed.replace(MARKS, "")).trim().replace(MINUS, "-");
  return /^-?[0-9]+$/.test(text) && text.length <= LONGEST ? Number(text) : null;
}

/** Returns a number in digits: below zero with a minus sign, which an invisible mark keeps before them in any script. */
export const digitsOf = (value: number): string => String(value).replace("-", "\u200e\u2212");

/**
 * Returns what was typed without the unit behind it ("25 years"), where `units` names it: the item's own, with commas
 * between them. Any other tail stays, so that it is refused: "25 months" must not become 25 years.
 */
export function withoutUnit(typed: string, units = ""): string {
  const text = typed.replace(MARKS, "").trim().toLowerCase().replace(/\.$/, "");
  const named = units.toLowerCase().split(/[,，、،]/).map((unit) => unit.trim()).sort((a, b) => b.length - a.length);
  const unit = named.find((one) => one !== "" && text.endsWith(one));
  return unit === undefined ? typed : text.slice(0, -unit.length);
}
