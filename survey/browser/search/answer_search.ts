// A field above a long list of options: what is typed hides the options that do not have it. Nothing typed is kept.
import { LONG_LIST } from "../documents/constants";
import { type Words, wordsOf } from "../documents/interface_texts";
import { make } from "../screen/dom";
import { textField } from "../screen/fields";
import type { Scene } from "../screen/scene";
import { isFound } from "./folded_text";

/** Follows an interview, and puts the field on the screens of long lists. */
export const answerSearch = {
  onScene({ at, items: [item], group, texts }: Scene): void {
    if (at !== "item" || group || item?.type !== "single") return;
    const choice = document.querySelector<HTMLElement>("main .choice");
    // Options that stay last in a drawn order ("another") are for whoever does not find theirs.
    const fixed = new Set(item.options.filter(({ last }) => last).map(({ code }) => code));
    const options = [...(choice?.querySelectorAll<HTMLElement>("[data-code]") ?? [])].filter(({ dataset }) =>
      item.options.some(({ code }) => String(code) === dataset.code && !fixed.has(code)));
    // Of a list that an earlier answer filters a few may be left, which need no search.
    if (options.length + fixed.size <= LONG_LIST) return;
    const first = choice?.querySelector("[data-code]") ?? null;
    for (const part of searchField(options, wordsOf(texts.interface, texts.locale))) choice?.insertBefore(part, first);
  },
};

/** Returns the field with its label, and the line that says how many answers are shown. */
function searchField(options: readonly HTMLElement[], words: Words): HTMLElement[] {
  const field = textField("", { "aria-describedby": "found", enterkeyhint: "search" });
  const found = make("p", { class: "quiet", id: "found", role: "status" }, words("find-all", { n: options.length }));
  const search = (): void => {
    const shown = options.filter((option) => isFound(option.textContent ?? "", field.value));
    for (const option of options) option.hidden = !shown.includes(option);
    found.textContent = shown.length === 0 ? words("find-none")
      : words(shown.length === options.length ? "find-all" : "find-some", { n: shown.length, of: options.length });
  };
  // While an input method's window is open the field holds what stands for other signs: "bei" for 北.
  field.addEventListener("input", (event) => (event as InputEvent).isComposing || search());
  field.addEventListener("compositionend", search);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    options.find(({ hidden }) => !hidden)?.focus();
  });
  return [make("div", { class: "fields" }, make("label", {}, make("span", {}, words("find")), field)), found];
}
