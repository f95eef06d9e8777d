// Links to a corrected wave: what the phone takes under them and under the links from before.
import { expect, test } from "vitest";
import { DocumentsError, verify } from "../../pinned/manifest";
import { vector } from "../vectors";

interface Case { name: string; parts: Record<string, string>; pin: string; refused: string }
const { study, locale, bundles } = vector<{ study: string; locale: string; bundles: Case[] }>("corrections.json");

const outcome = async ({ parts, pin }: Case): Promise<string> =>
  verify(JSON.stringify(parts), pin, locale, study).then(
    ({ texts }) => texts.items.AGE?.text ?? "",
    (error: unknown) => { if (error instanceof DocumentsError) return error.reason; throw error; },
  );

test("old links show the old words and new ones the corrected words, as this version wrote them", async () => {
  const [first, corrected] = bundles as [Case, Case];
  expect(await outcome(first)).toBe("Question AGE?");
  expect(await outcome(corrected)).toBe("How old are you?");
});

const refused = bundles.filter((bundle) => bundle.refused).map((bundle) => [bundle.name, bundle] as const);

test.each(refused)("%s is refused", async (_, bundle) => {
  expect(await outcome(bundle)).toBe(bundle.refused);
});

test("an answer under a corrected link is sealed for the same manifest", async () => {
  const [first, corrected] = bundles as [Case, Case];
  const [one, other] = await Promise.all([first, corrected].map(({ parts, pin }) =>
    verify(JSON.stringify(parts), pin, locale, study)));
  expect(other?.recipient).toEqual(one?.recipient);
});
