import { expect, test } from "vitest";
import { answerInWords } from "../../answers/answer_words";
import type { Question } from "../../answers/path";
import type { Answer, Item } from "../../documents/documents";
import { asMap, smallTexts, typesQuestionnaire } from "../vectors";

const questionnaire = typesQuestionnaire();
const item = (id: string): Item => questionnaire.items.find((other) => other.id === id) as Item;
const options = { 1: "apple", 2: "pear", 3: "plum" };
const texts = {
  ...smallTexts(),
  items: {
    ...Object.fromEntries(questionnaire.items.map(({ id }) => [id, { text: `${id}?`, options }])),
    SIZE: { text: "How big is the {FRUIT|fruit}?", options },
  },
  groups: { G1: "All of these", R1: "Rank these" },
};

function words(answers: Record<string, Answer>, ...ids: [string, ...string[]]): [string, string] {
  const group = questionnaire.groups?.find(({ items }) => items.includes(ids[0]));
  const question: Question = { id: ids[0], items: ids.map(item), group };
  return answerInWords(question, texts, asMap(answers));
}

test.each([
  [{ FRUIT: 2 }, ["FRUIT"], ["FRUIT?", "pear"]],
  [{ FRUIT: 98 }, ["FRUIT"], ["FRUIT?", "I don't know"]],
  [{ FRUIT: 2, SIZE: 1 }, ["SIZE"], ["How big is the pear?", "apple"]],
  [{ BUYS: [1, 3] }, ["BUYS"], ["BUYS?", "apple · plum"]],
  [{ BUYS: 90 }, ["BUYS"], ["BUYS?", "None of these"]],
  [{ WORDS: ["1", "tea"] }, ["WORDS"], ["WORDS?", "1 · tea"]],
  [{ G1_2: 3 }, ["G1_2"], ["G1_2?", "plum"]],
  [{ R1_1: 3, R1_2: 1 }, ["R1_1", "R1_2"], ["Rank these", "plum · apple"]],
  [{ R1_1: 99, R1_2: 99 }, ["R1_1", "R1_2"], ["Rank these", "I don't want to answer"]],
  [{}, ["FRUIT"], ["FRUIT?", ""]],
] as [Record<string, Answer>, [string, ...string[]], [string, string]][])("%j is, of %j, %j", (answers, ids, expected) => {
  expect(words(answers, ...ids)).toEqual(expected);
});
