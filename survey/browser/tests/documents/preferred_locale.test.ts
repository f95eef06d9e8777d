import { expect, test } from "vitest";
import { preferredLocale } from "../../documents/preferred_locale";
import { vector } from "../vectors";

const LOCALES = ["en", "zh-Hans", "zh-Hant", "ug"];

const CASES = vector<{ tags: string[]; locale: string }[]>("browser-languages.json");

test.each([...CASES, { tags: ["ug-CN", "zh-CN"], locale: "ug" }])("a browser that asks for $tags gets $locale", ({ tags, locale }) => {
  expect(preferredLocale(tags, LOCALES)).toBe(locale);
});

test("a locale that is asked for by its whole name comes before one of the same language", () => {
  expect(preferredLocale(["en-AU"], ["en", "en-AU"])).toBe("en-AU");
  expect(preferredLocale(["en-GB"], ["en-AU", "en"])).toBe("en-AU");
  expect(preferredLocale(["zh-CN"], [])).toBe("");
});
