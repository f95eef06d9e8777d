// Numbers of the payload and of the random draws, as survey/questionnaire has them.

export const PAYLOAD_VERSION = 2;
/** Bytes before the items: version, locale, mode, form, stratum, quality. */
export const HEADER_SIZE = 6;
/** In the order of their bytes. */
export const MODES = ["self", "kiosk", "assisted", "server"] as const;
/** A threshold counts how many of so many equally likely draws keep the answer: 2^32. */
export const SPACE = 4_294_967_296;
