"""docs/tutorial.md, typed: a spreadsheet becomes a report with numbers, and the page shows what is printed."""

import csv
import io
import re

import pytest
from pages.console import Terminal, Typed, Written, differs, steps
from paths import ROOT
from pypdf import PdfReader

ENGLISH = ROOT / "docs" / "tutorial.md"
CHINESE = ROOT / "docs" / "zh-Hans" / "tutorial.md"


def do(terminal, text):
    """Do what a page says, in its order; return of each command where the page differs."""
    different = []
    for step in steps(text):
        if isinstance(step, Written):
            terminal.write(step)
        else:
            different.append(differs(step, terminal.run(step.command)))
    return different


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """Do all that the page says; return the folder and, of each command, where the page differs."""
    terminal = Terminal(tmp_path_factory.mktemp("clone"))
    different = do(terminal, ENGLISH.read_text(encoding="utf-8"))
    return terminal.folder / "trial", different


@pytest.mark.slow
def test_the_tutorial_goes_from_the_workbook_to_the_page_of_a_phone_as_it_is_printed(tmp_path):
    """Import, the two members that are written by hand, check and preview print what the page shows."""
    beginning = ENGLISH.read_text(encoding="utf-8").partition("## 4.")[0]
    assert [""] * 4 == do(Terminal(tmp_path), beginning)


@pytest.mark.long
def test_every_command_of_the_tutorial_prints_what_the_page_shows(typed):
    """Each of some thirty commands ends well, and every line below it on the page is one that it prints, in order."""
    different = typed[1]
    assert 25 < len(different)
    assert [] == [one for one in different if one]


@pytest.mark.long
def test_the_report_says_what_the_page_concludes(typed):
    """Three in five riders of agencies are paid late, a quarter of the others; the Chinese PDF has the question."""
    rows = [*csv.DictReader(io.StringIO((typed[0] / "tables" / "T02.csv").read_text(encoding="utf-8-sig")))]
    late = {
        row["group_label"]: float(row["value"]) for row in rows if (row["label"], row["measure"]) == ("Yes", "share")
    }
    assert 0.5 < late["Full time, through an agency"] < 0.72
    assert 0.15 < late["Full time, for one platform"] < 0.36
    pages = "".join(page.extract_text() for page in PdfReader(typed[0] / "report.pdf").pages)
    assert "您的收入有没有被拖欠或克扣" in re.sub(r"\s", "", pages)


def test_a_line_that_is_not_printed_would_be_seen():
    """The comparison forgives hashes, days and noise alone: another word, order or plain number is a difference."""
    page = ("Head: 4cd1 b20a 0a0f b07c", ".....", "12 items", "done on 2026-11-30")
    printed = "Head: 1111 2222 3333 4444\nmore\n12 items\ndone on 2027-01-02\n"
    assert "" == differs(Typed("sotto x", page), printed)
    for other in (printed.replace("12", "13"), printed.replace("done", "gone"), printed.replace("Head", "Tail")):
        assert "sotto x" in differs(Typed("sotto x", page), other)
    noisy = Typed("sotto release", ("Yes  64 ±4", "No  (36 ±4)"))
    assert "" == differs(noisy, "Yes  61 ±5\nNo  39 ±5\n")
    assert "sotto release" in differs(noisy, "No  61 ±5\nYes  39 ±5\n")


def test_the_chinese_tutorial_has_the_same_commands_and_files():
    """Both pages have people type and write the same, and show the same below it, in as many sections."""
    english, chinese = (path.read_text(encoding="utf-8") for path in (ENGLISH, CHINESE))
    assert [*steps(english)] == [*steps(chinese)]
    assert len(re.findall(r"^## ", english, re.MULTILINE)) == len(re.findall(r"^## ", chinese, re.MULTILINE))
