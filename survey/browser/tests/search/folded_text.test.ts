import { expect, test } from "vitest";
import { isFound } from "../../search/folded_text";

test.each([
  ["Łódź", "lodz"], ["Straße", "STRASSE"], ["Đà Nẵng", "da nang"], ["İzmir", "izmir"], ["Iğdır", "igdir"],
  ["Østfold", "ostfold"], ["Côte d’Ivoire", "cote"], ["Ｔｏｋｙｏ", "tokyo"], ["District 12", "１２"], ["District 12", "١٢"],
  ["新疆维吾尔自治区", "维吾尔"], ["广东省", "东"], ["서울특별시", "서우"], ["서울특별시", "울특"], ["Ελλάδα", "ελλαδα"], ["Йошкар-Ола", "йошкар"],
  ["أَفْغانِستان", "افغان"], ["کردستان", "كردستان"], ["مصـــر", "مصر"], ["ئۈرۈمچى", "ئۈرۈم"], ["नेपाल", "पाल"],
  ["Hong Kong (China)", "china hong"], ["Republic of Korea", "korea"], ["a\u200bb", "ab"],
])("%s is found by %s", (label, typed) => {
  expect(isFound(label, typed)).toBe(true);
});

test.each([
  ["Łódź", "lodx"], ["新疆维吾尔自治区", "维自"], ["Hong Kong (China)", "china kyoto"], ["कि", "का"], ["District 12", "21"],
])("%s is not found by %s", (label, typed) => {
  expect(isFound(label, typed)).toBe(false);
});

test.each(["", " ", "، "])("everything is found where nothing is typed: '%s'", (typed) => {
  expect(isFound("Łódź", typed)).toBe(true);
});
