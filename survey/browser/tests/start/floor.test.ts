// What the check against the oldest browsers finds, and what it lets pass.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error a script of the build, without types
import * as untyped from "../../../../scripts/floor.mjs";

const { faultsOfScript, faultsOfStyle } = untyped as {
  faultsOfScript: (name: string, text: string) => Promise<string[]>;
  faultsOfStyle: (name: string, css: string) => Promise<string[]>;
};

test.each([
  ["optional chaining", "f(a?.b);"], ["a nullish value", "f(a ?? b);"], ["a class field", "class A { b = 1; }"],
  ["a private member", "class A { #b; }"], ["flat", "f(list.flat());"], ["flatMap", "f(list.flatMap(g));"],
  ["at", "f(list.at(-1));"], ["matchAll", "f(text.matchAll(g));"], ["fromEntries", "f(Object.fromEntries(list));"],
  ["replaceAll", "f(text.replaceAll('a', 'b'));"], ["allSettled", "f(Promise.allSettled(list));"], ["globalThis", "f(globalThis);"],
  ["a time limit of a signal", "f(AbortSignal.timeout(1));"], ["structuredClone", "f(structuredClone(a));"],
  ["queueMicrotask", "queueMicrotask(f);"], ["a text of a list", "f(new Intl.ListFormat('en'));"],
])("%s is named: an oldest browser does not have it", async (_, text) => {
  expect(await faultsOfScript("one.js", text)).not.toEqual([]);
});

test.each([
  ["numbers without bounds", "f(1n);"], ["an import when it is needed", "import(a);"], ["a catch without a name", "try { f(); } catch { g(); }"],
  ["a fetch that can be aborted", "fetch(a, { signal: new AbortController().signal });"], ["a property that is called at", "f(position.at);"],
  ["arrays' older methods", "f(list.map(g).filter(g).find(g).some(g));"],
])("%s passes: all of them have it", async (_, text) => {
  expect(await faultsOfScript("one.js", text)).toEqual([]);
});

test.each([
  ["max() alone", "a { width: max(1px, 2%); }"], ["clamp() after another property", "a { height: 1px; width: clamp(1px, 2%, 3px); }"],
  ["max() before what should stand in its place", "a { width: max(1px, 2%); width: 1px; }"],
  ["padding-inline-start alone", "a { padding-inline-start: 1px; }"], ["a border's side alone", "a { border: 0; border-inline-start: 1px solid; }"],
  ["a prefix behind what it stands for", "a { margin-inline-end: 1px; -webkit-margin-end: 1px; }"], ["what has no such prefix", "a { inset-inline-end: 1px; }"], ["four sides in one", "a { top: 0; inset: 0; }"],
  ["env() alone", "a { padding: env(safe-area-inset-top); }"], ["what no list has", "a { aspect-ratio: 1; } @container (width > 1px) { a { color: red; } }"],
])("%s in a style is named", async (_, css) => {
  expect(await faultsOfStyle("one.css", css)).not.toEqual([]);
});

test.each([
  ["max() behind a plain value", "a { width: 1px; width: max(1px, 2%); }"], ["max() in @supports", "@supports (width: max(1px, 1%)) { a { width: max(1px, 2%); } }"],
  ["alignment by the beginning of the line", "a { text-align: start; }"],
  ["a side behind its prefixed form", "a { -webkit-padding-start: 1px; padding-inline-start: 1px; }"],
  ["minmax()", "a { grid-template-columns: repeat(2, minmax(0, 1fr)); }"], ["what all of them have", "a { color: red; display: flex; position: fixed; }"],
])("%s in a style passes", async (_, css) => {
  expect(await faultsOfStyle("one.css", css)).toEqual([]);
});

test("the browsers that are checked are those that the bundles are built for", () => {
  const root = new URL("../../../../", import.meta.url);
  const read = (file: string): string => readFileSync(new URL(file, root), "utf8");
  const { browserslist } = JSON.parse(read("package.json")) as { browserslist: string[] };
  expect(browserslist).toEqual(["chrome 68", "firefox 68", "safari 14", "ios_saf 14"]);
  expect(read("scripts/build.mjs")).toContain('target: ["chrome67", "firefox68", "safari14"]');
});
