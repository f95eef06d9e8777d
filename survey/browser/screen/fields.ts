// Common parts of typed answers: a text field, its input events, and the line for faults.
import { bringIntoView, make } from "./dom";

type Attributes = Readonly<Record<string, string>>;

/** The browser must not store, correct or suggest typed text. */
export function textField(value: string, attributes: Attributes): HTMLInputElement {
  const field = make("input", {
    type: "text", autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false",
    "aria-describedby": "hint", ...attributes,
  });
  field.value = value;
  return field;
}

/** Runs `changed` with every change, and `enter` when Enter is pressed outside of an input method's window. */
export function onInput(field: HTMLInputElement, changed: () => void, enter: () => void): void {
  field.addEventListener("input", () => {
    clearFault();
    changed();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    enter();
  });
}

export const faultLine = (): HTMLElement => make("p", { id: "fault", class: "fault", role: "alert" });

/** Shows and announces the fault of one field, counted from 0, under that field alone, and moves the focus there. */
export function showFault(text: string, at = 0): void {
  clearFault();
  const line = document.getElementById("fault");
  // The field that searches a long list is no answer's.
  const field = document.querySelectorAll<HTMLElement>("main input[aria-describedby^=hint], main select")[at];
  if (!line || !field) return;
  if (field.tagName === "INPUT") field.after(line);
  line.textContent = text;
  field.setAttribute("aria-invalid", "true");
  describe(field, "fault");
  field.focus({ preventScroll: true });
  // A field that has the focus already is not brought back by it, and its message lies below it.
  bringIntoView(field, line);
}

/** Shows and announces what is wrong with the options that are pressed, under the last of them. */
export function showChoiceFault(text: string): void {
  const pressed = [...document.querySelectorAll<HTMLElement>("main [aria-pressed=true]")].pop();
  const line = document.getElementById("fault") ?? faultLine();
  pressed?.closest(".choice > *")?.after(line);
  line.textContent = text;
  if (pressed) bringIntoView(pressed, line);
}

export function clearFault(): void {
  const line = document.getElementById("fault");
  if (line) line.textContent = "";
  for (const field of document.querySelectorAll("main [aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    describe(field);
  }
}

/** A field is described by its hint (a list by the question), and by the fault while it has one. */
function describe(field: Element, ...more: readonly string[]): void {
  const hint = field.tagName === "INPUT" ? "hint" : "title";
  field.setAttribute("aria-describedby", [hint, ...more].join(" "));
}
