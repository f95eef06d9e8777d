// Runs first, in any browser (ES5): shows a hidden note where answers cannot be sealed or an app's browser is used.
import { listenForAgain, offerLanguages, refuse, refuseLost, showNotes } from "../documents/lost_script";
import { insideApp } from "./in_app_browsers";
import { lead } from "./lead";

var WAIT_MS = 60000;
var SETTLE_MS = 400;

(function () {
  var root = document.documentElement;
  var languages = document.getElementById("languages");

  /** Puts the browser's language first, unless one was pressed before this came. */
  function leadUnpressed() {
    if (document.querySelector("details[open]") || !lead() || !languages) return;
    // Nothing is pressed that has just come under the finger.
    languages.style.pointerEvents = "none";
    setTimeout(function () { languages!.style.pointerEvents = ""; }, SETTLE_MS);
  }

  function canSeal() {
    var w = window as unknown as { [name: string]: unknown };
    var subtle = w.crypto && (w.crypto as Crypto).subtle;
    return !!(subtle && w.BigInt && w.fetch && w.Promise && w.Uint8Array && w.TextEncoder && w.AbortController);
  }

  // A script that was not loaded means a bad connection; one that cannot be parsed means an old browser.
  function failed(event: Event) {
    if (root.hasAttribute("data-ready") || root.hasAttribute("data-refused")) return;
    var source = event.target as Element | null;
    if (source && source.nodeName === "SCRIPT") refuseLost(source as HTMLScriptElement);
    else refuse("unsupported");
  }

  // A script that neither comes nor fails would leave whoever pressed a language waiting for ever; it may still come.
  function late() {
    // Inside an app the warning stays until it is answered.
    var isDone = root.hasAttribute("data-ready") || root.hasAttribute("data-refused") || root.hasAttribute("data-inapp");
    if (!isDone) showNotes("offline");
  }

  // No language can be chosen, so no topic is shown, before the person has confirmed twice.
  function warn() {
    var opened = document.querySelectorAll("#languages details[open]");
    for (var i = 0; i < opened.length; i++) opened[i]!.removeAttribute("open");
    root.setAttribute("data-inapp", "");
    offerLanguages(false);
    showNotes("inapp");
    document.addEventListener("click", function (event) {
      var pressed = event.target as Element | null;
      if (!pressed || pressed.getAttribute("data-press") !== "anyway") return;
      root.removeAttribute("data-inapp");
      showNotes("");
      offerLanguages(true);
      var first = languages && languages.querySelector("summary");
      if (first) first.focus();
    });
  }

  // Another site could have named the tab: what it says counts only after a reload of this page.
  function reloaded() {
    var timing = window.performance && performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    return !!timing && (timing as PerformanceNavigationTiming).type === "reload";
  }

  if (!reloaded()) window.name = "";
  listenForAgain();
  leadUnpressed();
  if (!canSeal()) refuse(window.isSecureContext === false ? "insecure" : "unsupported");
  else {
    window.addEventListener("error", failed, true);
    setTimeout(late, WAIT_MS);
    if (insideApp(navigator.userAgent, "standalone" in navigator && !!navigator.standalone)) warn();
  }
  // At the end: the page's own script goes on only where all of this has run.
  root.setAttribute("data-checked", "");
})();
