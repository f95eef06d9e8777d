import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { encode } from "../../answers/payload";
import type { DeliveryOutcome, SealedAnswer } from "../../delivery/contract";
import { type Bytes, toHex } from "../../documents/bytes";
import type { Answer, Questionnaire, Texts } from "../../documents/documents";
import { Interview } from "../../interview/interview";
import type { InterviewOptions } from "../../interview/options";
import { handover } from "../../interview/shared_device";
import type { Documents } from "../../pinned/manifest";
import type { Scene } from "../../screen/scene";
import { librarySeal } from "../../sealing/hpke_library";
import { type FakeElement, type FakePage, fakePage } from "../fake_page";
import { asMap, fromHex, open, smallQuestionnaire, smallTexts, typesQuestionnaire, vector, zeros } from "../vectors";

const keys = vector<{ keys: { seed: string; public_key: string }[] }>("envelope.json").keys[0] as { seed: string; public_key: string };
const recipient = { study: "small-study", key: fromHex(keys.public_key), manifestHash: zeros(32), plaintextSize: 256 };
const opener = { seed: fromHex(keys.seed), slug: "small-study", manifestHash: zeros(32), t: zeros(32), c: zeros(32), plaintextSize: 256 };

let page: FakePage;
let scenes: Scene[];
let outcomes: DeliveryOutcome[];
let sealed: { envelope: Bytes; body: string }[];
let left: number;
let interview: Interview;

/** Sealing and a delivery take longer than a second on a busy machine. */
const BUSY = { timeout: 20_000 };

const at = (): string => (scenes.at(-1) as Scene).at;
const itemsNow = (): string[] => (scenes.at(-1) as Scene).items.map(({ id }) => id);

/** Texts in which every item and code of `questionnaire` has a label. */
function textsFor(questionnaire: Questionnaire): Texts {
  const items = questionnaire.items.map(({ id, options }) =>
    [id, { text: `${id}?`, options: Object.fromEntries(options.map(({ code }) => [code, `${id} ${code}`])) }]);
  return { ...smallTexts(), items: Object.fromEntries(items) as Texts["items"], groups: { G1: "grid", R1: "ranking" } };
}

function start(documents: Documents, options: Partial<InterviewOptions> = {}): void {
  interview = new Interview({
    mode: "self", stratum: "open", hpke: librarySeal, load: async () => documents, leave: () => { left++; }, onScene: (scene) => scenes.push(scene),
    transport: {
      deliver: async ({ body, envelope }: SealedAnswer) => {
        sealed.push({ body: toHex(body), envelope: envelope.slice() });
        return outcomes.shift() ?? { result: "stored" };
      },
    },
    ...options,
  }, [{ locale: "en", name: "English", dir: "ltr" }], documents);
  interview.start();
}

const small = (): Documents => ({ questionnaire: smallQuestionnaire(), texts: smallTexts(), recipient, thresholds: {}, issuer: null });
const types = (): Documents => ({ ...small(), questionnaire: typesQuestionnaire(), texts: textsFor(typesQuestionnaire()) });

/** Answers of the long form, by item. */
const ANSWERS: Record<string, Answer> = { HOW: 1, AGE: 2, USES: [1], WHY: 98, TA: 1, TB: 1, MANY: [1], LAST: 1 };

/** Answers whatever is asked, until no question is left. */
function answerAll(): void {
  while (at() === "item") {
    const id = itemsNow()[0] as string;
    const answer = ANSWERS[id] as number | number[];
    for (const code of [answer].flat()) page.choose(code);
    if (Array.isArray(answer)) page.press("next");
  }
}

/** Whether the browser would ask before the page is reloaded or closed. */
const asks = (): boolean => Boolean(window.onbeforeunload?.({} as BeforeUnloadEvent));

beforeEach(() => {
  page = fakePage();
  vi.stubGlobal("onbeforeunload", null);
  [scenes, outcomes, sealed, left] = [[], [], [], 0];
});
afterEach(() => {
  interview.forget();
  vi.unstubAllGlobals();
});

test("who declines ends at the study's own ending, and nothing is delivered", () => {
  start(small());
  page.press("decline");
  expect([at(), sealed]).toEqual(["ended", []]);
  expect(page.body.textContent).toContain("Thank you. Nothing was sent.");
});

test("an option that ends the interview forgets what was answered before", () => {
  start(small());
  page.press("agree");
  page.choose(1);
  expect(interview.draft().given).toEqual([["HOW", 1]]);
  page.choose(0);
  page.press("next");
  expect([at(), interview.draft()]).toEqual(["ended", { given: [], typed: [] }]);
});

test("a slip of the finger ends nothing: what would end the interview is marked and said, and can be changed", () => {
  start(small());
  page.press("agree");
  page.choose(1);
  page.choose(0);
  expect([at(), page.root.querySelector("[data-code=0]")?.getAttribute("aria-pressed")]).toEqual(["item", "true"]);
  expect(page.root.querySelector(".live")?.textContent).toBe("end-next!");
  expect(interview.draft().given).toEqual([["HOW", 1]]);
  const [age] = itemsNow() as [string];
  page.choose(1);
  expect([at(), interview.draft().given]).toEqual(["item", [["HOW", 1], [age, 1]]]);
});

test("where a question is shown again, what would have ended the interview is forgotten", () => {
  start(small());
  page.press("agree");
  page.choose(1);
  page.choose(0);
  page.press("back");
  page.choose(1);
  page.press("next");
  expect([at(), page.root.querySelector("[data-code=0]")?.getAttribute("aria-pressed")]).toEqual(["item", "false"]);
});

test("what is delivered opens to the payload of the answers that were pressed, marked as answered in haste", async () => {
  start(small());
  page.press("agree");
  answerAll();
  expect(at()).toBe("ready");
  page.press("send");
  await vi.waitFor(() => expect(at()).toBe("done"), BUSY);
  const effective = asMap(ANSWERS);
  const expected = encode(smallQuestionnaire(), { locale: "en", mode: "self", form: "long", stratum: "open", quality: 1, answers: effective });
  expect(await open(opener, recipient.key, (sealed[0] as { envelope: Bytes }).envelope)).toEqual(expected);
});

test("after Send no answer is left in the interview, also when the delivery failed", async () => {
  outcomes = [{ result: "not-stored", retryAfter: 3600 }];
  start(small());
  page.press("agree");
  answerAll();
  page.press("send");
  await vi.waitFor(() => expect(at()).toBe("failed"), BUSY);
  expect(interview.draft()).toEqual({ given: [], typed: [] });
  page.press("retry");
  await vi.waitFor(() => expect(at()).toBe("done"), BUSY);
  expect([sealed.length, new Set(sealed.map(({ body }) => body)).size]).toEqual([2, 1]);
});

test("going back shows the question before with its answer, and before the first the consent", () => {
  start(small());
  page.press("agree");
  page.choose(3);
  page.press("back");
  expect(itemsNow()).toEqual(["HOW"]);
  expect(page.root.querySelector("[data-code=3]")?.getAttribute("aria-pressed")).toBe("true");
  page.press("back");
  expect(at()).toBe("consent");
});

test("without an answer there is no way on but a note", () => {
  start(small());
  page.press("agree");
  page.choose(1);
  page.choose(2);
  expect(itemsNow()).toEqual(["USES"]);
  page.press("next");
  expect([itemsNow(), page.root.querySelector(".live")?.textContent]).toEqual([["USES"], "choose-first!"]);
});

test("a draft goes on at the first question without an answer, behind the consent", () => {
  start(small(), { draft: { given: [["HOW", 1], ["AGE", 2]], typed: [] } });
  expect(at()).toBe("consent");
  page.press("agree");
  expect(itemsNow()).toEqual(["USES"]);
});

test("a private question stands between two screens that hand the device over, and is not shown again", () => {
  const given: [string, Answer][] = [["FRUIT", 1], ["SIZE", 1], ["YEARS", 1], ["KIDS", 1]];
  start(types(), { handover, mode: "assisted", draft: { given, typed: [] } });
  page.press("agree");
  expect(at()).toBe("handover");
  page.press("handover");
  expect(itemsNow()).toEqual(["BORN"]);
  page.choose(99);
  expect(at()).toBe("handover");
  page.press("handover");
  expect(itemsNow()).toEqual(["WORRY"]);
  page.press("back");
  expect(itemsNow()).toEqual(["KIDS"]);
});

test("leaving forgets everything and runs what the options say", () => {
  start(small());
  page.press("agree");
  page.choose(1);
  page.press("leave");
  expect([left, interview.draft()]).toEqual([1, { given: [], typed: [] }]);
});

/** Chooses a language in the list at the top. */
function chooseLanguage(locale: string): void {
  const list = page.root.querySelector("select") as FakeElement;
  list.value = locale;
  list.dispatchEvent(new Event("change"));
}

const translated = (locale: string, dir: "ltr" | "rtl"): Documents => ({ ...small(), texts: { ...smallTexts(), locale, dir } });

test("another language shows the same question in its direction", async () => {
  start(small(), { load: async () => translated("ar", "rtl") });
  page.press("agree");
  chooseLanguage("ar");
  await vi.waitFor(() => expect([page.root.lang, page.root.dir, itemsNow()]).toEqual(["ar", "rtl", ["HOW"]]));
});

test("a language that cannot be had leaves the screen as it is and says so", async () => {
  start(small(), { load: async () => Promise.reject(new Error("no network")) });
  page.press("agree");
  chooseLanguage("ar");
  await vi.waitFor(() => expect(page.root.querySelector(".live")?.textContent).toBe("switch-failed!"));
  expect([page.root.lang, itemsNow()]).toEqual(["en", ["HOW"]]);
});

test("of two languages that were chosen the last one counts, whichever comes first", async () => {
  const waiting = new Map<string, (documents: Documents) => void>();
  start(small(), { load: (locale) => new Promise((done) => waiting.set(locale, done)) });
  chooseLanguage("ar");
  chooseLanguage("zh-Hans");
  waiting.get("zh-Hans")?.(translated("zh-Hans", "ltr"));
  await vi.waitFor(() => expect(page.root.lang).toBe("zh-Hans"));
  waiting.get("ar")?.(translated("ar", "rtl"));
  await new Promise((done) => setTimeout(done, 5));
  expect(page.root.lang).toBe("zh-Hans");
});

test("the browser asks before a reload from the first answer until the answers are stored, and not before", async () => {
  start(small());
  expect(asks()).toBe(false);
  page.press("agree");
  expect(asks()).toBe(false);
  outcomes = [{ result: "not-stored", retryAfter: 600 }];
  page.choose(1);
  expect(asks()).toBe(true);
  answerAll();
  page.press("send");
  await vi.waitFor(() => expect(at()).toBe("failed"), BUSY);
  expect(asks()).toBe(true);
  page.press("retry");
  await vi.waitFor(() => expect(at()).toBe("done"), BUSY);
  expect(asks()).toBe(false);
});

test("a reply that nobody takes for the survey's keeps the sealed answers, and asks before they are lost", async () => {
  start(small());
  page.press("agree");
  answerAll();
  outcomes = [{ result: "not-stored", retryAfter: 600 }];
  page.press("send");
  await vi.waitFor(() => expect(at()).toBe("failed"), BUSY);
  page.press("retry");
  await vi.waitFor(() => expect(at()).toBe("done"), BUSY);
  expect([sealed.length, new Set(sealed.map(({ body }) => body)).size]).toEqual([2, 1]);
});

test("after Leave now, an ending and a draft that was opened and left, the browser asks nothing", () => {
  start(small());
  page.press("agree");
  page.choose(1);
  interview.leave();
  expect(asks()).toBe(false);
  start(small(), { draft: { given: [["HOW", 1]], typed: [] } });
  page.press("agree");
  expect(asks()).toBe(true);
  interview.forget();
  expect(asks()).toBe(false);
});

test.each([
  ["self", undefined, "stay"], ["self", { days: 7 }, "draft-stay"], ["kiosk", undefined, null], ["assisted", undefined, null],
] as const)("in mode %s with drafts %j the consent says before the first question what a reload costs: %s", (mode, drafts, key) => {
  const documents = small();
  start({ ...documents, questionnaire: { ...documents.questionnaire, ...(drafts && { drafts }) } }, { mode, handover });
  expect(document.querySelector("#lost")?.textContent ?? null).toBe(key && `${key}!`);
});
