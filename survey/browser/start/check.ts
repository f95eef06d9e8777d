// Runs first, in any browser (ES5): shows a hidden note where answers cannot be sealed or an app's browser is used.
import { insideApp } from "./in_app_browsers";

var WAIT_MS = 60000;

(function () {
  var root = document.documentElement;
  var languages = document.getElementById("languages");

  function show(name: string, shown: boolean) {
    var notes = document.querySelectorAll("[data-note]");
    for (var i = 0; i < notes.length; i++) {
      if (notes[i]!.getAttribute("data-note") !== name) continue;
      if (shown) notes[i]!.removeAttribute("hidden");
      else notes[i]!.setAttribute("hidden", "");
    }
  }

  function offerLanguages(offered: boolean) {
    if (!languages) return;
    if (offered) languages.removeAttribute("hidden");
    else languages.setAttribute("hidden", "");
  }

  function refuse(name: string) {
    root.setAttribute("data-refused", name);
    offerLanguages(false);
    show("inapp", false);
    show(name, true);
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
    refuse(source && source.nodeName === "SCRIPT" ? "offline" : "unsupported");
  }

  // A script that neither comes nor fails would leave whoever pressed a language waiting for ever; it may still come.
  function late() {
    if (!root.hasAttribute("data-ready") && !root.hasAttribute("data-refused")) show("offline", true);
  }

  // No language can be chosen, so no topic is shown, before the person has confirmed twice.
  function warn() {
    var opened = document.querySelectorAll("#languages details[open]");
    for (var i = 0; i < opened.length; i++) opened[i]!.removeAttribute("open");
    root.setAttribute("data-inapp", "");
    offerLanguages(false);
    show("inapp", true);
    document.addEventListener("click", function (event) {
      var pressed = event.target as Element | null;
      if (!pressed || pressed.getAttribute("data-press") !== "anyway") return;
      root.removeAttribute("data-inapp");
      show("inapp", false);
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
  if (!canSeal()) refuse("unsupported");
  else {
    window.addEventListener("error", failed, true);
    setTimeout(late, WAIT_MS);
    if (insideApp(navigator.userAgent, "standalone" in navigator && !!navigator.standalone)) warn();
  }
})();
