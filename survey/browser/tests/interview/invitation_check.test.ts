import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InvitationCheck } from "../../interview/invitation_check";
import { grouped } from "../../interview/invitation_screen";
import type { Documents } from "../../pinned/manifest";
import { Page } from "../../screen/page";
import { type FakeElement, type FakePage, fakePage } from "../fake_page";
import { smallQuestionnaire, smallTexts, zeros } from "../vectors";

const CODE = "4F7K0123ABCD89XZJ";
const recipient = { study: "small-study", key: zeros(1216), manifestHash: zeros(32), plaintextSize: 256 };
const documents: Documents = {
  questionnaire: smallQuestionnaire(), texts: smallTexts(), recipient, thresholds: {}, issuer: zeros(256),
};

let page: FakePage;
let statuses: number[];
let bodies: string[];
let passed: string[];
let check: InvitationCheck;

function begin(code: string | null): void {
  check = new InvitationCheck({
    study: "small-study", code, languages: [{ locale: "en", name: "English", dir: "ltr" }], documents,
    load: async () => documents, onScene: () => undefined,
    page: (setLanguage) => new Page([], { leave: () => undefined, setLanguage }),
  });
  void check.pass().then((result) => passed.push(result.code));
}

/** Types into the field and presses the button. */
function type(text: string): void {
  (page.root.querySelector("#invitation") as FakeElement).value = text;
  page.press("code");
}
const message = (): string => page.root.querySelector("#said")?.textContent ?? "";

beforeEach(() => {
  page = fakePage();
  [statuses, bodies, passed] = [[], [], []];
  vi.stubGlobal("fetch", async (_: string, { body }: { body: Uint8Array }) => {
    bodies.push(new TextDecoder().decode(body.slice(1)));
    return new Response(null, { status: statuses.shift() ?? 204 });
  });
});
afterEach(() => vi.unstubAllGlobals());

test("a good code in the link passes without a question, after one request that holds nothing but it", async () => {
  begin(CODE);
  await vi.waitFor(() => expect(passed).toEqual([CODE]));
  expect(bodies).toEqual([CODE]);
});

test("a mistyped link makes no request and asks for the code", () => {
  begin("4F7K0123ABCD89XZK");
  expect([bodies, message(), passed]).toEqual([[], "invite-check!", []]);
});

test.each([[409, "invite-used!"], [404, "invite-unknown!"], [410, "invite-closed!"], [500, "invite-away!"]])(
  "an issuer that answers %d lets nobody pass: %s", async (status, text) => {
    statuses = [status];
    begin(CODE);
    await vi.waitFor(() => expect(message()).toBe(text));
    expect(passed).toEqual([]);
  },
);

test("after a code that failed another can be typed, in any spelling that is clear", async () => {
  statuses = [409];
  begin(CODE);
  await vi.waitFor(() => expect(message()).toBe("invite-used!"));
  type("4f7k-0123 abcd 89xzj");
  await vi.waitFor(() => expect(passed).toEqual([CODE]));
  expect(bodies).toEqual([CODE, CODE]);
});

test.each([["", "invite-empty!"], ["4F7K", "invite-length!"], ["4F7K-0123-ABCD-89XZ!", "invite-symbol!"], [CODE.replace("J", "K"), "invite-check!"]])(
  "typing %j is a fault that is said here, without a request", (typed, text) => {
    begin(null);
    type(typed);
    expect([message(), bodies]).toEqual([text, []]);
  },
);

test("once it is closed, a late answer of the issuer lets nobody pass", async () => {
  begin(CODE);
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
