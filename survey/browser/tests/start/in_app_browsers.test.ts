import { expect, test } from "vitest";
import { insideApp } from "../../start/in_app_browsers";
import list from "../../start/in_app_browsers.json";
// @ts-expect-error a script of the build, without types
import { patternsAlone as untyped } from "../../../../scripts/browser_lists.mjs";

const patternsAlone = untyped as (json: string) => string;

const ANDROID = "Mozilla/5.0 (Linux; Android 13; 22081212C Build/TKQ1.220829.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36";
const OLD = "Mozilla/5.0 (Linux; U; Android 10; zh-CN; HMA-AL00 Build/HUAWEIHMA-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/69.0.3497.100";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.138 Safari/537.36";

const APPS: readonly [string, string][] = [
  ["WeChat, Android", `${ANDROID} XWEB/5061 MMWEBSDK/20230405 MMWEBID/8870 MicroMessenger/8.0.35.2360(0x2800235B) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64`],
  ["WeChat, iPhone", `${IPHONE} Mobile/15E148 MicroMessenger/8.0.34(0x1800222f) NetType/WIFI Language/zh_CN`],
  ["WeChat, Windows", `${WINDOWS} NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x6309001c) XWEB/6763 Flue`],
  ["WeCom", `${ANDROID} wxwork/4.1.0 ColorScheme/Light MicroMessenger/7.0.1 NetType/WIFI Language/zh Lang/zh`],
  ["Alipay, Android", `${OLD} UWS/3.22.1.18 Mobile Safari/537.36 UCBS/3.22.1.18_200702171650 NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:WIFI,ws:392|0|2.75) AliApp(AP/10.1.98.8000) AlipayClient/10.1.98.8000 Language/zh-Hans useStatusBar/true Region/CN`],
  ["Alipay, iPhone", `${IPHONE} Mobile/15E148 Ariver/1.0.15 AliApp(AP/10.2.23.6200) Nebula WK RVKType(0) AlipayDefined(nt:WIFI,ws:375|603|2.0) AlipayClient/10.2.23.6200 Language/zh-Hans Region/CN`],
  ["Taobao", `${OLD} Mobile Safari/537.36 AliApp(TB/9.1.0) WindVane/8.5.0 1080X2030`],
  ["QQ, Android", `${OLD} MQQBrowser/6.2 TBS/045230 Mobile Safari/537.36 V1_AND_SQ_8.4.5_1468_YYB_D QQ/8.4.5.4745 NetType/WIFI WebP/0.3.0 Pixel/1080 StatusBarHeight/76`],
  ["QQ, iPhone", `${IPHONE} Mobile/16A404 QQ/7.8.2.424 V1_IPH_SQ_7.8.2_1_APP_A Pixel/1125 Core/UIWebView Device/Apple(iPhone X) NetType/WIFI`],
  ["QQ Browser", `${OLD} MQQBrowser/11.3 Mobile Safari/537.36 COVC/045429`],
  ["Weibo, Android", `${ANDROID} Weibo (Xiaomi-MI 8 Lite__weibo__10.3.0__android__android9)`],
  ["Weibo, iPhone", `${IPHONE} Mobile/15E148 Weibo (iPhone11,8__weibo__10.1.1__iphone__os13.3)`],
  ["UC, Android", `${OLD} UCBrowser/12.6.8.1048 Mobile Safari/537.36`],
  ["UC, iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3_1 like Mac OS X; zh-CN) AppleWebKit/537.51.1 (KHTML, like Gecko) Mobile/17D50 UCBrowser/12.8.2.1268 Mobile AliApp(TUnionSDK/0.1.20.3)"],
  ["UC, old", "UCWEB/2.0 (MIDP-2.0; U; Adr 4.4.4; zh-CN; HM_NOTE_1LTE) U2/1.0.0 UCBrowser/10.7.0.634 U2/1.0.0 Mobile"],
  ["DingTalk, Android", `${OLD} UCBrowser/11.9.4.974 UWS/2.13.2.91 Mobile Safari/537.36 AliApp(DingTalk/5.1.5) com.alibaba.android.rimet/13534898 Channel/227200 language/zh-CN`],
  ["DingTalk, iPhone", `${IPHONE} Mobile/15E148 AliApp(DingTalk/5.0.16) com.laiwang.DingTalk/12925014 Channel/201200 language/zh-Hans-CN WK`],
  ["Baidu", `${OLD} Mobile Safari/537.36 T7/11.20 SP-engine/2.16.0 baiduboxapp/11.20.0.14 (Baidu; P1 10)`],
  ["Douyin", `${ANDROID} aweme_230400 JsSdk/1.0 NetType/WIFI Channel/xiaomi AppName/aweme app_version/23.4.0 ByteLocale/zh-CN BytedanceWebview/d8a21c6`],
  ["Facebook, iPhone", `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone11,8;FBMD/iPhone;FBSN/iOS;FBSV/13.3.1]`],
  ["MIUI's browser", "Mozilla/5.0 (Linux; U; Android 12; zh-cn; M2012K11AC Build/SKQ1.211006.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.127 Mobile Safari/537.36 XiaoMi/MiuiBrowser/16.9.10 swan-mibrowser"],
  ["OPPO's browser", "Mozilla/5.0 (Linux; U; Android 12; zh-cn; PEGM00 Build/RKQ1.211119.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/90.0.4430.61 Mobile Safari/537.36 HeyTapBrowser/40.8.5.1"],
  ["Ctrip, a window that hides its marks", "Mozilla/5.0 (Linux; Android 11; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.210 Mobile Safari/537.36_eb64__Ctrip_CtripWireless_8.50"],
  ["some app's window on Android", ANDROID],
  ["an app's window on Android without its mark", ANDROID.replace("; wv", "")],
  ["some app's window on an iPhone", `${IPHONE} Mobile/15E148`],
  ["some app's window on an iPad", "Mozilla/5.0 (iPad; CPU OS 15_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"],
  ["some app's window on an iPad that shows itself as a Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/605.1.15 (KHTML, like Gecko)"],
];

const BROWSERS: readonly [string, string][] = [
  ["Chrome, Android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"],
  ["Chrome, iPhone", `${IPHONE} CriOS/125.0.6422.80 Mobile/15E148 Safari/604.1`],
  ["Chrome, Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"],
  ["Safari, iPhone", `${IPHONE} Version/16.3 Mobile/15E148 Safari/604.1`],
  ["Safari, Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"],
  ["Firefox, Android", "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"],
  ["Firefox, iPhone", `${IPHONE} FxiOS/127.0 Mobile/15E148 Safari/605.1.15`],
  ["Tor Browser", "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"],
  ["Samsung Internet", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"],
  ["Huawei", "Mozilla/5.0 (Linux; Android 10; HarmonyOS; TAS-AN00; HMSCore 6.7.0.322) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.105 HuaweiBrowser/12.1.4.302 Mobile Safari/537.36"],
  ["vivo", "Mozilla/5.0 (Linux; Android 12; V2148A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/87.0.4280.141 Mobile Safari/537.36 VivoBrowser/14.5.0.2"],
  ["Edge, Android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36 EdgA/125.0.0.0"],
  ["Opera, Android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36 OPR/82.0.0.0"],
];

test.each(APPS)("%s is another's window", (_, userAgent) => expect(insideApp(userAgent, false)).toBe(true));

test.each(BROWSERS)("%s is a browser of one's own", (_, userAgent) => expect(insideApp(userAgent, false)).toBe(false));

const EXAMPLES = list.reporting.flatMap(({ name, examples, pattern }) => examples.map((example) => ({ name, pattern, example })));

test.each(EXAMPLES)("$name is recognised by its own mark in $example", ({ pattern, example }) => {
  expect(insideApp(example, false)).toBe(true);
  expect(new RegExp(pattern, "i").test(example)).toBe(true);
});

test("the companies that a study may ask about, and those whose browsers report addresses, are on the list with examples", () => {
  const names = ["Kuaishou", "Pinduoduo", "JD", "Meituan, Dianping", "Bilibili", "Zhihu", "X", "360", "Sogou", "Xiaomi", "OPPO"];
  expect(names.filter((name) => !list.reporting.some((row) => row.name === name && row.examples.length > 0))).toEqual([]);
  expect([...list.reporting, ...list.independent].filter(({ name, source }) => !name || source.length < 20)).toEqual([]);
});

test("a page on the home screen of an iPhone is nobody else's window, and an app cannot hide behind that", () => {
  expect(insideApp(`${IPHONE} Mobile/15E148`, true)).toBe(false);
  expect(insideApp(`${IPHONE} Mobile/15E148 MicroMessenger/8.0.34`, true)).toBe(true);
});

test("what the page's script carries of the list is its patterns and nothing else", () => {
  const bare = JSON.parse(patternsAlone(JSON.stringify(list))) as typeof list;
  const joined = (rows: readonly { pattern: string }[]) => [{ pattern: rows.map(({ pattern }) => pattern).join("|") }];
  expect([bare.reporting, bare.independent]).toEqual([joined(list.reporting), joined(list.independent)]);
  expect(Object.keys(bare).sort()).toEqual(["independent", "reporting"]);
});
