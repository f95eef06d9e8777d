// Whose window this is: browsers inside apps, and browsers of companies that see what is opened in them. ES5, for check.ts.

var COMPANIES = new RegExp([
  // WeChat on phones and computers, WeCom.
  "MicroMessenger", "WindowsWechat", "MacWechat", "wxwork",
  // Alipay, Taobao, DingTalk and their like; UC and Quark, which report the addresses that are opened in them.
  "AliApp\\(", "AlipayClient", "AlipayDefined", "DingTalk", "UCBrowser", "UCWEB", "\\bU[23]\\/\\d", "\\bUBrowser", "Quark\\/",
  // QQ and TIM; QQ's browser does as UC's does.
  "\\bQQ\\/\\d", "QQBrowser", "\\bQzone", "\\bTIM\\/\\d",
  "__weibo__", "\\bWeibo\\b",
  // Others that open links inside themselves.
  "baiduboxapp", "BIDUBrowser", "aweme", "BytedanceWebview", "NewsArticle", "xhsdiscover", "\\bLark\\/", "Feishu",
  "FBA[NV]\\/", "Instagram", "\\bLine\\/\\d", "KAKAOTALK", "musical_ly",
].join("|"), "i");

/** On Android an app's window says so, unless the app hides it; some makers' browsers are such a window too. */
var WINDOW = /;\s?wv\)/;
var BROWSERS = /(Vivo|Miui|Huawei|HeyTap|Samsung|Honor|Realme)Browser|Firefox|Focus|Klar|DuckDuckGo|EdgA|OPR\//i;

// Decision 32.
/** Says whether a browser with this user agent is another app's window, or one whose owner sees the addresses. */
export function insideApp(userAgent: string): boolean {
  return COMPANIES.test(userAgent) || (WINDOW.test(userAgent) && !BROWSERS.test(userAgent));
}
