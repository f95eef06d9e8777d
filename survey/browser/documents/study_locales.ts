// The study's locales as the host numbers them.

/**
 * Returns the locales in the order of the study, which names their documents (survey/publication/bundles.py), from the
 * page's body. The languages on the screen stand in another order: check.ts puts the browser's first.
 */
export const studyLocales = (): readonly string[] => (document.body.dataset.locales ?? "").split(" ");
