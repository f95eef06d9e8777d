import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CodeStatus } from "../../delivery/issuer";
import { Redemption } from "../../delivery/redemption";
import { InvitationCheck } from "../../interview/invitation_check";
import { grouped } from "../../interview/invitation_screen";
import type { TabSlip } from "../../interview/tab_slip";
import type { Documents } from "../../pinned/manifest";
import { Page } from "../../screen/page";
import type { FetchedToken } from "../../sealing/fetched_token";
import { isToken, type Kept, type TokenRequest } from "../../sealing/tab_name";
import { type FakeElement, type FakePage, fakePage } from "../fake_page";
import { smallQuestionnaire, smallTexts, zeros } from "../vectors";

const CODE = "4F7K0123ABCD89XZJ";
const OTHER = "0000000000000000Z";
const recipient = { study: "small-study", key: zeros(1216), manifestHash: zeros(32), plaintextSize: 256 };
const documents: Documents = {
  questionnaire: smallQuestionnaire(), texts: smallTexts(), recipient, thresholds: {}, issuer: zeros(256),
};

let page: FakePage;
let statuses: CodeStatus[];
let bodies: string[];
let passed: FetchedToken[];
let check: InvitationCheck;

/** What stands in for the tab: what it kept before a reload, and what is done to it. */
let tab: { before: Kept | null; calls: string[]; full: boolean };
const slip = {
  get full() { return tab.full; },
  open: async (code: string) => (tab.calls.push(`open ${code}`), tab.before),
  keep: async (code: string, kept: Kept) => void tab.calls.push(`keep ${code} ${isToken(kept) ? "token" : "request"}`),
  empty: () => void tab.calls.push("empty"),
} as unknown as TabSlip;

function begin(code: string | null): void {
  check = new InvitationCheck({
    study: "small-study", code, languages: [{ locale: "en", name: "English", dir: "ltr" }], documents,
    load: async () => documents, onScene: () => undefined,
    page: (setLanguage) => new Page([], { leave: () => undefined, setLanguage }), tab: slip,
  });
  void check.pass().then((result) => passed.push(result.token));
}

const SECRETS = { places: [], u: zeros(32), prefix: zeros(32) };
const TOKEN: FetchedToken = { ...SECRETS, signature: zeros(256) };
const REQUEST: TokenRequest = { ...SECRETS, blinded: zeros(256), inverse: zeros(256) };

/** Types into the field and presses the button. */
function type(text: string): void {
  (page.root.querySelector("#invitation") as FakeElement).value = text;
  page.press("code");
}
const message = (): string => page.root.querySelector("#said")?.textContent ?? "";

beforeEach(() => {
  page = fakePage();
  [statuses, bodies, passed, tab] = [[], [], [], { before: null, calls: [], full: false }];
  // Blinding and signing are those of redemption.test.ts; here a redemption is the code and the issuer's answer.
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async function (this: Redemption, _, keep) {
    await keep?.(REQUEST);
    bodies.push(this.code);
    return statuses.shift() ?? TOKEN;
  });
});
afterEach(() => vi.restoreAllMocks());

test("a code in the link is shown in the field, and nothing is sent before the press", async () => {
  begin(CODE);
  await new Promise((done) => setTimeout(done, 20));
  const field = page.root.querySelector("#invitation") as FakeElement;
  expect([field.value, bodies, passed]).toEqual(["4F7K-0123-ABCD-89XZJ", [], []]);
  page.press("code");
  await vi.waitFor(() => expect(passed).toEqual([TOKEN]));
  expect(bodies).toEqual([CODE]);
});

test("the screen says that the press uses up the slip, and has the consent to read before it", () => {
  begin(CODE);
  expect(page.root.querySelector("#stay")?.textContent).toBe("invite-opens!");
  for (const part of smallTexts().consent.paragraphs) expect(page.root.textContent).toContain(part);
});

test("a mistyped link makes no request and asks for the code", () => {
  begin("4F7K0123ABCD89XZK");
  expect([bodies, message(), passed]).toEqual([[], "invite-check!", []]);
});

test.each([["used", "invite-used!"], ["unknown", "invite-unknown!"], ["closed", "invite-closed!"], ["away", "invite-away!"], ["portal", "invite-portal!"]] as const)(
  "an issuer that says %s lets nobody pass: %s", async (status, text) => {
    statuses = [status];
    begin(CODE);
    page.press("code");
    await vi.waitFor(() => expect(message()).toBe(text));
    expect(passed).toEqual([]);
  },
);

test("after a code that failed another can be typed, in any spelling that is clear", async () => {
  statuses = ["used"];
  begin(CODE);
  page.press("code");
  await vi.waitFor(() => expect(message()).toBe("invite-used!"));
  type("4f7k-0123 abcd 89xzj");
  await vi.waitFor(() => expect(passed).toEqual([TOKEN]));
  expect(bodies).toEqual([CODE, CODE]);
});

test("the same code after a lost reply is the same redemption, another code another one", async () => {
  const seen: Redemption[] = [];
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async function (this: Redemption) {
    seen.push(this);
    return "away";
  });
  begin(CODE);
  for (const code of [CODE, CODE, OTHER]) {
    const before = seen.length;
    type(code);
    await vi.waitFor(() => expect([seen.length, message()]).toEqual([before + 1, "invite-away!"]));
  }
  expect([seen[0] === seen[1], seen[1] === seen[2]]).toEqual([true, false]);
});

test.each([["", "invite-empty!"], ["4F7K", "invite-length!"], ["4F7K-0123-ABCD-89XZ!", "invite-symbol!"], [CODE.replace("J", "K"), "invite-check!"]])(
  "typing %j is a fault that is said here, without a request", (typed, text) => {
    begin(null);
    type(typed);
    expect([message(), bodies]).toEqual([text, []]);
  },
);

test("a token that the tab kept over a reload lets pass without a request", async () => {
  begin(null);
  tab.before = { ...TOKEN, u: zeros(32).fill(7) };
  type(CODE);
  await vi.waitFor(() => expect(passed).toEqual([tab.before]));
  expect([bodies, tab.calls]).toEqual([[], [`open ${CODE}`]]);
});

test.each([[true, "invite-reloaded!"], [false, undefined]])("with a name in the tab after a reload (%s) the screen says %s", (full, said) => {
  tab.full = full;
  begin(null);
  expect(page.root.querySelector("#again")?.textContent).toBe(said);
});

test("a request is kept before it is sent, and then the token in its place", async () => {
  begin(CODE);
  page.press("code");
  await vi.waitFor(() => expect(passed).toEqual([TOKEN]));
  expect(tab.calls).toEqual([`open ${CODE}`, `keep ${CODE} request`, `keep ${CODE} token`]);
});

test("a request that was kept before a reload is the one that is sent", async () => {
  const made: unknown[] = [];
  vi.spyOn(Redemption.prototype, "redeem").mockImplementation(async function (this: Redemption) {
    made.push((this as unknown as { kept: unknown }).kept);
    return TOKEN;
  });
  tab.before = REQUEST;
  begin(CODE);
  page.press("code");
  await vi.waitFor(() => expect(passed).toEqual([TOKEN]));
  expect(made).toEqual([REQUEST]);
});

test.each([["used", true], ["unknown", true], ["closed", true], ["away", false], ["portal", false]] as const)(
  "after the issuer said %s the tab's name is emptied: %s", async (status, emptied) => {
    statuses = [status];
    begin(CODE);
    page.press("code");
    await vi.waitFor(() => expect(message()).toBe(`invite-${status}!`));
    expect(tab.calls.includes("empty")).toBe(emptied);
  },
);

test("once it is closed, a late answer of the issuer lets nobody pass", async () => {
  begin(CODE);
  page.press("code");
  check.close();
  await new Promise((done) => setTimeout(done, 5));
  expect(passed).toEqual([]);
});

test.each([
  ["4f7k0123abcd89xzj", "4F7K-0123-ABCD-89XZJ"], ["4F7K-0123", "4F7K-0123"], ["4f7k0", "4F7K-0"], ["", ""],
  ["４ｆ７ｋ 0123", "4F7K-0123"], ["4F7K0123ABCD89XZJ77", "4F7K-0123-ABCD-89XZJ-77"], ["4!", "4!"],
])("%j is shown as %j: in groups, with what no code has left in", (typed, shown) => {
  expect(grouped(typed)).toBe(shown);
});
