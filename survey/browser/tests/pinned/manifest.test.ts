import { afterEach, expect, test, vi } from "vitest";
import { concat, toBase64url, toHex } from "../../documents/bytes";
import type { Item, Manifest } from "../../documents/documents";
import { bundlePath, DocumentsError, linkOf, load, type RefusalReason, stratumOf, verify } from "../../pinned/manifest";
import { keyId } from "../../sealing/ids";
import { smallQuestionnaire, smallTexts } from "../vectors";
import { type Changes, hash, keys, type Parts, STUDY, wave } from "../wave";

const key = keys[0] as Uint8Array<ArrayBuffer>;

const refusal = async (parts: unknown, pin: string, locale = "en", study = STUDY): Promise<RefusalReason | "accepted"> =>
  verify(typeof parts === "string" ? parts : JSON.stringify(parts), pin, locale, study).then(
    () => "accepted" as const,
    (error: unknown) => { if (error instanceof DocumentsError) return error.reason; throw error; },
  );

test("documents that match the link are accepted, with the key and the hash that envelopes are bound to", async () => {
  const { parts, pin } = await wave();
  const { recipient, texts } = await verify(JSON.stringify(parts), pin, "en", STUDY);
  expect([recipient.key, toHex(recipient.manifestHash), texts.locale]).toEqual([key, await hash(parts.manifest), "en"]);
});

test("spaces behind the documents, which make all bundles of a wave one length, change nothing", async () => {
  const { parts, pin } = await wave();
  const padded = `${JSON.stringify(parts)}${" ".repeat(700)}`;
  expect((await verify(padded, pin, "en", STUDY)).texts.locale).toBe("en");
  expect(await refusal(`${padded}x`, pin)).toBe("shape");
});

test("the documents of a locale are named by its place among the locales", () => {
  const locales = Array.from({ length: 100 }, (_, place) => `l${place}`);
  const paths = locales.map((locale) => bundlePath({ pin: "P", study: STUDY, locales }, locale));
  expect([paths[0], paths[1], paths[9], paths[10], paths[99]]).toEqual(
    ["00", "01", "0t", "10", "tt"].map((name) => `/b/P/${name}.json`));
  expect(new Set(paths).size).toBe(100);
});

test("another link refuses the same documents", async () => {
  const { parts, pin } = await wave();
  const other = (pin[0] === "A" ? "B" : "A") + pin.slice(1);
  expect(await refusal(parts, other)).toBe("pin");
});

test("changing any member of the manifest under an unchanged link is refused", async () => {
  const { parts, pin } = await wave();
  const manifest = JSON.parse(parts.manifest) as Record<string, unknown>;
  const otherKey = toBase64url(keys[1] as Uint8Array);
  const values: Record<string, unknown> = { key: otherKey, plaintext_size: 512, thresholds: { LEAK: 1 }, demo: false };
  for (const name of Object.keys(manifest)) {
    const changed = JSON.stringify({ ...manifest, [name]: values[name] ?? "changed" });
    expect([name, await refusal({ ...parts, manifest: changed }, pin)]).toEqual([name, "pin"]);
  }
});

test("one changed character of what is asked or said is refused", async () => {
  const { parts, pin } = await wave();
  const asked = parts.questionnaire.replace('"cap":2', '"cap":3');
  const changedTexts = parts.texts.replace("Question AGE?", "Question AGE!");
  expect([asked === parts.questionnaire, changedTexts === parts.texts]).toEqual([false, false]);
  expect(await refusal({ ...parts, questionnaire: asked }, pin)).toBe("questionnaire");
  expect(await refusal({ ...parts, texts: changedTexts }, pin)).toBe("texts");
  expect(await refusal({ ...parts, texts: `${parts.texts} ` }, pin)).toBe("texts");
});

const issuer = new Uint8Array(256).fill(0x9b);
const ISSUER = toBase64url(issuer);
const invited = (key: string | null): Changes =>
  ({ questionnaire: { mode: "invitation" }, manifest: { mode: "invitation", issuer_key: key } });

test("a wave by invitation is accepted with its issuer's key, an open one has none", async () => {
  const accepted = async (changes?: Changes) => {
    const { parts, pin } = await wave(changes);
    return (await verify(JSON.stringify(parts), pin, "en", STUDY)).issuer;
  };
  expect(await accepted(invited(ISSUER))).toEqual(issuer);
  expect(await accepted()).toBe(null);
});

test("part by part: of an invitation no key, issuer, word, threshold or size can be put in, 100 of 100 refused", async () => {
  const study = { ...smallQuestionnaire(), mode: "invitation" };
  const { parts, pin } = await wave(invited(ISSUER));
  expect(await refusal(parts, pin)).toBe("accepted");
  const manifest = JSON.parse(parts.manifest) as Manifest;
  let refused = 0;
  for (let n = 1; n <= 20; n++) {
    const other = crypto.getRandomValues(new Uint8Array(1216));
    const modulus = concat(Uint8Array.of(0x80 | n), crypto.getRandomValues(new Uint8Array(254)), Uint8Array.of(1));
    const word = JSON.stringify({ ...study, version: `1.${n}` });
    const changedTexts = parts.texts.replace("Question AGE?", `Question AGE${n}?`);
    const changed: [Partial<Manifest>, Partial<Parts>][] = [
      [{ key: toBase64url(other), key_id: toHex(await keyId(other)) }, {}],
      [{ issuer_key: toBase64url(modulus) }, {}],
      [{ questionnaire: await hash(word), texts: { en: await hash(changedTexts) } }, { questionnaire: word, texts: changedTexts }],
      [{ thresholds: { AGE: n } }, {}],
      [{ plaintext_size: 256 * (n + 1) }, {}],
    ];
    for (const [members, documents] of changed) {
      const whole = { ...parts, ...documents, manifest: JSON.stringify({ ...manifest, ...members }) };
      if ((await refusal(whole, pin)) === "pin") refused++;
      expect(await refusal({ ...parts, ...documents }, pin)).toBe(documents.texts ? "questionnaire" : "accepted");
    }
  }
  expect(refused).toBe(100);
});

// 223 bytes of payload: with the length they fit 256, with the 32 bytes of u they do not.
const { items } = smallQuestionnaire();
const wide = [...items, ...Array.from({ length: 206 }, (_, n) => ({ ...(items[0] as Item), id: `WIDE${n}` }))];
const badWaves: [string, RefusalReason, Changes][] = [
  ["a key of another length", "key", { manifest: { key: toBase64url(key.subarray(1)) } }],
  ["a key that is no base64url", "key", { manifest: { key: "=" } }],
  ["the id of another key", "key", { manifest: { key_id: "0".repeat(16) } }],
  ["a size that the payload does not need", "size", { manifest: { plaintext_size: 512 } }],
  ["a size without room for a token's secret", "size", { questionnaire: { items: wide }, manifest: { plaintext_size: 256 } }],
  ["a threshold of an item that is not randomised", "thresholds", { manifest: { thresholds: { TA: 1 } } }],
  ["a wave by invitation of an open questionnaire", "mode", { manifest: { mode: "invitation", issuer_key: ISSUER } }],
  ["an open wave of a questionnaire by invitation", "mode", { questionnaire: { mode: "invitation" } }],
  ["a mode that nobody knows", "mode", { manifest: { mode: "kept" }, questionnaire: { mode: "kept" } }],
  ["an issuer's key on an open link", "issuer", { manifest: { issuer_key: ISSUER } }],
  ["an invitation without an issuer", "issuer", invited(null)],
  ["an issuer's key of 255 bytes", "issuer", invited(toBase64url(issuer.subarray(1)))],
  ["an issuer's key of 257 bytes", "issuer", invited(toBase64url(concat(issuer, issuer.subarray(255))))],
  ["an issuer's key with its top bit clear", "issuer", invited(toBase64url(concat(Uint8Array.of(127), issuer.subarray(1))))],
  ["an even issuer's key", "issuer", invited(toBase64url(concat(issuer.subarray(0, 255), Uint8Array.of(2))))],
  ["an issuer's key with padding", "issuer", invited(`${ISSUER}==`)],
  ["a manifest of another format", "format", { manifest: { format: "sotto-manifest-1" } }],
  ["a manifest that announces no budget", "budget", { manifest: { budget: {} as Manifest["budget"] } }],
  ["a budget of no delta", "budget", { manifest: { budget: { nano_rho: 1 } as Manifest["budget"] } }],
  ["a budget of nothing", "budget", { manifest: { budget: { nano_rho: 0, atto_delta: 1 } } }],
  ["a budget that is no whole number", "budget", { manifest: { budget: { nano_rho: 0.5, atto_delta: 1 } } }],
  ["a delta under nothing", "budget", { manifest: { budget: { nano_rho: 1, atto_delta: -1 } } }],
  ["a questionnaire of another format", "format", { questionnaire: { format: "sotto-questionnaire-2" } }],
  ["texts of another format", "format", { texts: { format: "sotto-texts-1" } }],
  ["a manifest of another study", "study", { manifest: { study: "other-study" } }],
  ["a questionnaire of another study", "study", { questionnaire: { study: "other-study" } }],
  ["texts of another study", "study", { texts: { study: "other-study" } }],
  ["texts in another language", "locale", { texts: { locale: "ar" } }],
  ["a language that the questionnaire does not have", "locale", { questionnaire: { locales: ["ar"] } }],
  ["an empty word of the interface", "words", { texts: { interface: { next: "Next", back: "" } } }],
  ["no words of the interface", "words", { texts: { interface: {} } }],
  ["an item without a text", "words", { texts: { items: { ...smallTexts().items, TA: undefined } } }],
  ["options without texts", "words", { texts: { items: { ...smallTexts().items, HOW: { text: "?", options: {} } } } }],
  ["an empty hint", "words", { texts: { hints: { AGE: "" } } }],
  ["an ending without a text", "words", { texts: { endings: { "no-consent": "Thank you." } } }],
  ["a missing code without a text", "words", { texts: { missing: { 90: "None", 98: "I don't know" } } }],
];

test.each(badWaves)("%s is refused even under its own link", async (_, reason, changes) => {
  const { parts, pin } = await wave(changes);
  expect(await refusal(parts, pin)).toBe(reason);
});

test("a locale that the manifest does not name is refused", async () => {
  const { parts, pin } = await wave();
  expect(await refusal(parts, pin, "ar")).toBe("texts");
  expect(await refusal(parts, pin, "constructor")).toBe("texts");
});

test("the page of another study refuses the documents", async () => {
  const { parts, pin } = await wave();
  expect(await refusal(parts, pin, "en", "other-study")).toBe("study");
});

test.each(["", "nothing", "[]", "null", "{}", '{"manifest":1}'])("a bundle of %j is refused", async (bundle) => {
  expect(await refusal(bundle, (await wave()).pin)).toBe("shape");
});

test.each([
  ["", null], ["#", null], ["#k=", null], [`#k=${"A".repeat(31)}`, null], [`#k=${"A".repeat(33)}`, null],
  [`#k=${"A".repeat(31)}+`, null], [`#k=${"A".repeat(32)} `, null], [`#K=${"A".repeat(32)}`, null],
  [`#k=${"a-Z_".repeat(8)}`, "a-Z_".repeat(8)],
])("the fragment %j holds the pin %j", (fragment, pin) => {
  expect(linkOf(fragment)?.pin ?? null).toBe(pin);
});

const PIN = "a-Z_".repeat(8);
test.each([
  ["", null, "self"], ["&s=south", "south", "self"], ["&m=kiosk", null, "kiosk"], ["&s=a-1&m=assisted", "a-1", "assisted"],
])("a link may go on with %j", (rest, stratum, mode) => {
  expect(linkOf(`#k=${PIN}${rest}`)).toEqual({ pin: PIN, stratum, mode, code: null });
});

test.each(["", "&s=south", "&m=kiosk", "&s=south&m=assisted"])("after %j a link may end in a code", (rest) => {
  expect(linkOf(`#k=${PIN}${rest}&c=0123456789ABCDEFG`)?.code).toBe("0123456789ABCDEFG");
});

test.each(["&", "&c=", "&c=A&s=south", "&c=A&m=kiosk", "&c=A B", `&c=${"A".repeat(41)}`, "&s=", "&s=South", "&m=", "&m=server", "&m=self", "&m=kiosk&s=a", "&s=a&s=b", "&x=1", "&s=a "])(
  "a link that goes on with %j is incomplete", (rest) => {
    expect(linkOf(`#k=${PIN}${rest}`)).toBeNull();
  },
);

test("a link without a stratum counts in the first, and one with an unknown stratum is refused", () => {
  const questionnaire = { ...smallQuestionnaire(), strata: ["north", "south"] };
  const stratumFor = (stratum: string | null): string => stratumOf(questionnaire, { pin: PIN, mode: "self", stratum, code: null });
  expect([stratumFor("south"), stratumFor(null)]).toEqual(["south", "north"]);
  expect(() => stratumFor("moon")).toThrow(DocumentsError);
});

afterEach(() => vi.unstubAllGlobals());

const page = "<!DOCTYPE html><title>Sign in</title>";
test.each([
  ["a page", page, 200, "portal"], ["a page behind spaces", `\r\n ${page}`, 200, "portal"], ["a proxy's page", page, 403, "portal"],
  ["a page that asks for a sign-in", page, 511, "portal"], ["a page of another host's 404", page, 404, "portal"],
  ["no words", "", 404, "network"], ["the survey's 404", "404 Not Found\n", 404, "gone"], ["a failure", "503 Service Unavailable\n", 503, "network"],
  ["a firewall's words", "Access denied", 200, "portal"], ["a gateway's JSON", '{"code":401}', 200, "portal"], ["a list", "[]", 200, "portal"],
  ["what was cut off", '{"manifest":"{', 200, "network"], ["what was cut off at once", '{"man', 200, "network"], ["nothing", "", 200, "network"],
  ["a front's page", page, 500, "network"], ["a front without its host", page, 502, "network"], ["a busy front's page", page, 503, "network"],
  ["a front that waited in vain", page, 504, "network"], ["a page of unknown fault", page, 599, "network"],
] as const)("in place of documents %s: %j with %d is %s", async (_, body, status, reason) => {
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
  const failed = await load({ pin: PIN, study: STUDY, locales: ["en"] }, "en").catch((error: DocumentsError) => error.reason);
  expect(failed).toBe(reason);
});

test("a redirect in place of documents is the network's own page", async () => {
  vi.stubGlobal("fetch", async () => Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" }));
  const failed = await load({ pin: PIN, study: STUDY, locales: ["en"] }, "en").catch((error: DocumentsError) => error.reason);
  expect(failed).toBe("portal");
});

test("documents that never come are given up as a matter of the network", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) =>
    new Promise((_done, fail) => signal?.addEventListener("abort", () => fail(new Error("aborted")))));
  const failed = load({ pin: PIN, study: STUDY, locales: ["en"] }, "en").catch((error: DocumentsError) => error.reason);
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(await failed).toBe("network");
});
