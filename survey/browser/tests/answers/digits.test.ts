import { expect, test, vi } from "vitest";
import { digitsOf, numberOf, westernDigits, withoutUnit } from "../../answers/digits";
import { vector } from "../vectors";

interface Typed {
  typed: string;
  units?: string;
  value: number | null;
}

const { zeros, typed: cases } = vector<{ zeros: string[]; typed: Typed[] }>("numbers.json");

test.each(cases)("$typed, counted in $units, is the number $value", ({ typed, units, value }) => {
  expect(numberOf(withoutUnit(typed, units))).toBe(value);
});

test("the ten digits of every script are taken, and no others", () => {
  for (const zero of zeros) {
    const ten = Array.from({ length: 10 }, (_, digit) => String.fromCodePoint(Number.parseInt(zero, 16) + digit));
    expect([zero, westernDigits(ten.join(""))]).toEqual([zero, "0123456789"]);
  }
  expect(westernDigits("½²十Ⅻ")).toBe("½²十Ⅻ");
});

test("an engine without classes of Unicode takes the digits of scripts with many readers", () => {
  const Whole = RegExp;
  vi.stubGlobal("RegExp", function (pattern: string, flags: string): RegExp {
    if (pattern.includes("\\p")) throw new SyntaxError("invalid escape");
    return new Whole(pattern, flags);
  });
  const read = ["25", "２５", "٢٥", "۲۵", "२५", "২৫", "༢༥", "၂၅", "២៥", "᠒᠕"].map(numberOf);
  vi.unstubAllGlobals();
  expect(read).toEqual(Array(10).fill(25));
});

test("a number below zero is shown with a minus sign that stands before it in any script, and read back as itself", () => {
  expect([5, 0, -12].map(digitsOf)).toEqual(["5", "0", "\u200e\u221212"]);
  for (const value of [7, 0, -12]) expect(numberOf(digitsOf(value))).toBe(value);
});
