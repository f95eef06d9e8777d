// The page on which a receipt is checked (survey/respond_app/log_pages.py): asks, looks, says; keeps nothing and sends no receipt.
import { fill, make, paragraph } from "../screen/dom";
import { look, normalReceipt, type Outcome } from "./receipt_lists";
import { LogFault } from "./signed_notes";

type Say = (key: string, values?: Readonly<Record<string, string | number>>) => string;

const page = document.querySelector<HTMLElement>("[data-receipt]");
const form = document.querySelector<HTMLFormElement>("#ask");
const input = document.querySelector<HTMLInputElement>("#receipt");
const answer = document.querySelector<HTMLElement>("#answer");

async function read(path: string): Promise<string | null> {
  const response = await fetch(path, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error("not available");
  return response.text();
}

function speaker(words: Readonly<Record<string, string>>): Say {
  return (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function told(say: Say, outcome: Outcome): HTMLElement[] {
  const found = outcome.looked.find((box) => box.found);
  const said = found
    ? notice("there", say("found-title"), say("found", { count: found.count, wave: found.wave }))
    : notice("absent", say("absent-title"), say("absent"));
  const { size, root, signed } = outcome.head;
  const lists = outcome.looked.map(({ wave, number, bucket }) => paragraph(say("how-list", { wave, number, bucket })));
  const how = make(
    "details", {}, make("summary", {}, say("how")), ...lists,
    paragraph(say("how-log", { size, root })), paragraph(say(signed ? "how-signed" : "how-unsigned")),
  );
  return [said, how];
}

const notice = (result: string, title: string, text: string): HTMLElement =>
  make("div", { class: "notice", "data-result": result }, make("strong", {}, title), ` ${text}`);

const refused = (error: unknown, say: Say): HTMLElement =>
  error instanceof LogFault
    ? notice("fault", say("fault-title"), say("fault", { what: say(error.fault) }))
    : notice("offline", "", say("offline"));

async function check(study: string, say: Say, typed: string, place: HTMLElement): Promise<void> {
  const receipt = normalReceipt(typed);
  if (!receipt) return fill(place, notice("bad", "", say("bad")));
  fill(place, paragraph(say("wait"), "quiet"));
  try {
    fill(place, ...told(say, await look(study, receipt, read)));
  } catch (error) {
    fill(place, refused(error, say));
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
