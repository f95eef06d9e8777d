// The hands at the phone's page in the frame: they press and type what a person would, and know nothing else of it.
import type { Step, Way } from "./state";

/** What a screen is known by. */
export interface Heading {
  title: string;
  row: string | null;
}

const PATIENCE_MS = 15_000;
const LOOK_MS = 20;

/** Opens a language, agrees, and answers up to an item; "" is the consent, null the end. Returns whether it came there. */
export async function walk(frame: HTMLIFrameElement, locale: string, way: Way | null): Promise<boolean> {
  const page = await loaded(frame);
  const language = page?.querySelector<HTMLDetailsElement>(`details[data-locale="${locale}"]`);
  if (!page || !language) return false;
  language.open = true;
  if (!(await appears(page, "agree"))) return false;
  if (!way) return true;
  if (!way.found) return false;
  press(page, "agree");
  return answered(page, way);
}

/** The words on the screen now: heading and, of a grid, the row. */
export function shown(page: Document | null): Heading | null {
  const title = page?.getElementById("title")?.textContent;
  return title ? { title, row: page?.getElementById("row")?.textContent ?? null } : null;
}

/** Takes the steps in the order in which their screens come; one whose words a piped answer changed comes in turn. */
function answered(page: Document, way: Way): boolean {
  for (const left = [...way.steps]; ;) {
    passHandover(page);
    const now = shown(page);
    const known = left.findIndex((step) => same(step, now));
    if (left.length === 0 || (known < 0 && way.item !== "" && same(way, now))) return true;
    const [step] = left.splice(Math.max(known, 0), 1);
    if (!step || !taken(page, step)) return false;
  }
}

const same = (one: Heading, other: Heading | null): boolean => one.title === other?.title && one.row === other.row;

async function loaded(frame: HTMLIFrameElement): Promise<Document | null> {
  const ready = (): Document | null => {
    const page = frame.contentDocument;
    // The document may be there before its first element is.
    return page?.querySelector("html[data-ready]") ? page : null;
  };
  return until(ready);
}

/** Waits for a button; an invitation is spent on the way, with the code that stands in the link. */
async function appears(page: Document, name: string): Promise<boolean> {
  const found = (): boolean => {
    if (find(page, "code")) press(page, "code");
    return find(page, name) !== null;
  };
  return (await until(() => found() || null)) === true;
}

async function until<T>(look: () => T | null): Promise<T | null> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    const found = look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  return null;
}

const find = (page: Document, name: string): HTMLElement | null =>
  page.querySelector<HTMLElement>(`[data-press="${name}"]`);

function press(page: Document, name: string): boolean {
  const button = find(page, name);
  button?.click();
  return button !== null;
}

function taken(page: Document, step: Step): boolean {
  const first = page.querySelector<HTMLElement>("main [data-code]");
  if (step.any) first?.click();
  const pressed = step.any ? first !== null : step.press.every((code) => pressCode(page, code));
  return pressed && filled(page, step) && (!step.next || press(page, "next"));
}

/** Of an assisted interview: the device goes from hand to hand where a private part begins or ends. */
function passHandover(page: Document): void {
  while (press(page, "handover"));
}

function pressCode(page: Document, code: number): boolean {
  const button = page.querySelector<HTMLElement>(`[data-code="${code}"]`);
  button?.click();
  return button !== null;
}

function filled(page: Document, { type, pick }: Step): boolean {
  const texts = type.map((text, at) => enter(page.querySelectorAll<HTMLInputElement>("main input")[at], text, "input"));
  const lists = pick.map((value, at) => enter(page.querySelectorAll<HTMLSelectElement>("main select")[at], value, "change"));
  return [...texts, ...lists].every(Boolean);
}

function enter(field: HTMLInputElement | HTMLSelectElement | undefined, value: string, event: string): boolean {
  if (!field) return false;
  field.value = value;
  field.dispatchEvent(new Event(event, { bubbles: true }));
  return true;
}
