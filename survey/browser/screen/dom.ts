// DOM elements from code, with text set as text: nothing is parsed as markup or script.

type Child = Node | string | false | undefined;
type Attributes = Readonly<Record<string, string | boolean>>;

/** Returns an element; a true attribute is set without a value, a false one is left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) {
    if (child) element.append(child);
  }
  return element;
}

/** Returns a button that runs `press`; `name` says in the page what it does, whatever the language of its label. */
export function button(
  name: string, label: string, className: string, press: () => void, attributes: Attributes = {},
): HTMLButtonElement {
  const element = make("button", { type: "button", class: className, "data-press": name, ...attributes }, label);
  element.addEventListener("click", press);
  return element;
}

export const paragraph = (text: string, className = ""): HTMLElement => make("p", { class: className || false }, text);

/** A row of buttons to choose among. */
export const choice = (...buttons: readonly HTMLElement[]): HTMLElement => make("div", { class: "choice" }, ...buttons);

/** Scrolls so that `field` and what is said of it are between the bars; where both do not fit, the field is. */
export function bringIntoView(field: HTMLElement, said: HTMLElement): void {
  for (const part of [said, field]) part.scrollIntoView({ block: "nearest" });
}

/** Replaces everything in `parent`. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.textContent = "";
  for (const child of children) {
    if (child) parent.append(child);
  }
}
