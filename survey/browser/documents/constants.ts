// Reserved codes and names of questionnaires, equal to those in survey/questionnaire and survey/authoring.

export const NONE_OF_THESE = 90;
export const NOT_ASKED = 97;
/** More options than this are a long list: people look for theirs, and do not read the others. */
export const LONG_LIST = 12;
/** The ending for respondents who decline the consent. */
export const NO_CONSENT = "no-consent";
