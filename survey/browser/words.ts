// The interface's own words in the chosen language, from the pinned texts (survey/interface/<locale>/phone.po).

export const INTERFACE_KEYS = [
  "language", "leave", "leave-help", "consent-title", "back", "next", "progress", "choose-up-to",
  "choose-first", "cap-reached", "ready-title", "ready-kept", "ready-sealed", "ready-final", "send", "sending-title",
  "sending-text", "stored-title", "stored-text", "debrief", "close", "not-stored-title", "not-stored-text",
  "unconfirmed-title", "unconfirmed-text", "full-text", "seal-failed-text", "retry", "closed-title", "closed-text",
  "ended-title", "nothing-sent", "switching", "switch-failed",
] as const;

export type Key = (typeof INTERFACE_KEYS)[number];
export type Words = (key: Key, values?: Readonly<Record<string, number>>) => string;

/** Returns a lookup of the interface's words; `{n}` and the like are filled in. */
export const wordsOf = (texts: Readonly<Record<string, string>>): Words => (key, values = {}) =>
  (texts[key] ?? "").replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
