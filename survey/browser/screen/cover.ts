// The blank cover: as soon as the page is out of sight nothing of it can be seen, and coming back takes one press.
import type { Words } from "../documents/interface_texts";
import { button, make } from "./dom";

const FIELDS = "input, select, textarea";

// Decision 34.
export class Cover {
  readonly element = make("div", { id: "cover", role: "dialog", "aria-modal": "true", hidden: true });
  private focused: HTMLElement | null = null;
  /** Whether the page only lost the focus, to a notice or the list of apps, and was never hidden. */
  private blurOnly = false;

  private readonly onCover: () => void;

  constructor(onCover: () => void) {
    this.onCover = onCover;
  }

  /** Begins to watch; a later cover takes the place of an earlier one. */
  watch(): void {
    document.onvisibilitychange = () => document.visibilityState === "hidden" && this.onHidden();
    window.onblur = () => this.isPhone() && this.onBlur();
    window.onfocus = () => this.blurOnly && this.uncover();
  }

  /** Once the page was out of sight, whoever holds the phone now has to press first. */
  private onHidden(): void {
    this.blurOnly = false;
    this.show();
  }

  private onBlur(): void {
    this.blurOnly = this.element.hidden !== false;
    this.show();
  }

  /** Sets the label of the cover, which says nothing of what is under it. */
  label(words: Words): void {
    this.element.textContent = "";
    this.element.setAttribute("aria-label", words("cover"));
    this.element.append(button("uncover", words("cover"), "main", () => this.uncover()));
  }

  show(): void {
    if (!this.element.hidden || !this.element.isConnected) return;
    this.focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    document.documentElement.dataset.covered = "";
    this.element.hidden = false;
    this.element.querySelector("button")?.focus({ preventScroll: true });
    this.onCover();
  }

  uncover(): void {
    if (this.element.hidden) return;
    delete document.documentElement.dataset.covered;
    this.element.hidden = true;
    this.blurOnly = false;
    this.focused?.focus({ preventScroll: true });
  }

  /** On a phone a page loses the focus just before the list of apps shows it; a list or keyboard takes it too. */
  private isPhone(): boolean {
    return matchMedia("(hover: none) and (pointer: coarse)").matches && !document.activeElement?.matches(FIELDS);
  }
}
