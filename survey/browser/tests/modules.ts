// The phone's modules as text, wherever they lie and whatever they end in, with what each imports and names.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const CODE = /\.[cm]?[jt]sx?$/;
const NOT_OURS = ["tests", "node_modules"];

/** Returns the files of code below the folder, by path from the root: `answers/path.ts`, for one. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : filesBelow(path);
    return CODE.test(entry.name) ? [path] : [];
  });
}

export const files: readonly string[] = filesBelow("");
export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
/** Returns a file's path without its ending, as other modules import it. */
export const nameOf = (file: string): string => file.replace(CODE, "");

const QUOTED_OR_COMMENT = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

const withoutComments = (text: string): string =>
  text.replace(QUOTED_OR_COMMENT, (part) => (part.startsWith("/") ? " " : part));

/** Returns `text` without comments and quoted strings; what a template computes stays. */
export const codeOf = (text: string): string =>
  text.replace(QUOTED_OR_COMMENT, (part) => (part.startsWith("`") ? part : " "));

/** Returns what `text` imports, re-exports, loads later or takes types from, in quotes of any kind. */
export const importsIn = (text: string): string[] =>
  [...withoutComments(text).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(["'`])([^"'`]+)\1/g)].map((match) => match[2] as string);

/** Returns how many modules `text` loads from an address that is computed, which nobody can read from it. */
export const loadsByAddress = (text: string): number =>
  withoutComments(text).match(/\bimport\s*\((?!\s*["'`])/g)?.length ?? 0;
