// Detects browsers inside apps, and browsers that report visited addresses to their maker. ES5, for check.ts.

var COMPANIES = new RegExp([
  // WeChat on phones and computers, WeCom.
  "MicroMessenger", "WindowsWechat", "MacWechat", "wxwork",
  // Alipay, Taobao, DingTalk and their like; UC and Quark, which report the addresses that are opened in them.
  "AliApp\\(", "AlipayClient", "AlipayDefined", "DingTalk", "UCBrowser", "UCWEB", "\\bU[23]\\/\\d", "\\bUBrowser", "Quark\\/",
  // QQ and TIM; QQ's browser does as UC's does.
  "\\bQQ\\/\\d", "QQBrowser", "\\bQzone", "\\bTIM\\/\\d",
  "__weibo__", "\\bWeibo\\b",
  // Other apps with a browser of their own.
  "baiduboxapp", "BIDUBrowser", "aweme", "BytedanceWebview", "NewsArticle", "xhsdiscover", "\\bLark\\/", "Feishu",
  "FBA[NV]\\/", "Instagram", "\\bLine\\/\\d", "KAKAOTALK", "musical_ly",
].join("|"), "i");

/** Android's WebView marks its user agent, unless the app hides it; some makers' browsers are WebViews too. */
var WINDOW = /;\s?wv\)/;
var BROWSERS = /(Vivo|Miui|Huawei|HeyTap|Samsung|Honor|Realme)Browser|Firefox|Focus|Klar|DuckDuckGo|EdgA|OPR\//i;

// Decision 32.
/** Returns whether a user agent is that of an in-app browser, or of one that reports visited addresses. */
export function insideApp(userAgent: string): boolean {
  return COMPANIES.test(userAgent) || (WINDOW.test(userAgent) && !BROWSERS.test(userAgent));
}
