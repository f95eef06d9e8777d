// Whose window this is: browsers inside apps, and browsers of companies that see what is opened in them. ES5, for check.ts.

var OTHERS = "(" + [
  // WeChat on phones and computers, WeCom.
  "MicroMessenger", "WindowsWechat", "MacWechat", "wxwork",
  // Alipay, Taobao, DingTalk and their like; UC, Quark.
  "AliApp\\(", "AlipayClient", "AlipayDefined", "DingTalk", "UCBrowser", "UCWEB", "U[23]\\/\\d", "UBrowser", "Quark\\/",
  // QQ, and its browser, which reports addresses as UC does.
  "\\bQQ\\/\\d", "QQBrowser", "QZone", "\\bQzone", "TIM\\/\\d",
  "__weibo__", "\\bWeibo\\b",
  // Others that open links inside themselves.
  "baiduboxapp", "BIDUBrowser", "aweme", "BytedanceWebview", "NewsArticle", "xhsdiscover", "\\bLark\\/", "Feishu",
  "FBA[NV]\\/", "Instagram", "\\bLine\\/\\d", "KAKAOTALK", "\\bBarcelona\\b", "musical_ly",
  // Any app's window on Android says so, unless the app hides it.
  ";\\s?wv\\)",
].join("|") + ")";

/** Says whether a browser with this user agent is another app's window, or one whose owner sees the addresses. */
export function insideApp(userAgent: string): boolean {
  return new RegExp(OTHERS, "i").test(userAgent);
}
