// First in the head of a page that has an address for each language: leads a browser to its own. ES5.
import { browserTags, preferredLocale } from "../documents/preferred_locale";

(function () {
  // The page's own language first: who reads none of them stays.
  var locales = (document.currentScript!.getAttribute("data-locales") || "").split(" ");
  var locale = preferredLocale(browserTags(), locales);
  var query = location.search;
  // Whoever has chosen, even a language that there is not, is led nowhere.
  if (locale === locales[0] || /[?&]lang=/.test(query)) return;
  location.replace(location.pathname + query + (query ? "&" : "?") + "lang=" + locale + location.hash);
})();
