"""The vectors of typed numbers, which the phone's tests read, are whole."""

import json
import sys
import unicodedata

from paths import VECTORS

from survey.questionnaire.phrases import normalised

DOCUMENT = json.loads((VECTORS / "numbers.json").read_text(encoding="utf-8"))


def test_the_vectors_hold_the_digits_of_every_script():
    """Every row of decimal digits of this Python's Unicode is there, and phrases take its ten as 0 to 9 too."""
    zeros = [code for code in range(sys.maxunicode + 1) if unicodedata.decimal(chr(code), None) == 0]
    assert [f"{zero:x}" for zero in zeros] == DOCUMENT["zeros"]
    rows = ["".join(chr(zero + digit) for digit in range(10)) for zero in zeros]
    assert {"0123456789"} == {normalised(row) for row in rows}


def test_what_is_a_number_has_the_value_of_its_digits():
    """The value that the phone must read is that of the typed digits by this Python's Unicode."""
    numbers = [case for case in DOCUMENT["typed"] if case["value"] is not None]
    assert len(numbers) > 10
    for case in numbers:
        digits = [unicodedata.decimal(sign) for sign in case["typed"] if unicodedata.decimal(sign, None) is not None]
        assert abs(case["value"]) == int("".join(map(str, digits)))


def test_what_is_below_zero_begins_with_a_dash_or_minus_sign():
    """Of the numbers those below zero, and they alone, have a sign that Unicode calls a dash, or a minus."""
    numbers = [case for case in DOCUMENT["typed"] if case["value"] is not None]
    signed = {case["typed"] for case in numbers if any(_is_minus(sign) for sign in case["typed"])}
    assert {case["typed"] for case in numbers if case["value"] < 0} == signed
    assert len({sign for typed in signed for sign in typed if _is_minus(sign)}) == 5


def _is_minus(sign: str) -> bool:
    return unicodedata.category(sign) == "Pd" or unicodedata.name(sign, "") == "MINUS SIGN"
