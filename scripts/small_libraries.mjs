// Writes the sealing libraries small. Their compiler wrote five lines for each field, in which names that are theirs
// alone (they begin with _) stand as texts and cannot be shortened; and what their errors say nobody reads on a phone.
import { readFileSync } from "node:fs";

const FIELD = /Object\.defineProperty\(this, "(\w+)", \{\s*enumerable: true,\s*configurable: true,\s*writable: true,\s*value: ([^{}]*?)\s*\}\);/g;

/**
 * Returns a module in which each such field is an assignment, which makes the same property: no class has setters.
 *
 * Throws where a private name would stay as a text, since what reads it by its name would then find nothing.
 */
export function withSmallFields(text) {
  const small = text.replace(FIELD, "this.$1 = $2;");
  const left = /defineProperty\(\s*[\w.]+,\s*["'](_[a-z]\w*)|\[\s*["'](_[a-z]\w*)["']\s*\]/i.exec(small);
  if (left) throw new Error(`a private name is a text: ${left[1] ?? left[2]}`);
  return small;
}

const MESSAGE = /(new (?:[A-Z]\w*)?Error)\((?:"[^"\n]*"|`[^`$]*`|`[^`$]*(?:\$\{[^`{}]*\}[^`$]*)+`)\)/g;

// A text that is put together: what it is made of has no effects but on the text.
const THROWN = /(throw new \w*Error)\([^;]*["'`][^;]*\);$/gm;

/** Returns a module whose errors have their kind and no message. */
export const withoutMessages = (text) => text.replace(MESSAGE, "$1()").replace(THROWN, "$1();");

const SHIM = /(const dntGlobals = \{\};\nexport const dntGlobalThis = )createMergeProxy\(globalThis, dntGlobals\);/;

/** Returns a module that reads the browser's globals as they are, where nothing is put over them: no shim is needed. */
export const withoutShim = (text) => text.replace(SHIM, "$1globalThis;");

const OBJECT = /^const (\w+) = (\{\n(?:    \w+: [^{}`"']+,\n)+\});$/gm;

/** Returns a module in which a constant object of numbers goes where nothing uses it, such as another curve's. */
export const withLooseObjects = (text) => text.replace(OBJECT, "const $1 = /* @__PURE__ */ (() => ($2))();");

/** Names of properties that esbuild may shorten: none of ours, of a browser's or of a document's begins so. */
export const PRIVATE = /^_[a-z]/i;

const small = (text) => withLooseObjects(withoutShim(withoutMessages(withSmallFields(text))));

/** Of esbuild: does all of it in the libraries that seal. */
export const smallLibraries = {
  name: "small libraries",
  setup(build) {
    build.onLoad({ filter: /[\\/](?:@hpke|@noble|mlkem)[\\/].+\.js$/ }, ({ path }) =>
      ({ contents: small(readFileSync(path, "utf8")) }));
  },
};
