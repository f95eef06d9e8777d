// Puts what a page says in the browser's language first, on pages that say it in all of theirs. ES5.
import { browserTags, preferredLocale } from "../documents/preferred_locale";

/**
 * Moves what is written in the browser's language before the other languages, on the screen and for readers.
 * `data-locales` of the body names the page's languages in their order. Returns whether anything was moved.
 */
export function lead(): boolean {
  var locales = (document.body.getAttribute("data-locales") || "").split(" ");
  var locale = preferredLocale(browserTags(), locales);
  if (locale === locales[0]) return false;
  var own = document.querySelectorAll("main [lang=\"" + locale + "\"]");
  for (var i = 0; i < own.length; i++) moveUp(own[i]!);
  document.documentElement.lang = locale;
  document.documentElement.dir = (own[0] && own[0].getAttribute("dir")) || "ltr";
  return true;
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
