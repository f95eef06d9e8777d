// What the build makes of the sealing libraries: the same fields, errors of the same kind, nothing shortened in part.
import { expect, test } from "vitest";
// @ts-expect-error a script of the build, without types
import { PRIVATE as untypedPattern, withoutMessages as untypedToo, withSmallFields as untyped } from "../../../../scripts/small_libraries.mjs";

const withSmallFields = untyped as (text: string) => string;
const withoutMessages = untypedToo as (text: string) => string;
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
  ["new Error(`a ${f(`b`)}`);", "new Error(`a ${f(`b`)}`);"], ['f("new Error(x)");', 'f("new Error(x)");'],
])("of %s becomes %s", (text, small) => {
  expect(withoutMessages(text)).toBe(small);
});
