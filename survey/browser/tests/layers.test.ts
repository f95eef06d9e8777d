import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { files, importsIn, nameOf, root, textOf } from "./modules";

// Decision 78.
/** From the ground up: a folder imports from the floors below its own alone, and from nothing on its own. */
const FLOORS: readonly (readonly string[])[] = [
  ["documents"], ["answers", "sealing"], ["pinned"], ["delivery"], ["screen"], ["drafts", "search"], ["interview"],
  ["kit", "receipt", "withdraw", "start", "preview", "desk"],
];
const MOST_FILES = 20;
const MOST_SCREEN_FILES = 22;

/** Each module's imports from this tree, by path without `.ts`: `answers/path` to `documents/documents`, for one. */
type Graph = ReadonlyMap<string, readonly string[]>;

const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["tests", "node_modules"].includes(entry.name)).map(({ name }) => name);
const modulesOf = (folder: string): string[] => files.map(nameOf).filter((module) => folderOf(module) === folder);
const folderOf = (module: string): string => dirname(module);
const floorOf = (folder: string): number => FLOORS.findIndex((floor) => floor.includes(folder));

/** Returns which modules of this tree a text imports from the folder of `module`. */
const ownImports = (module: string, text: string): string[] =>
  // A list that is data is no module, and imports nothing.
  importsIn(text).filter((path) => path.startsWith(".") && !path.endsWith(".json")).map((path) => normalize(join(folderOf(module), path)));

const graph: Graph = new Map(files.map((file) => [nameOf(file), ownImports(nameOf(file), textOf(file))]));

const edgesOf = (modules: Graph): [string, string][] =>
  [...modules].flatMap(([from, imported]) => imported.map((to) => [from, to] as [string, string]));

function faultsOf(modules: Graph): string[] {
  const floorless = [...new Set([...modules.keys()].map(folderOf))].filter((folder) => floorOf(folder) < 0);
  const upward = edgesOf(modules).filter(([from, to]) => folderOf(from) !== folderOf(to))
    .filter(([from, to]) => floorOf(folderOf(to)) >= floorOf(folderOf(from)));
  return [
    ...floorless.map((folder) => `${folder} has no floor`),
    ...upward.map(([from, to]) => `${from} must not import ${to}`),
    ...circlesOf(modules).map((circle) => `circle: ${circle}`),
  ];
}

/** Returns each circle of modules once, written from the module that comes first in the alphabet. */
function circlesOf(modules: Graph): string[] {
  const circles = new Set<string>();
  const done = new Set<string>();
  const visit = (module: string, trail: readonly string[]): void => {
    const start = trail.indexOf(module);
    if (start >= 0) return void circles.add(spelt(trail.slice(start)));
    if (done.has(module)) return;
    for (const next of modules.get(module) ?? []) visit(next, [...trail, module]);
    done.add(module);
  };
  for (const module of modules.keys()) visit(module, []);
  return [...circles];
}

function spelt(circle: readonly string[]): string {
  const first = circle.indexOf([...circle].sort()[0] as string);
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  return [...turned, turned[0]].join(" > ");
}

const withEdge = (from: string, to: string): Graph => new Map(graph).set(from, [...(graph.get(from) ?? []), to]);

/** Returns the folders that a line of a folder's README names. */
function listed(folder: string, label: string): string[] {
  const line = new RegExp(`^${label}: (.*)\\.$`, "m").exec(readFileSync(join(root, folder, "README.md"), "utf8"))?.[1];
  return ["nothing", "nobody"].includes(line ?? "") ? [] : (line ?? `no line ${label}`).split(", ").sort();
}

const distinct = (list: readonly string[]): string[] => [...new Set(list)].sort();

test("no module imports upwards or sideways, no modules import each other in a circle, no folder is without a floor", () => {
  expect(faultsOf(graph)).toEqual([]);
});

test.each([
  ["documents/bytes", "screen/dom", ["documents/bytes must not import screen/dom"]],
  ["answers/path", "sealing/seal", ["answers/path must not import sealing/seal"]],
  ["kit/kit", "withdraw/withdraw", ["kit/kit must not import withdraw/withdraw"]],
  ["documents/bytes", "documents/words", []],
  ["attic/box", "documents/bytes", ["attic has no floor", "attic/box must not import documents/bytes"]],
] as const)("an import in %s of %s is named where it breaks the layers, and only there", (from, to, faults) => {
  expect(faultsOf(withEdge(from, to))).toEqual(faults);
});

test("a circle within a folder is named once, whichever of its modules is met first", () => {
  const circle = ["circle: answers/conditions > answers/path > answers/conditions"];
  expect(faultsOf(withEdge("answers/conditions", "answers/path"))).toEqual(circle);
  expect(faultsOf(new Map([...withEdge("answers/conditions", "answers/path")].reverse()))).toEqual(circle);
});

test.each([
  ["documents/bytes", "import { make } from '../screen/dom';", "documents/bytes must not import screen/dom"],
  ["documents/bytes", "await import('../screen/dom');", "documents/bytes must not import screen/dom"],
  ["documents/bytes", "await import(`../screen/dom`);", "documents/bytes must not import screen/dom"],
  ["documents/attic/box", "export { make } from '../../screen/dom';", "documents/attic has no floor"],
  ["box", "export { make } from './screen/dom';", ". has no floor"],
])("in %s, %s is seen, in whatever quotes, folder below a folder or root", (module, code, fault) => {
  expect(faultsOf(new Map(graph).set(module, ownImports(module, code)))).toContain(fault);
});

test("every file of code lies in a folder of the tree, ends in .ts, and is read", () => {
  expect(files.filter((file) => !file.endsWith(".ts"))).toEqual([]);
  expect(distinct(files.map((file) => folderOf(file)))).toEqual([...folders].sort());
});

test("every import statement is read: none is in a form that the reader above passes over", () => {
  expect(graph.size).toBeGreaterThan(70);
  for (const module of graph.keys()) {
    // Braces may stand on several lines; a statement is counted where it begins.
    const statements = textOf(`${module}.ts`).match(/^import\b|^export\b[^=;(]*\bfrom\b|\bimport\s*\(\s*["'`]/gm) ?? [];
    expect([module, importsIn(textOf(`${module}.ts`)).length]).toEqual([module, statements.length]);
    for (const imported of graph.get(module) ?? []) expect([module, imported, graph.has(imported)]).toEqual([module, imported, true]);
  }
});

test.each(folders)("the README of %s names exactly the folders that it imports and those that import it", (folder) => {
  const across = edgesOf(graph).map(([from, to]) => [folderOf(from), folderOf(to)] as const).filter(([from, to]) => from !== to);
  const imports = distinct(across.filter(([from]) => from === folder).map(([, to]) => to));
  const importers = distinct(across.filter(([, to]) => to === folder).map(([from]) => from));
  expect([listed(folder, "May import"), listed(folder, "May be imported by")]).toEqual([imports, importers]);
});

test.each(folders)("%s has at most twenty modules, screen at most twenty-two", (folder) => {
  expect(modulesOf(folder).length).toBeLessThanOrEqual(folder === "screen" ? MOST_SCREEN_FILES : MOST_FILES);
});

test("a folder of tests is named like the folder that it tests", () => {
  const tested = readdirSync(join(root, "tests"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(tested.map(({ name }) => name).filter((name) => !folders.includes(name))).toEqual([]);
});
