// Codes and names that questionnaires reserve, as survey/questionnaire and survey/authoring have them.

export const NONE_OF_THESE = 90;
export const NOT_ASKED = 97;
/** The ending that is shown to who declines the consent. */
export const NO_CONSENT = "no-consent";
