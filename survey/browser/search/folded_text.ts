// The form in which an option and what is typed are compared: no accents, one width and case, one shape of a letter.
import { westernDigits } from "../answers/digits";

/** Marks over and under letters of Latin, Greek, Cyrillic, Hebrew and Arabic; in other scripts marks are vowels. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
/** Letters that Unicode does not take apart, and shapes that keyboards give to one letter of Arabic script. */
const SHAPES: Readonly<Record<string, string>> = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ħ: "h", ł: "l", ı: "i", þ: "th",
  ى: "ي", ی: "ي", ک: "ك", ة: "ه", ە: "ه",
};
const SHAPED = new RegExp(`[${Object.keys(SHAPES).join("")}]`, "g");
/** Signs that are not seen, and the stretching of Arabic words. */
const UNSEEN = /[\xad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

/** Returns `text` as it is compared: of `Łódź` and `lodz`, or of full-width and plain letters, the same. */
export const folded = (text: string): string =>
  westernDigits(text.normalize("NFKD").toLowerCase().replace(UNSEEN, "").replace(MARKS, ""))
    .replace(SHAPED, (letter) => SHAPES[letter] as string);

/** Returns whether each word that was typed stands somewhere in `label`, in the middle of a word too. */
export function isFound(label: string, typed: string): boolean {
  const within = folded(label);
  return folded(typed).split(/[\s,，、،]+/).every((word) => within.includes(word));
}
