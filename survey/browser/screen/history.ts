// The browser's back button: one history entry is a guard; leaving it moves the interview one screen back.

// Decision 33.
const GUARD = "guard";
/** The empty page that replaces the entry below the guard once the interview has begun. */
const EMPTY = "/blank";
/** Some windows never go forward again; then the step back is made without it. */
const PATIENCE_MS = 400;

/**
 * Runs `step` whenever the person goes back; adds no other history entries.
 *
 * The entry below is renamed to an empty page, so that after Leave or Send nothing of the survey stands there; going
 * forward again instead of adding an entry keeps the browsers content that skip entries nobody pressed for.
 */
export function guardHistory(step: () => void): void {
  const root = document.documentElement;
  let timer = 0;
  const run = (): void => {
    clearTimeout(timer);
    timer = 0;
    step();
  };
  window.onpopstate = ({ state }) => {
    if (state === GUARD) return timer ? run() : undefined;
    timer = window.setTimeout(run, PATIENCE_MS);
    history.forward();
  };
  if (root.dataset.guarded !== undefined) return;
  root.dataset.guarded = "";
  const here = location.href;
  history.replaceState(null, "", EMPTY);
  history.pushState(GUARD, "", here);
}
