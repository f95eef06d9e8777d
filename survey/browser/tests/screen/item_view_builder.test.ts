import { expect, test } from "vitest";
import { AnswerSheet } from "../../answers/answer_sheet";
import type { Question } from "../../answers/path";
import type { Item } from "../../documents/documents";
import { wordsOf } from "../../documents/interface_texts";
import type { Documents } from "../../pinned/manifest";
import type { ItemView } from "../../screen/item_view";
import { faultValues, itemView } from "../../screen/item_view_builder";
import { smallTexts, typesQuestionnaire, zeros } from "../vectors";

const questionnaire = typesQuestionnaire();
const item = (id: string): Item => questionnaire.items.find((other) => other.id === id) as Item;
const recipient = { study: "types-study", key: zeros(1216), manifestHash: zeros(32), plaintextSize: 256 };
const texts = {
  ...smallTexts(),
  items: {
    ...Object.fromEntries(questionnaire.items.map(({ id }) => [id, { text: `${id}?`, options: {} }])),
    FRUIT: { text: "Which fruit?", options: { 1: "apple", 2: "pear", 3: "plum" } },
    SIZE: { text: "How big is the {FRUIT|fruit}?", options: {} },
    WORRY: { text: "How many?", options: {}, lines: ["a", "b", "c", "d"] },
  },
  groups: { G1: "All of these", R1: "Rank these" },
  hints: { SIZE: "Hold the {FRUIT|fruit}.", G1: "One by one" },
};
const documents: Documents = { questionnaire, texts, recipient, thresholds: { SECRET: 2 ** 31 }, issuer: null };
const actions = {
  words: wordsOf(texts.interface, texts.locale), press: () => undefined, type: () => undefined, next: () => undefined,
  picture: async () => null,
};
const groupOf = (id: string) => questionnaire.groups?.find(({ items }) => items.includes(id));
const question = (...ids: [string, ...string[]]): Question => ({ id: ids[0], items: ids.map(item), group: groupOf(ids[0]) });

/** What the screen of these items shows, once FRUIT is a pear. */
function view(sheet: AnswerSheet, ...ids: [string, ...string[]]): ItemView {
  sheet.press(question("FRUIT"), 2);
  return itemView(sheet, sheet.path, question(...ids), documents, actions);
}

test("a question's title holds the label of an earlier answer", () => {
  expect(view(new AnswerSheet(questionnaire), "SIZE").title).toBe("How big is the pear?");
});

test("of a grid and of a ranking the title is that of the whole", () => {
  const sheet = new AnswerSheet(questionnaire);
  expect([view(sheet, "G1_1").title, view(sheet, "R1_1", "R1_2").title]).toEqual(["All of these", "Rank these"]);
});

test("a question and a grid have their own hint, with earlier answers piped in; others have none", () => {
  const sheet = new AnswerSheet(questionnaire);
  const hints = [view(sheet, "SIZE"), view(sheet, "G1_1"), view(sheet, "R1_1", "R1_2")].map(({ hint }) => hint);
  expect(hints).toEqual(["Hold the pear.", "One by one", ""]);
});

test("a ranking shows as many ranks as it has items, and the codes so far; nothing else is ranked", () => {
  const sheet = new AnswerSheet(questionnaire);
  sheet.press(question("R1_1", "R1_2"), 3);
  const [ranking, scale] = [view(sheet, "R1_1", "R1_2"), view(sheet, "SIZE")];
  expect([ranking.ranks, ranking.rankCount, scale.ranks, scale.rankCount]).toEqual([[3], 2, [], 0]);
});

test.each([[11, ["a", "b", "c"], 0], [41, ["a", "b", "c", "d"], 1]])(
  "a list answered with %d shows the lines %j and the options of arm %d", (code, lines, arm) => {
    const sheet = new AnswerSheet(questionnaire);
    sheet.press(question("WORRY"), code);
    const shown = view(sheet, "WORRY");
    expect([shown.lines, new Set(shown.options.map((option) => option.arm))]).toEqual([lines, new Set([arm])]);
  },
);

test("the chance of a drawn answer is what the threshold leaves of 2^32, and nothing without one", () => {
  const sheet = new AnswerSheet(questionnaire);
  expect([view(sheet, "SECRET").chance, view(sheet, "SIZE").chance]).toEqual([0.5, 0]);
});

test("a fault of a number names its bounds, one of a phrase its limits", () => {
  expect(faultValues(item("WORDS"))).toEqual({ words: 2, length: 6 });
  const bounds = item("KIDS").options.flatMap(({ from, to }) => [from as number, to as number]);
  expect(faultValues(item("KIDS"))).toEqual({ low: String(Math.min(...bounds)), high: String(Math.max(...bounds)) });
});
