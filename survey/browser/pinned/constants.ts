// Constants of the pinned documents, equal to survey/wave/manifest.py, survey/wave/correction.py, survey/questionnaire/questionnaire.py and
// survey/publication/bundles.py.

/** Bytes of the manifest's SHA-256 in the link: 32 characters of base64url. */
export const PIN_SIZE = 24;
export const MANIFEST_FORMAT = "sotto-manifest-2";
export const QUESTIONNAIRE_FORMAT = "sotto-questionnaire-3";
export const WORDING_FORMAT = "sotto-wording-1";
export const TEXTS_FORMAT = "sotto-texts-2";
/** Of the names of bundles: the ten characters with the shortest code in headers (RFC 7541, appendix B). */
export const BUNDLE_SYMBOLS = "012aceiost";
/** How the documents of a locale begin (survey/publication/bundles.py). */
export const BUNDLE_START = '{"manifest":"';
