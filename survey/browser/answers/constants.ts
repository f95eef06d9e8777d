// Constants of the payload and of random draws, equal to those in survey/questionnaire.

export const PAYLOAD_VERSION = 2;
/** Bytes before the items: version, locale, mode, form, stratum, quality. */
export const HEADER_SIZE = 6;
/** In the order of their bytes. */
export const MODES = ["self", "kiosk", "assisted", "server"] as const;
/** The number of equally likely draws, 2^32; an item's threshold is how many of them keep the answer. */
export const SPACE = 4_294_967_296;
