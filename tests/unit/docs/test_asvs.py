"""docs/asvs.md: each requirement of ASVS 5.0.0 at levels 1 and 2 stands once, with a test, a page or a reason."""

import re

import pytest
from paths import ROOT

PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
"""
The levels of each section's requirements in the order of their numbers, from OWASP/ASVS, 5.0/docs_en.

Sections of level 3 alone are left out.
"""
NEEDED = {
    f"V{section}.{number}": level
    for section, levels in LEVELS.items()
    for number, level in enumerate(levels, start=1)
    if level != "3"
}
ROWS = [
    ([one.strip() for one in ids.split(",")], levels, how)
    for ids, levels, how in re.findall(r"^\| (V[\d., V]+) \| ([12, ]+) \| [^|]+ \| (.+) \|$", PAGE, re.MULTILINE)
]
TESTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}


def test_each_requirement_stands_once():
    """All 253 of both levels, and no other; the levels beside them are those of the standard."""
    found = [one for ids, _, _ in ROWS for one in ids]
    assert (253, 70) == (len(NEEDED), [*NEEDED.values()].count("1"))
    assert sorted(NEEDED) == sorted(found)
    for ids, levels, _ in ROWS:
        assert levels == ", ".join(sorted({NEEDED[one] for one in ids})), ids


def missing(how: str) -> list[str]:
    """Return which tests and pages a cell names that are not there."""
    named = re.findall(r"`(test_\w+)::(test_\w+)`", how)
    lost = [f"{file}::{name}" for file, name in named if f"def {name}(" not in TESTS.get(file, "")]
    pages = [target for target in re.findall(r"\]\(([^)#]+)", how) if not (ROOT / "docs" / target).exists()]
    return [*lost, *pages]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][0])
def test_a_row_has_a_test_a_page_or_a_reason(row):
    """Each names a test or a page, all of which are there, or says in words why it does not apply or is not met."""
    _, _, how = row
    reason = re.match(r"(?:Does not apply|Not met(?:, on purpose)?): \w.{9,}", how)
    assert reason or re.match(r"`test_\w+::test_\w+`|\[[^]]+\]\([^)]+\)", how)
    assert [] == missing(how)


def test_a_test_that_is_not_there_is_seen():
    """Control: a renamed test and a lost page are told."""
    assert ["test_headers::test_gone", "gone.md"] == missing("`test_headers::test_gone`, [a page](gone.md)")


def test_what_is_not_met_stands_in_front():
    """The list of what is open has exactly the requirements whose rows say so, and their number."""
    not_met = [one for ids, _, how in ROWS if how.startswith("Not met") for one in ids]
    said = PAGE[PAGE.index("## What is open") : PAGE.index("## V1 ")]
    assert not_met == re.findall(r"V\d+\.\d+\.\d+", said)
    assert f"Not met are {len(not_met)} of them" in said
