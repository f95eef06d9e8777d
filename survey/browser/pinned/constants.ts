// Constants of the pinned documents, equal to survey/wave/manifest.py and survey/questionnaire/questionnaire.py.

/** Bytes of the manifest's SHA-256 in the link: 32 characters of base64url. */
export const PIN_SIZE = 24;
export const MANIFEST_FORMAT = "sotto-manifest-2";
export const QUESTIONNAIRE_FORMAT = "sotto-questionnaire-2";
export const TEXTS_FORMAT = "sotto-texts-1";
