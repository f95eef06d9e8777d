// Detects browsers inside apps, and browsers that report visited addresses to their maker. ES5, for check.ts.
import { independent, reporting } from "./in_app_browsers.json";

/** One row of the list; what is built has one row with all patterns. */
interface Row {
  pattern: string;
}

function anyOf(rows: readonly Row[]): RegExp {
  return new RegExp(rows.map(function (row) { return row.pattern; }).join("|"), "i");
}

var REPORTING = anyOf(reporting);
var INDEPENDENT = anyOf(independent);
/** Android's WebView marks its user agent, unless the app hides one mark or both; Chrome itself has neither. */
var ANDROID_WINDOW = /;\s?wv\)|Version\/4\.0 Chrome\//;

/**
 * Apple's web view says nothing of Safari, which every browser for iPhone, iPad and Mac adds.
 *
 * A page that was put on the home screen says nothing of it either, and is nobody else's window: `standalone`.
 */
function appleWindow(userAgent: string, standalone: boolean): boolean {
  return /\b(iP(hone|ad|od)|Macintosh)\b.*AppleWebKit\//.test(userAgent) && !/Safari\//.test(userAgent) && !standalone;
}

// Decision 32.
/** Returns whether a user agent is that of an in-app browser, or of one that reports visited addresses. */
export function insideApp(userAgent: string, standalone: boolean): boolean {
  if (REPORTING.test(userAgent) || appleWindow(userAgent, standalone)) return true;
  return ANDROID_WINDOW.test(userAgent) && !INDEPENDENT.test(userAgent);
}
