// Runs first, in any browser (ES5): shows a hidden note where answers cannot be sealed or an app's browser is used.
import { browserTags, preferredLocale } from "../documents/preferred_locale";
import { insideApp } from "./in_app_browsers";

var WAIT_MS = 60000;
var SETTLE_MS = 400;

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

  /** Puts what is written in the browser's language before the other languages, on the screen and for readers. */
  function lead() {
    var offered = languages ? languages.querySelectorAll("[data-locale]") : [];
    var locales: string[] = [];
    for (var i = 0; i < offered.length; i++) locales.push(offered[i]!.getAttribute("data-locale") || "");
    var locale = preferredLocale(browserTags(), locales);
    if (locale === locales[0] || document.querySelector("details[open]")) return;
    var own = document.querySelectorAll("main [lang=\"" + locale + "\"]");
    for (var j = 0; j < own.length; j++) moveUp(own[j]!);
    root.lang = locale;
    root.dir = (own[0] && own[0].getAttribute("dir")) || "ltr";
    // Nothing is pressed that has just come under the finger.
    if (!languages) return;
    languages.style.pointerEvents = "none";
    setTimeout(function () { languages!.style.pointerEvents = ""; }, SETTLE_MS);
  }

  function moveUp(one: Element) {
    var parent = one.parentNode!;
    var last = parent.lastChild === one ? one.previousSibling : parent.lastChild;
    for (var i = 0; i < parent.children.length; i++) {
      var other = parent.children[i]!;
      if (!other.getAttribute("lang") || other.getAttribute("data-note") !== one.getAttribute("data-note")) continue;
      if (other === one) return;
      parent.insertBefore(one, other);
      // All behind it are put anew too: drawn in their places at once, none is seen to move.
      for (var next = one.nextSibling; next; ) {
        parent.appendChild(next);
        if (next === last) return;
        next = one.nextSibling;
      }
      return;
    }
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
  lead();
  if (!canSeal()) refuse(window.isSecureContext === false ? "insecure" : "unsupported");
  else {
    window.addEventListener("error", failed, true);
    setTimeout(late, WAIT_MS);
    if (insideApp(navigator.userAgent, "standalone" in navigator && !!navigator.standalone)) warn();
  }
})();
