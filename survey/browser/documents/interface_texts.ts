// The interface's texts in the chosen language, from the pinned documents (survey/interface/<locale>/phone.po).

// Named for the type below and for tests: the page's script does not carry the list.
export const INTERFACE_KEYS = [
  "language", "leave", "leave-help", "consent-title", "stay", "back", "next", "progress", "choose-up-to",
  "choose-first", "end-next", "cap-reached", "ready-title", "ready-kept", "ready-sealed", "ready-final", "overview",
  "send", "sending-title",
  "sending-text", "stored-title", "stored-text", "debrief", "close", "not-stored-title", "not-stored-text",
  "unconfirmed-title", "unconfirmed-text", "portal-text", "full-text", "seal-failed-text", "retry", "closed-title", "closed-text",
  "ended-title", "nothing-sent", "switching", "switch-failed",
  // The frame: display, cover, reading aloud, what protects.
  "display", "size", "size-1", "size-2", "size-3", "colours", "colours-phone", "colours-light", "colours-dark",
  "colours-contrast", "cover", "listen", "listen-again", "listen-stop", "listen-off", "listen-wait", "listen-none",
  "listen-failed", "protect", "protect-phone", "protect-lock", "protect-trace",
  // A device that many people use, the field kit, and drafts.
  "handover-title", "handover-text", "handover-hidden", "handover-go", "giveback-title", "giveback-text",
  "giveback-go", "assist-aloud", "assist-private", "assist-finished", "finish", "kept-title", "kept-text",
  "idle-title", "idle-text", "idle-left", "idle-here", "draft-save", "draft-stay", "draft-title", "draft-how", "draft-warn",
  "draft-lost", "draft-wiped", "draft-go", "draft-code-title", "draft-code-text", "draft-code-close",
  "draft-continue", "draft-type-title", "draft-type-label", "draft-open", "draft-count", "draft-unknown",
  "draft-near", "draft-wrong", "draft-failed", "draft-back",
  // Questions and sending.
  "rank-how", "rank-full", "find", "find-all", "find-some", "find-none", "number-bounds", "number-whole",
  "number-range", "sent-as", "type-first", "date-year",
  "date-month", "date-first", "date-range", "phrase-how", "phrase-one", "phrase-empty", "phrase-field", "phrase-names", "phrase-sent",
  "phrase-words", "phrase-length", "phrase-signs", "list-how", "chance", "chance-more", "chance-picture",
  "chance-true", "chance-drawn", "chance-why", "sending-lock", "sending-way", "sending-slow", "trying-again",
  "stop-trying", "refused-title", "refused-text", "results", "receipt", "receipt-text", "receipt-check",
  // By invitation.
  "invite-title", "invite-how", "invite-given-title", "invite-given-how", "invite-label", "invite-go", "invite-checking", "invite-empty", "invite-length",
  "invite-symbol", "invite-check", "invite-used", "invite-unknown", "invite-closed", "invite-away", "invite-portal", "invite-opens",
  "invite-reloaded", "invite-stay", "invite-takeback", "invite-takeback-title", "invite-takeback-how",
  "invite-takeback-until", "invite-takeback-warn",
  // On an open link that asks for work.
  "work-sum",
] as const;

export type InterfaceKey = (typeof INTERFACE_KEYS)[number];
export type Words = (key: InterfaceKey, values?: Readonly<Record<string, number | string>>) => string;

/** Returns `text` with placeholders such as `{n}` filled in; those without a value stay. */
export const filledIn = (text: string, values: Readonly<Record<string, number | string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** Returns a lookup of the texts of a language that fills in placeholders such as `{n}`, which chooses plural forms. */
export const wordsOf = (texts: Readonly<Record<string, string>>, locale: string): Words =>
  (key, values = {}) => filledIn(pluralOf(texts, key, values["n"], locale) ?? texts[key] ?? "", values);

/** Returns what is said of just this number, where a language says it otherwise than of any (CLDR's plural rules). */
function pluralOf(texts: Readonly<Record<string, string>>, key: string, n: unknown, locale: string): string | undefined {
  if (typeof n !== "number" || !Object.keys(texts).some((one) => one.startsWith(key + "."))) return undefined;
  try {
    return texts[key + "." + new Intl.PluralRules(locale).select(n)];
  } catch {
    return undefined;
  }
}
