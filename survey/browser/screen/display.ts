// Display settings: colours and text size, by the phone's preferences or the person's choice, in memory only.
import type { InterfaceKey, Words } from "../documents/interface_texts";
import { button, make } from "./dom";

/** The choices of each setting with the keys of their labels; the first follows the phone. */
const SIZES: Readonly<Record<string, InterfaceKey>> = { "1": "size-1", "2": "size-2", "3": "size-3" };
const COLOURS: Readonly<Record<string, InterfaceKey>> = {
  phone: "colours-phone", light: "colours-light", dark: "colours-dark", contrast: "colours-contrast",
};

/** Lets every button in the page with `data-size` or `data-colours` change how the page looks. */
export function listenForDisplay(): void {
  // Hidden in the HTML, because it does nothing without script.
  document.querySelector("header")?.removeAttribute("hidden");
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const pressed = target.closest<HTMLElement>("button[data-size], button[data-colours]");
    if (!pressed) return;
    const { size, colours } = pressed.dataset;
    if (size !== undefined) choose("size", size);
    if (colours !== undefined) choose("colours", colours);
  });
  // The panel overlays the page, so it closes when the focus moves elsewhere.
  for (const kind of ["click", "focusin"]) document.addEventListener(kind, ({ target }) => closePanel(target));
}

function closePanel(target: EventTarget | null): void {
  const panel = document.querySelector<HTMLDetailsElement>(".display[open]");
  if (panel && target instanceof Node && target.isConnected && !panel.contains(target)) panel.open = false;
}

/** The control in the frame: a button "Aa" that opens the choices. */
export function displayControl(words: Words): HTMLElement {
  const name = make("span", { class: "said" }, words("display"));
  return make("details", { class: "display" },
    make("summary", {}, make("span", { "aria-hidden": "true" }, "Aa"), name),
    make("div", { class: "panel" }, choices("size", SIZES, words), choices("colours", COLOURS, words)));
}

function choices(kind: "size" | "colours", values: Readonly<Record<string, InterfaceKey>>, words: Words): HTMLElement {
  const now = document.documentElement.dataset[kind] ?? Object.keys(values)[0];
  const offered = Object.entries(values).map(([value, key]) => {
    // The size is visible; its name is for screen readers.
    const label = kind === "size" ? "" : words(key);
    const choice = button(`${kind}-${value}`, label, `${kind}-${value}`, () => undefined, {
      [`data-${kind}`]: value, "aria-pressed": String(value === now),
    });
    if (!label) choice.append(make("span", { "aria-hidden": "true" }, "A"), make("span", { class: "said" }, words(key)));
    return choice;
  });
  return make("div", { role: "group", "aria-label": words(kind) }, ...offered);
}

function choose(kind: "size" | "colours", value: string): void {
  document.documentElement.dataset[kind] = value;
  for (const other of document.querySelectorAll(`button[data-${kind}]`)) {
    other.setAttribute("aria-pressed", String(other.getAttribute(`data-${kind}`) === value));
  }
}
