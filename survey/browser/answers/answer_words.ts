// An answer in words, for the overview before Send: the labels of what was chosen, or the phrases as they are sent.
import type { Answer, Item, Texts } from "../documents/documents";
import type { EffectiveAnswers } from "./conditions";
import type { Question } from "./path";
import { itemText, piped } from "./piping";

/** Returns the text of a question (of a grid that of its row) and its answer in words; a note has none. */
export function answerInWords(question: Question, texts: Texts, answers: EffectiveAnswers): [string, string] {
  const { group, items } = question;
  const labels: string[] = [];
  for (const item of items) labels.push(...labelsOf(item, answers.get(item.id), texts, answers));
  const whole = group?.kind === "ranking" ? piped(texts.groups?.[group.id] ?? "", texts, answers) : undefined;
  // All places of a ranking have the same missing code.
  return [whole ?? itemText(texts, question.id, answers).text, [...new Set(labels)].join(" · ")];
}

function labelsOf(item: Item, answer: Answer | undefined, texts: Texts, answers: EffectiveAnswers): string[] {
  const { options } = itemText(texts, item.id, answers);
  // An empty field below an option says no more than the option.
  if (item.specifies && typeof answer === "number") return [];
  const given: readonly (number | string)[] = typeof answer === "object" ? answer : answer === undefined ? [] : [answer];
  return given.map((one) => (item.type === "phrase" && typeof one === "string" ? one : options[one] ?? texts.missing[one] ?? ""));
}
