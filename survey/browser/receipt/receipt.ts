// The page that checks a receipt (survey/respond_app/log_pages.py); it stores nothing and sends no receipt.
import { filledIn } from "../documents/interface_texts";
import { DOCUMENT_MS, isOwnAbsence, replyOf, textOf } from "../documents/requests";
import { fill, make, paragraph } from "../screen/dom";
import { findReceipt, normalReceipt, type Search } from "./receipt_lists";
import { LogFault } from "./signed_notes";

type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

const page = document.querySelector<HTMLElement>("[data-receipt]");
const form = document.querySelector<HTMLFormElement>("#ask");
const input = document.querySelector<HTMLInputElement>("#receipt");
const answer = document.querySelector<HTMLElement>("#answer");

async function read(path: string): Promise<string | null> {
  const reply = await replyOf(path, DOCUMENT_MS);
  if (isOwnAbsence(reply)) return null;
  if (!reply.response.ok) throw new Error("not available");
  return textOf(reply.bytes);
}

function speaker(words: Readonly<Record<string, string>>): Translate {
  return (key, values = {}) =>
    filledIn(words[key] ?? key, values);
}

function resultParts(say: Translate, outcome: Search): HTMLElement[] {
  const list = outcome.lists.find((box) => box.found);
  const result = list
    ? notice("there", say("found-title"), say("found", { count: list.count, wave: list.wave }))
    : notice("absent", say("absent-title"), say("absent"));
  const { size, root, signed } = outcome.head;
  const lists = outcome.lists.map(({ wave, number, bucket }) => paragraph(say("how-list", { wave, number, bucket })));
  const how = make(
    "details", {}, make("summary", {}, say("how")), ...lists,
    paragraph(say("how-log", { size, root })), paragraph(say(signed ? "how-signed" : "how-unsigned")),
  );
  return [result, how];
}

const notice = (result: string, title: string, text: string): HTMLElement =>
  make("div", { class: "notice", "data-result": result }, make("strong", {}, title), ` ${text}`);

const errorNotice = (error: unknown, say: Translate): HTMLElement =>
  error instanceof LogFault
    ? notice("fault", say("fault-title"), say("fault", { what: say(error.fault) }))
    : notice("offline", "", say("offline"));

async function check(study: string, say: Translate, typed: string, output: HTMLElement): Promise<void> {
  const receipt = normalReceipt(typed);
  if (!receipt) return fill(output, notice("bad", "", say("bad")));
  fill(output, paragraph(say("wait"), "quiet"));
  try {
    fill(output, ...resultParts(say, await findReceipt(study, receipt, read)));
  } catch (error) {
    fill(output, errorNotice(error, say));
  }
}

function start(): void {
  if (!page || !form || !input || !answer) return;
  const hand = document.querySelector<HTMLDetailsElement>("#hand");
  if (!window.isSecureContext || !crypto.subtle) {
    document.querySelector("#unsupported")?.removeAttribute("hidden");
    return;
  }
  if (hand) hand.open = false;
  const say = speaker(JSON.parse(page.dataset["words"] ?? "{}") as Record<string, string>);
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void check(page.dataset["receipt"] ?? "", say, input.value, answer);
  });
}

start();
