// What the build makes of the sealing libraries: the same fields, errors of the same kind, nothing shortened in part.
import { expect, test } from "vitest";
// @ts-expect-error a script of the build, without types
import { PRIVATE as untypedPattern, withLooseObjects as untypedLoose, withoutMessages as untypedToo, withoutShim as untypedShim, withSmallFields as untyped } from "../../../../scripts/small_libraries.mjs";

const withSmallFields = untyped as (text: string) => string;
const withoutMessages = untypedToo as (text: string) => string;
const [withoutShim, withLooseObjects] = [untypedShim, untypedLoose] as ((text: string) => string)[];
const PRIVATE = untypedPattern as RegExp;
const field = (name: string, value: string): string =>
  `Object.defineProperty(this, "${name}", {\n  enumerable: true,\n  configurable: true,\n  writable: true,\n  value: ${value}\n});`;

test.each([["_kem", "void 0"], ["_du", "10"], ["_buf", "new Uint8Array(32)"], ["id", "KemId.DhkemX25519HkdfSha256"]])(
  "the field %s of %s becomes an assignment", (name, value) => {
    expect(withSmallFields(field(name, value))).toBe(`this.${name} = ${value};`);
  },
);

test("an object made by either has the same properties, listed and written alike", () => {
  const made = (body: string): object => (new Function(`return new (class { constructor() { ${body} } })()`) as () => object)();
  const [before, after] = [field("_a", "1"), withSmallFields(field("_a", "1"))].map(made);
  expect(Object.getOwnPropertyDescriptors(after)).toEqual(Object.getOwnPropertyDescriptors(before));
});

test.each([field("_a", "{ b: 1 }"), 'this["_a"] = 1;', "f(this['_a']);", 'Object.defineProperty(exports, "_a", { value: 1 });'])(
  "%s is refused: the name would be shortened where it is read, and not where it is written", (text) => {
    expect(() => withSmallFields(text)).toThrow("a private name is a text: _a");
  },
);

test("names of documents and browsers are not shortened", () => {
  expect(["__proto__", "plaintext_size", "nano_rho", "key"].filter((name) => PRIVATE.test(name))).toEqual([]);
  expect(["_kem", "_checkInit"].every((name) => PRIVATE.test(name))).toBe(true);
});

test.each([
  ['throw new Error("too long");', "throw new Error();"], ["throw new TypeError(`got ${size} of ${most}`);", "throw new TypeError();"],
  ["throw new E.InvalidParamError('x');", "throw new E.InvalidParamError('x');"], ["throw new Error(e);", "throw new Error(e);"],
  ['throw new Error("at " + at + ", got " + typeof one);', "throw new Error();"], ['throw new Error(prefix + "a" + b);', "throw new Error();"],
  ["throw new Error(cause.message);", "throw new Error(cause.message);"], ["new Error(`a ${f(`b`)}`);", "new Error(`a ${f(`b`)}`);"], ['f("new Error(x)");', 'f("new Error(x)");'],
])("of %s becomes %s", (text, small) => {
  expect(withoutMessages(text)).toBe(small);
});

test("the globals behind a shim with nothing in it are the browser's own, and one with something in it stays", () => {
  const shim = (members: string): string => `const dntGlobals = {${members}};\nexport const dntGlobalThis = createMergeProxy(globalThis, dntGlobals);`;
  expect(withoutShim?.(shim(""))).toBe("const dntGlobals = {};\nexport const dntGlobalThis = globalThis;");
  expect(withoutShim?.(shim("Deno: 1"))).toBe(shim("Deno: 1"));
});

test("an object of numbers has the same members when it is made by a function without effects", () => {
  const text = "const A = {\n    p: (1n << 521n) - 1n,\n    size: 66,\n};";
  const small = withLooseObjects?.(text) ?? "";
  expect(small).toContain("/* @__PURE__ */");
  const made = (source: string): unknown => (new Function(`${source} return A;`) as () => unknown)();
  expect(made(small)).toEqual(made(text));
  const others = ["const A = {\n    b: { c: 1 },\n};", "  const A = {\n    p: 1,\n};", 'const A = {\n    p: "}",\n};'];
  expect(others.map((other) => withLooseObjects?.(other))).toEqual(others);
});
