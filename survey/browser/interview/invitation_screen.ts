// The screen for an invitation code: typed in any spelling that is clear, checked here, redeemed after a press.
import type { CodeStatus } from "../delivery/issuer";
import type { Texts } from "../documents/documents";
import type { InterfaceKey, Words } from "../documents/interface_texts";
import { bringIntoView, make, paragraph } from "../screen/dom";
import type { Screen } from "../screen/page";
import { folded } from "../screen/screens";
import { GROUPS } from "../sealing/constants";
import { InvitationCodeError, readInvitationCode, SEPARATORS } from "../sealing/invitation_code";

const FIELD = "invitation";
const MESSAGES = "said";

/** Why a code is not accepted: a fault of the typing, or the issuer's reply. */
export type CodeProblem = InvitationCodeError["reason"] | CodeStatus;

export interface CodeScreen {
  words: Words;
  /** Readable before the press that uses up the slip. */
  consent: Texts["consent"];
  problem: CodeProblem | null;
  /** What the field shows at first: the code of the link, or an earlier try. */
  typed: string;
  /** `typed` is the link's code, unchanged and without a fault: there is nothing to type. */
  given: boolean;
  /** The page was loaded again while a slip was in it. */
  reloaded: boolean;
  /** Gets the 17 symbols of a code without faults. */
  accept: (code: string) => void;
}

/** Returns the screen; nothing is sent before its button is pressed. */
export function codeScreen({ words, consent, problem, typed, given, reloaded, accept }: CodeScreen): Screen {
  const field = make("textarea", {
    id: FIELD, class: "slip", rows: "2", autocomplete: "off", autocapitalize: "characters", autocorrect: "off",
    spellcheck: "false", inputmode: "text", enterkeyhint: "go", translate: "no", dir: "ltr",
    "aria-describedby": `how ${MESSAGES}`,
  });
  const messages = make("div", { id: MESSAGES, role: "alert" });
  const read = (): void => readField(words, field, messages, accept);
  listen(field, messages, read);
  field.value = grouped(typed);
  const how = make("p", { id: "how" }, words(given ? "invite-given-how" : "invite-how"));
  const label = make("label", { for: FIELD }, words("invite-label"));
  if (problem) showProblem(words, field, messages, problem, plain(typed).length);
  const warning = make("p", { class: "caution", id: "stay" }, words("invite-opens"));
  const about = folded(words("consent-title"), ...consent.paragraphs.map((part) => paragraph(part)));
  const again = reloaded ? [make("p", { class: "note", id: "again" }, words("invite-reloaded"))] : [];
  const body = [...again, how, about, label, field, messages, warning];
  return { title: words(given ? "invite-given-title" : "invite-title"), body, action: ["code", words("invite-go"), read] };
}

/** Brings what is said of the code that was refused into view: it stands below the field. */
export function showFault(): void {
  const [field, messages] = [FIELD, MESSAGES].map((id) => document.getElementById(id));
  if (field && messages) bringIntoView(field, messages);
}

/** While the issuer is asked. */
export const checkingScreen = (words: Words): Screen => ({
  title: words("invite-title"), body: [make("p", { role: "status" }, words("invite-checking"))], busy: true,
});

/** Returns `typed` in capitals and groups; symbols of no code stay, so that their fault can be shown. */
export function grouped(typed: string): string {
  const bare = plain(typed);
  const parts: string[] = [];
  let at = 0;
  for (const size of GROUPS) {
    parts.push(bare.slice(at, at + size));
    at += size;
  }
  return [...parts, bare.slice(at)].filter(Boolean).join("-");
}

/** Returns `typed` without what people put between symbols; full-width letters become plain ones. */
const plain = (typed: string): string => typed.normalize("NFKC").toUpperCase().replace(SEPARATORS, "");

function listen(field: HTMLTextAreaElement, messages: HTMLElement, read: () => void): void {
  field.addEventListener("input", (event) => {
    messages.textContent = "";
    field.removeAttribute("aria-invalid");
    // While an input method composes, and in the middle of a text, the typing is left alone.
    const typing = (event as InputEvent).isComposing || field.selectionStart !== field.value.length;
    if (!typing) field.value = grouped(field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    read();
  });
}

function readField(
  words: Words, field: HTMLTextAreaElement, messages: HTMLElement, accept: (code: string) => void,
): void {
  try {
    accept(readInvitationCode(plain(field.value)));
  } catch (error) {
    const problem = error instanceof InvitationCodeError ? error.reason : "symbol";
    showProblem(words, field, messages, problem, plain(field.value).length);
    field.focus({ preventScroll: true });
    bringIntoView(field, messages);
  }
}

function showProblem(words: Words, field: HTMLElement, messages: HTMLElement, problem: CodeProblem, n: number): void {
  messages.textContent = "";
  messages.append(paragraph(words(problem === "length" && n === 0 ? "invite-empty" : KEYS[problem], { n }), "fault"));
  field.setAttribute("aria-invalid", "true");
}

const KEYS: Readonly<Record<CodeProblem, InterfaceKey>> = {
  length: "invite-length", symbol: "invite-symbol", check: "invite-check", used: "invite-used",
  unknown: "invite-unknown", closed: "invite-closed", away: "invite-away", portal: "invite-portal",
};
