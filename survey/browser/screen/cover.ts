// The blank cover: as soon as the page is out of sight nothing of it can be seen, and coming back takes one press.
import type { Words } from "../documents/words";
import { button, make } from "./dom";

const FIELDS = "input, select, textarea";

// Decision 34.
export class Cover {
  readonly element = make("div", { id: "cover", role: "dialog", "aria-modal": "true", hidden: true });
  private under: HTMLElement | null = null;
  /** Whether the page was only looked past, by a notice or the list of apps, and never hidden. */
  private glimpsed = false;

  private readonly onCover: () => void;

  constructor(onCover: () => void) {
    this.onCover = onCover;
  }

  /** Begins to watch; a later cover takes the place of an earlier one. */
  watch(): void {
    document.onvisibilitychange = () => document.visibilityState === "hidden" && this.hide();
    window.onblur = () => this.isPhone() && this.glimpse();
    window.onfocus = () => this.glimpsed && this.lift();
  }

  /** Once the page was out of sight, whoever holds the phone now has to press first. */
  private hide(): void {
    this.glimpsed = false;
    this.put();
  }

  private glimpse(): void {
    this.glimpsed = this.element.hidden !== false;
    this.put();
  }

  /** The words on the cover, which say nothing of what is under it. */
  speak(words: Words): void {
    this.element.textContent = "";
    this.element.setAttribute("aria-label", words("cover"));
    this.element.append(button("uncover", words("cover"), "main", () => this.lift()));
  }

  put(): void {
    if (!this.element.hidden || !this.element.isConnected) return;
    this.under = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    document.documentElement.dataset.covered = "";
    this.element.hidden = false;
    this.element.querySelector("button")?.focus({ preventScroll: true });
    this.onCover();
  }

  lift(): void {
    if (this.element.hidden) return;
    delete document.documentElement.dataset.covered;
    this.element.hidden = true;
    this.glimpsed = false;
    this.under?.focus({ preventScroll: true });
  }

  /** On a phone a page loses the focus just before the list of apps shows it; a list or keyboard takes it too. */
  private isPhone(): boolean {
    return matchMedia("(hover: none) and (pointer: coarse)").matches && !document.activeElement?.matches(FIELDS);
  }
}
