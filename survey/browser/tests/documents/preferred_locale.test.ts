import { expect, test } from "vitest";
import { preferredLocale } from "../../documents/preferred_locale";

const LOCALES = ["en", "zh-Hans", "zh-Hant", "ug"];

test.each([
  [["zh-CN"], "zh-Hans"], [["zh"], "zh-Hans"], [["zh-SG", "en"], "zh-Hans"], [["zh-Hans-HK"], "zh-Hans"],
  [["zh-TW"], "zh-Hant"], [["zh-HK", "en"], "zh-Hant"], [["zh-Hant-CN"], "zh-Hant"], [["ZH-mo"], "zh-Hant"],
  [["en-GB", "zh-CN"], "en"], [["ug-CN", "zh-CN"], "ug"], [["de-AT", "fr"], "en"], [[], "en"], [["de", "zh-TW"], "zh-Hant"],
])("a browser that asks for %j gets %s", (tags, locale) => {
  expect(preferredLocale(tags, LOCALES)).toBe(locale);
});

test("a locale that is asked for by its whole name comes before one of the same language", () => {
  expect(preferredLocale(["en-AU"], ["en", "en-AU"])).toBe("en-AU");
  expect(preferredLocale(["en-GB"], ["en-AU", "en"])).toBe("en-AU");
  expect(preferredLocale(["zh-CN"], [])).toBe("");
});
