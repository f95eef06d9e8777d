// Piping: an earlier answer in a later question's text (as survey/questionnaire/pipes.py); `{AGE|your age}` becomes the
// answer's label.
import type { ItemText, Texts } from "../documents/documents";
import type { EffectiveAnswers } from "./conditions";

const PLACEHOLDER = /\{([A-Z][A-Z0-9_]{0,31})\|([^{}|]*)\}/g;

/** Returns `text` with the labels of earlier answers; the fallback after the bar replaces a missing code. */
export const piped = (text: string, texts: Texts, answers: EffectiveAnswers): string =>
  text.replace(PLACEHOLDER, (_, id: string, otherwise: string) => {
    const answer = answers.get(id);
    const label = typeof answer === "number" ? texts.items[id]?.options[answer] : undefined;
    return label === undefined ? otherwise : piped(label, texts, answers);
  });

/** Returns the texts of the item `id` with earlier answers piped in. */
export function itemText(texts: Texts, id: string, answers: EffectiveAnswers): ItemText {
  const own = texts.items[id] ?? { text: "", options: {} };
  const pipe = (text: string): string => piped(text, texts, answers);
  const options: Record<string, string> = {};
  for (const [code, label] of Object.entries(own.options)) options[code] = pipe(label);
  const { checks, ends, lines } = own;
  return {
    ...own, text: pipe(own.text), options, ...(lines && { lines: lines.map(pipe) }),
    ...(checks && { checks: checks.map(pipe) }),
    ...(ends && { ends: [pipe(ends[0]), pipe(ends[1])] }),
  };
}
