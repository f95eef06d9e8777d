// Which of the languages at hand a browser's person reads. ES5, since check.ts uses it in any browser.

/** Returns the first of `locales` that `tags` (navigator.languages) ask for, most wanted first; else the first. */
export function preferredLocale(tags: readonly string[], locales: readonly string[]): string {
  for (var i = 0; i < tags.length; i++) {
    var tag = tags[i] as string;
    if (locales.indexOf(tag) >= 0) return tag;
    for (var j = 0; j < locales.length; j++) {
      if (written(locales[j] as string) === written(tag)) return locales[j] as string;
    }
  }
  return locales[0] || "";
}

/** Returns a tag's language; of Chinese its script, which follows from the place where the tag names none. */
function written(tag: string): string {
  var language = tag.split("-")[0]!.toLowerCase();
  // Who reads Cantonese reads Chinese, in the letters of Hong Kong where the tag does not name the mainland.
  if (language === "yue") return !/hant/i.test(tag) && /-(hans|cn)\b/i.test(tag) ? "zh-Hans" : "zh-Hant";
  if (language !== "zh") return language;
  return /hant/i.test(tag) || (!/hans/i.test(tag) && /-(tw|hk|mo)\b/i.test(tag)) ? "zh-Hant" : "zh-Hans";
}

/** The languages that the browser's person reads, as the browser tells its pages. */
export function browserTags(): readonly string[] {
  return navigator.languages || [navigator.language || ""];
}
