"""What a hand reaches on the phone page: bars, ways to skip, distances, measured in the page by hit-testing.

A measurement is one script, which runs in every engine: it dresses the page in each size of letters and set of colours
and returns the faults of the screen that stands. Screens of questions follow one another by presses within the same
script, so that a whole study is one evaluation per size of the screen.
"""

import json
from collections.abc import Iterable
from typing import Any

from studies.market import Study

from crypto.canonical import canonical, parse
from survey.questionnaire.questionnaire import Questionnaire

# A 360×640 phone less its address bar, the smallest phone, a phone on its side, and one whose keyboard takes half.
UPRIGHT, SMALL, LANDSCAPE, KEYBOARD = (360, 560), (320, 480), (640, 330), (360, 300)
SIZES = (UPRIGHT, SMALL, LANDSCAPE, KEYBOARD)
LETTERS = ("1", "2", "3")
COLOURS = ("light", "dark", "contrast")
APART = 8  # CSS pixels between two targets, at least

MEASURE = """
const APART = %(apart)s, LETTERS = %(letters)s, COLOURS = %(colours)s;
const CONTROLS = "button, summary, select, input, textarea, a";
const root = document.documentElement;
// The bar that stays at the bottom; screens about drafts have one of their own.
const BOTTOM = "footer, .deck";
const folded = (one) => !one.matches("summary") && one.closest("details:not([open])");
const all = (selector) =>
  [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length && !folded(one));
const named = (one) => one.dataset.press === "answer" ? `answer ${one.dataset.code}` : one.dataset.press || one.tagName;
// What is seen of a control: bars cover what scrolls under them.
const seen = (one, {top, bottom}) => {
  const box = one.getBoundingClientRect(), inBar = one.closest(`header, .panel, ${BOTTOM}`);
  return { one, left: box.left, right: box.right, top: inBar ? box.top : Math.max(box.top, top),
           bottom: inBar ? box.bottom : Math.min(box.bottom, bottom) };
};
const hits = (one) => {
  const box = one.getBoundingClientRect();
  const at = (across, down) => document.elementFromPoint(box.left + across * box.width, box.top + down * box.height);
  // Corners are round.
  const shares = [[.1, .3], [.9, .3], [.5, .5], [.5, .05], [.5, .95], [.1, .7], [.9, .7]];
  return shares.every((share) => one.contains(at(...share)));
};
// Between the bars, where a page has them.
const content = () => {
  const [head, foot] = ["header", BOTTOM].map((name) => all(name)[0]?.getBoundingClientRect());
  return { top: Math.max(0, head?.bottom ?? 0), bottom: Math.min(innerHeight, foot?.top ?? innerHeight) };
};
const apart = (a, b) => Math.hypot(Math.max(0, a.left - b.right, b.left - a.right),
                                   Math.max(0, a.top - b.bottom, b.top - a.bottom));
function close(room) {
  const shown = all(CONTROLS).map((one) => seen(one, room)).filter(({top, bottom}) => bottom - top > 1);
  const found = [];
  for (const [at, a] of shown.entries()) {
    for (const b of shown.slice(at + 1)) {
      if (a.one.contains(b.one) || b.one.contains(a.one) || apart(a, b) >= APART - 0.5) continue;
      found.push(`${named(a.one)} and ${named(b.one)} are ${Math.round(apart(a, b))} px apart`);
    }
  }
  return found;
}
function always() {
  const found = all(".skips button, footer button, .deck button, [data-press=leave]")
    .filter((one) => !one.disabled && !hits(one)).map((one) => `${named(one)} is not in view`);
  return [...found, ...close(content())];
}
// Whether the arrow over the bar's upper edge is drawn: a bar that clips or scrolls what sticks out hides it.
const pointsOn = (bar) => {
  if (!bar || getComputedStyle(bar).overflowY !== "visible") return false;
  const {content, display, width} = getComputedStyle(bar, "::after");
  return content !== "none" && display !== "none" && parseFloat(width) > 0;
};
function beginning() {
  const found = [], room = content(), height = room.bottom - room.top;
  if (height < innerHeight / 2) found.push(`${Math.round(100 * height / innerHeight)} %% is left for content`);
  if (root.scrollWidth > innerWidth) found.push("wider than the screen");
  const bottoms = (selector) =>
    all(selector).filter((one) => !one.closest(BOTTOM)).map((one) => one.getBoundingClientRect().bottom);
  const below = Math.max(...bottoms("main > :not(#drafting), #drafting > *")) > room.bottom + 8;
  const sign = root.classList.contains("more-below");
  const cut = all("main p, main h1, main .choice, main button, main summary").some((one) => {
    const {top, bottom} = one.getBoundingClientRect();
    return top < room.bottom - APART && bottom > room.bottom + APART;
  });
  if (below && !cut && !(sign && pointsOn(all(BOTTOM)[0])))
    found.push("nothing shows that there is more");
  const asked = bottoms("#title, #row").pop() ?? 0;
  if (asked > room.bottom + height) {
    found.push(`the question's end, ${asked}, is more than one movement from ${room.top} to ${room.bottom}`);
  }
  return found;
}
// Where a person may stop scrolling; each control of the content can be brought where nothing lies over it.
function scrolled() {
  const found = [], end = root.scrollHeight - innerHeight;
  for (const part of [1/4, 1/2, 3/4, 1]) {
    if (end < 1) break;
    scrollTo(0, part * end);
    found.push(...always());
  }
  for (const one of all(CONTROLS).filter((control) => control.closest("main"))) {
    one.scrollIntoView({block: "center", behavior: "instant"});
    const box = one.getBoundingClientRect(), middle = [box.left + box.width / 2, box.top + box.height / 2];
    if (!one.contains(document.elementFromPoint(...middle))) found.push(`${named(one)} can't be brought into view`);
  }
  scrollTo(0, 0);
  return found;
}
function measured(name) {
  const found = new Set();
  root.classList.remove("settling");
  for (const colours of COLOURS) for (const size of LETTERS) {
    Object.assign(root.dataset, {colours, size});
    scrollTo(0, 0);
    dispatchEvent(new Event("resize"));
    for (const fault of [...beginning(), ...always(), ...scrolled()]) found.add(`${name} ${colours} ${size}: ${fault}`);
  }
  return [...found];
}
"""
# Whether a field is whole between the bars, and what is said of it too: its first line where there is room for no more.
TOLD = """([field, said]) => {
  const edge = (bar, side, without) => document.querySelector(bar)?.getBoundingClientRect()[side] ?? without;
  const [top, bottom] = [edge("header", "bottom", 0), edge("footer", "top", innerHeight)];
  const [asked, fault] = [field, said].map((selector) => document.querySelector(selector).getBoundingClientRect());
  const whole = (box) => box.height > 0 && box.top > top - 1 && box.bottom < bottom + 1;
  const fits = fault.bottom - asked.top < bottom - top - 48;
  return whole(asked) && fault.height > 0 && (whole(fault) || !fits && fault.top + 20 < bottom);
}"""
# Each question as it comes and, on the way back, with an answer, where Next stands beside the ways to skip.
WALK = """
const press = (selector) => { const one = all(selector)[0]; one?.click(); return one !== undefined; };
const heading = () => document.getElementById("title");
const question = () => `${heading().textContent} ${document.getElementById("row")?.textContent ?? ""}`;
const found = [...measured("consent")], unskipped = [];
let screens = 0;
press("[data-press=agree]");
for (let at = null; !all("[data-press=send]").length && at !== heading(); screens++) {
  at = heading();
  found.push(...measured(`${screens} ${question()}`));
  const counted = document.getElementById("count") && !all(".aside").length;
  if (counted && !all(".skips button").length) unskipped.push(heading().textContent);
  press(".skips button") || press("main [data-code]");
  if (heading() === at) press("[data-press=next]");
}
found.push(...measured("ready"));
for (let left = screens; left--;) {
  press("[data-press=back]");
  if (all("[data-press=agree]").length) break;
  found.push(...measured(`${left} ${question()} (answered)`));
}
"""


def measurement(name: str, letters: Iterable[str] = LETTERS, colours: Iterable[str] = COLOURS) -> str:
    """Return a script whose value is the list of faults of the screen that stands, each with `name` before it."""
    return f"(() => {{ {_measure(letters, colours)} return measured({json.dumps(name)}); }})()"


def whole_study(letters: Iterable[str] = LETTERS, colours: Iterable[str] = COLOURS) -> str:
    """Return a script that begins at the consent; its value: {"faults", "unskipped", "screens": how many}."""
    end = "return {faults: found, unskipped, screens};"
    return f"(() => {{ {_measure(letters, colours)} {WALK} {end} }})()"


def _measure(letters: Iterable[str], colours: Iterable[str]) -> str:
    return MEASURE % {"apart": APART, "letters": json.dumps([*letters]), "colours": json.dumps([*colours])}


def unrouted(study: Study) -> Study:
    """Return the study with every question asked of everybody, so that one walk meets every screen."""
    document: dict[str, Any] = parse(study.questionnaire.to_bytes())
    forms = [form["id"] for form in document["forms"]]
    for item in document["items"]:
        item.pop("ask_if", None)
        item["forms"] = forms
        for option in item["options"]:
            option.pop("end", None)
    return Study(Questionnaire.from_bytes(canonical(document)), study.texts)
