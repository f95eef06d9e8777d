// Date fields: a year and optionally a month, chosen from lists and converted to their band on the phone.
import { boundsOf } from "../answers/choices";
import { make } from "./dom";
import { clearFault, faultLine } from "./fields";
import type { ItemView } from "./item_view";

const MONTHS = 12;

export function dateFields(view: ItemView): HTMLElement[] {
  const monthly = view.item.unit === "month";
  const [first, last] = boundsOf(view.item).map((value) => (monthly ? Math.floor(value / 100) : value));
  const years = Array.from({ length: Number(last) - Number(first) + 1 }, (_, back) => Number(last) - back);
  const lists = [list(view, 0, years, view.words("date-year"), yearName(view.texts.locale))];
  const months = Array.from({ length: MONTHS }, (_, month) => month + 1);
  if (monthly) lists.push(list(view, 1, months, view.words("date-month"), monthName(view.texts.locale)));
  for (const { select } of lists) {
    select.addEventListener("change", () => {
      clearFault();
      view.type(lists.map((list) => list.select.value));
    });
  }
  return [make("div", { class: "fields" }, ...lists.map(({ label }) => label)), faultLine()];
}

interface List {
  label: HTMLElement;
  select: HTMLSelectElement;
}

type Spell = (value: number) => string;

function list(view: ItemView, at: number, values: readonly number[], name: string, spell: Spell): List {
  const options = values.map((value) => make("option", { value: String(value) }, spell(value)));
  const select = make("select", { class: "field", "aria-describedby": "title", "data-field": String(at) },
    make("option", { value: "" }, "—"), ...options);
  select.value = view.typed[at] ?? "";
  return { select, label: make("label", {}, make("span", {}, name), select) };
}

/** The browser's own names, where it knows the language; else the number. */
function speller(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | null {
  if (Intl.DateTimeFormat.supportedLocalesOf(locale).length === 0) return null;
  return new Intl.DateTimeFormat(`${locale}-u-ca-gregory-nu-latn`, { ...options, timeZone: "UTC" });
}

function monthName(locale: string): Spell {
  const spelled = speller(locale, { month: "long" });
  return (month) => spelled?.format(Date.UTC(2000, month - 1)) ?? String(month);
}

function yearName(locale: string): Spell {
  const spelled = speller(locale, { year: "numeric" });
  return (year) => spelled?.format(Date.UTC(year, 0)) ?? String(year);
}
