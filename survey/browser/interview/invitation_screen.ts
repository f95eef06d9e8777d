// Where a slip's code is typed: read as generously as people write, checked here first, then by the issuer.
import type { Standing } from "../delivery/issuer";
import type { Key, Words } from "../documents/words";
import { button, make, paragraph } from "../screen/dom";
import type { Screen } from "../screen/page";
import { GROUPS } from "../sealing/constants";
import { CodeError, readCode } from "../sealing/invitation_code";

const FIELD = "invitation";
const SAID = "said";

/** What the person is told: a fault of the typing, or the issuer's word. */
export type Trouble = CodeError["reason"] | Exclude<Standing, "good">;

/** Returns the screen; `typed` is what stands in the field, `go` gets 17 symbols. */
export function codeScreen(words: Words, trouble: Trouble | null, go: (code: string) => void): Screen {
  const field = make("textarea", {
    id: FIELD, class: "slip", rows: "2", autocomplete: "off", autocapitalize: "characters", autocorrect: "off",
    spellcheck: "false", inputmode: "text", enterkeyhint: "go", translate: "no", dir: "ltr",
    "aria-describedby": `how ${SAID}`,
  });
  const said = make("div", { id: SAID, role: "alert" });
  const read = (): void => readField(words, field, said, go);
  listen(field, said, read);
  const how = make("p", { id: "how" }, words("invite-how"));
  const label = make("label", { for: FIELD }, words("invite-label"));
  const press = button("code", words("invite-go"), "main", read);
  if (trouble) say(words, field, said, trouble, 0);
  return { title: words("invite-title"), body: [how, label, field, said, make("div", { class: "choice" }, press)] };
}

/** While the issuer is asked. */
export const checkingScreen = (words: Words): Screen => ({
  title: words("invite-title"), body: [make("p", { role: "status" }, words("invite-checking"))], busy: true,
});

/** Returns `typed` in capitals and groups, with what no code has left as it is: it will be named. */
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
const plain = (typed: string): string => typed.normalize("NFKC").toUpperCase().replace(/[\s\-–—_.·]/g, "");

function listen(field: HTMLTextAreaElement, said: HTMLElement, read: () => void): void {
  field.addEventListener("input", (event) => {
    said.textContent = "";
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

function readField(words: Words, field: HTMLTextAreaElement, said: HTMLElement, go: (code: string) => void): void {
  try {
    const code = readCode(plain(field.value));
    field.value = "";
    go(code);
  } catch (error) {
    say(words, field, said, error instanceof CodeError ? error.reason : "symbol", plain(field.value).length);
    field.focus();
  }
}

function say(words: Words, field: HTMLElement, said: HTMLElement, trouble: Trouble, n: number): void {
  said.textContent = "";
  said.append(paragraph(words(trouble === "length" && n === 0 ? "invite-empty" : KEYS[trouble], { n }), "fault"));
  field.setAttribute("aria-invalid", "true");
}

const KEYS: Readonly<Record<Trouble, Key>> = {
  length: "invite-length", symbol: "invite-symbol", check: "invite-check", used: "invite-used",
  unknown: "invite-unknown", closed: "invite-closed", away: "invite-away",
};
