// The blank cover: hides the page as soon as it is in the background; coming back takes one press.
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

  /** Starts watching; a later cover replaces an earlier one. */
  watch(): void {
    document.onvisibilitychange = () => document.visibilityState === "hidden" && this.onHidden();
    window.onblur = () => this.isPhone() && this.onBlur();
    window.onfocus = () => this.blurOnly && this.uncover();
  }

  /** After the page was hidden, one press is needed to show it again. */
  private onHidden(): void {
    this.blurOnly = false;
    this.show();
  }

  private onBlur(): void {
    this.blurOnly = this.element.hidden !== false;
    this.show();
  }

  /** Sets the label of the cover, which reveals nothing of the page. */
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

  /** A page loses the focus just before the app switcher shows it; selects and keyboards take the focus too. */
  private isPhone(): boolean {
    return matchMedia("(hover: none) and (pointer: coarse)").matches && !document.activeElement?.matches(FIELDS);
  }
}
