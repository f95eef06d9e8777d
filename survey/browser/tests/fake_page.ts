// A page of plain objects, with as much of the DOM as the phone's screens use, for tests that need no browser.
import { vi } from "vitest";

const attributeOf = (name: string): string => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** One part of a selector: a tag, classes, an id and attributes, as in `p.fault[role=alert]`. */
function fits(element: FakeElement, part: string): boolean {
  const tokens = part.match(/^[a-z0-9]+|\.[\w-]+|#[\w-]+|\[[^\]]+\]/g) ?? [];
  if (tokens.join("") !== part) throw new Error(`a selector that this page does not know: ${part}`);
  return tokens.every((token) => {
    if (token.startsWith(".")) return element.classList.contains(token.slice(1));
    if (token.startsWith("#")) return element.id === token.slice(1);
    if (!token.startsWith("[")) return element.tagName === token.toUpperCase();
    const [name = "", value] = token.slice(1, -1).split("=");
    return value === undefined ? element.hasAttribute(name) : element.getAttribute(name) === value.replace(/"/g, "");
  });
}

export class FakeElement extends EventTarget {
  readonly tagName: string;
  readonly style = { setProperty: (): void => undefined };
  readonly dataset: Record<string, string>;
  readonly classList = {
    contains: (name: string): boolean => this.className.split(" ").includes(name),
    add: (name: string): void => { this.className = `${this.className} ${name}`.trim(); },
    toggle: (name: string, on: boolean): void => this.classList[on ? "add" : "remove"](name),
    remove: (name: string): void => { this.className = this.className.split(" ").filter((own) => own !== name).join(" "); },
  };
  readonly offsetHeight = 0;
  parent: FakeElement | null = null;
  childNodes: (FakeElement | string)[] = [];
  lang = "";
  dir = "";
  private readonly attributes = new Map<string, string>();
  private ownValue: string | null = null;

  constructor(tag: string) {
    super();
    this.tagName = tag.toUpperCase();
    this.dataset = new Proxy({}, {
      get: (_, name) => this.getAttribute(attributeOf(String(name))) ?? undefined,
      set: (_, name, value) => (this.setAttribute(attributeOf(String(name)), String(value)), true),
      deleteProperty: (_, name) => (this.removeAttribute(attributeOf(String(name))), true),
    }) as Record<string, string>;
  }

  get id(): string { return this.getAttribute("id") ?? ""; }
  get className(): string { return this.getAttribute("class") ?? ""; }
  set className(value: string) { this.setAttribute("class", value); }
  get hidden(): boolean { return this.hasAttribute("hidden"); }
  set hidden(value: boolean) { this.toggle("hidden", value); }
  get disabled(): boolean { return this.hasAttribute("disabled"); }
  set disabled(value: boolean) { this.toggle("disabled", value); }
  get open(): boolean { return this.hasAttribute("open"); }
  set open(value: boolean) { this.toggle("open", value); }
  get value(): string { return this.ownValue ?? this.getAttribute("value") ?? ""; }
  set value(value: string) { this.ownValue = value; }
  get elements(): FakeElement[] { return this.childNodes.filter((node): node is FakeElement => typeof node !== "string"); }
  get lastElementChild(): FakeElement | null { return this.elements.at(-1) ?? null; }
  get isConnected(): boolean { return this.tagName === "HTML" || (this.parent?.isConnected ?? false); }
  get textContent(): string { return this.childNodes.map((node) => (typeof node === "string" ? node : node.textContent)).join(""); }
  set textContent(text: string) {
    for (const child of this.elements) child.parent = null;
    this.childNodes = text ? [text] : [];
  }
  get nextSibling(): FakeElement | null {
    const siblings = this.parent?.elements ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  getAttribute(name: string): string | null { return this.attributes.get(name) ?? null; }
  hasAttribute(name: string): boolean { return this.attributes.has(name); }
  setAttribute(name: string, value: string): void { this.attributes.set(name, value); }
  removeAttribute(name: string): void { this.attributes.delete(name); }

  append(...nodes: (FakeElement | string)[]): void { for (const node of nodes) this.insertBefore(node, null); }
  after(node: FakeElement): void { this.parent?.insertBefore(node, this.nextSibling); }
  insertBefore(node: FakeElement | string, before: FakeElement | null): void {
    if (typeof node !== "string") {
      node.remove();
      node.parent = this;
    }
    const at = before === null ? this.childNodes.length : this.childNodes.indexOf(before);
    this.childNodes.splice(at, 0, node);
  }
  remove(): void {
    if (this.parent) this.parent.childNodes = this.parent.childNodes.filter((node) => node !== this);
    this.parent = null;
  }

  matches(selector: string): boolean {
    return selector.split(",").some((whole) => {
      const parts = whole.trim().split(/\s+/);
      return fits(this, parts.pop() as string) && parts.reverse().every((part) => this.parent?.closest(part));
    });
  }
  closest(selector: string): FakeElement | null {
    return this.matches(selector) ? this : (this.parent?.closest(selector) ?? null);
  }
  contains(other: FakeElement): boolean { return this === other || this.elements.some((child) => child.contains(other)); }
  querySelectorAll(selector: string): FakeElement[] {
    return this.elements.flatMap((child) => [...(child.matches(selector) ? [child] : []), ...child.querySelectorAll(selector)]);
  }
  querySelector(selector: string): FakeElement | null { return this.querySelectorAll(selector)[0] ?? null; }

  scrollIntoView(): void { /* Nothing has a place here. */ }
  focus(): void { (document as unknown as { activeElement: FakeElement }).activeElement = this; }
  click(): void { if (!this.disabled) this.dispatchEvent(new Event("click")); }
  private toggle(name: string, value: boolean): void {
    if (value) this.setAttribute(name, "");
    else this.removeAttribute(name);
  }
}

export interface FakePage {
  root: FakeElement;
  body: FakeElement;
  /** The heading of the screen. */
  title(): string;
  /** Presses the button with this `data-press`; throws where there is none. */
  press(name: string): void;
  /** Presses the answer with this code. */
  choose(code: number): void;
  /** The names of all buttons that can be pressed. */
  buttons(): string[];
}

/** Puts a page in place of the globals that browsers have; `vi.unstubAllGlobals` takes it away. */
export function fakePage(): FakePage {
  const root = new FakeElement("html");
  const body = new FakeElement("body");
  root.append(body);
  const create = (tag: string): FakeElement => new FakeElement(tag);
  const document = Object.assign(new EventTarget(), {
    documentElement: root, body, activeElement: body, visibilityState: "visible", createElement: create,
    createElementNS: (_: string, tag: string) => create(tag), getElementById: (id: string) => root.querySelector(`#${id}`),
    querySelector: (selector: string) => root.querySelector(selector),
    querySelectorAll: (selector: string) => root.querySelectorAll(selector),
  });
  const stubs = { document, window: globalThis, self: globalThis, Element: FakeElement, HTMLElement: FakeElement, Node: FakeElement,
    scrollTo: () => undefined, requestAnimationFrame: (done: () => void) => setTimeout(done) };
  for (const [name, value] of Object.entries(stubs)) vi.stubGlobal(name, value);
  const query = (selector: string): FakeElement => {
    const element = root.querySelector(selector);
    if (!element) throw new Error(`nothing on the page is ${selector}`);
    return element;
  };
  return {
    root, body,
    title: () => query("h1").textContent,
    press: (name) => query(`[data-press=${name}]`).click(),
    choose: (code) => query(`[data-code=${code}]`).click(),
    buttons: () => root.querySelectorAll("button").filter(({ disabled }) => !disabled).map(({ dataset }) => dataset.press ?? ""),
  };
}
