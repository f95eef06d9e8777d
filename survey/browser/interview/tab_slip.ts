// Keeps a slip over a reload of the page, in the tab's name alone and locked with the slip's code (decision 109).
import type { PasswordKey } from "../sealing/password_lock";
import { type Kept, openTabName, type TabContext, tabKey, tabName } from "../sealing/tab_name";

export class TabSlip {
  private readonly context: TabContext;
  private held: { code: string; key: Promise<PasswordKey> } | null = null;
  /** Counts how often the name was emptied: what was being locked meanwhile is not kept. */
  private emptied = 0;

  /** Empties the name on any load but a reload: another site could have planted it. */
  constructor(context: TabContext) {
    this.context = context;
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (entry?.type !== "reload") this.empty();
  }

  /** Whether something was kept before a reload; whose it is shows only with the code. */
  get full(): boolean {
    return window.name !== "";
  }

  /** Returns what was kept under this code before the reload; where the name does not open it is emptied. */
  async open(code: string): Promise<Kept | null> {
    if (!this.full) return null;
    const opened = await openTabName(window.name, code, this.context).catch(() => null);
    if (!opened) this.empty();
    else this.held = { code, key: Promise.resolve(opened.key) };
    return opened && opened.kept;
  }

  /** Keeps a token or a request for one under its code. Never throws: without it a reload costs the slip, no more. */
  async keep(code: string, kept: Kept): Promise<void> {
    const turn = this.emptied;
    if (this.held?.code !== code) this.held = { code, key: tabKey(code) };
    const name = await this.held.key.then((key) => tabName(kept, key, this.context)).catch(() => "");
    if (turn === this.emptied) window.name = name;
  }

  /** Empties the name, and lets go of the key. */
  empty(): void {
    this.emptied++;
    this.held = null;
    window.name = "";
  }
}
