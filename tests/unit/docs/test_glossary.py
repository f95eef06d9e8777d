"""The glossary: terms that the project uses, each with a meaning, a place and a source."""

import os
import re
from pathlib import Path

import pytest
from paths import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
TEXT = GLOSSARY.read_text(encoding="utf-8")
ENTRY = re.compile(r"^\| \*\*(.+?)\*\*(?: \((.+?)\))? \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ENTRIES = ENTRY.findall(TEXT)
WRITTEN = {".py", ".ts", ".md"}
NOT_OURS = {"node_modules", "dist", "build", "tests", "__pycache__"}


@pytest.fixture(scope="module")
def elsewhere():
    """All code and pages but the glossary and the tests, in lower case."""
    texts = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.startswith(".")]
        paths = (Path(folder, name) for name in files if Path(name).suffix in WRITTEN)
        texts.extend(path.read_text(encoding="utf-8").lower() for path in paths if path != GLOSSARY)
    return "\n".join(texts)


def anchor(title: str) -> str:
    """Return the fragment of a heading's link as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_glossary_is_of_a_size_to_read():
    """There are 35 to 80 entries, every line of the tables is one, and no term stands twice."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| term |")]
    assert 35 <= len(ENTRIES) == len(lines) <= 80
    assert len({term.lower() for term, *_ in ENTRIES}) == len(ENTRIES)


def test_terms_stand_in_alphabetical_order():
    """Within each group a term stands where a reader looks for it."""
    for group in TEXT.split("\n## ")[1:]:
        terms = [term.lower() for term, *_ in ENTRY.findall(group)]
        assert sorted(terms) == terms


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[0])
def test_an_entry_has_a_meaning_a_place_and_a_source(entry):
    """An entry says what it means in one to three sentences, which page says more, and who defined it."""
    _, _, meaning, where, source = entry
    assert re.fullmatch(r"[^.]+.*\.", meaning)
    assert 1 <= len(re.findall(r"\.(?= [A-Z]|$)", meaning)) <= 3
    assert "](" in where
    assert re.search(r"\d|[Oo]urs|Zeisel|AAPOR|Usual", source)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[0])
def test_a_term_is_used_by_the_project(entry, elsewhere):
    """A term, or the word that stands for it here, occurs in code or pages besides the glossary."""
    term, used, *_ = entry
    names = [term, *used.replace("`", "").split(", ")] if used else [term]
    assert any(re.search(rf"(?<!\w){re.escape(name.lower())}", elsewhere) for name in names), names


def test_the_glossary_leads_to_headings_that_exist():
    """Each link with a fragment leads to a heading of its page."""
    for target, fragment in re.findall(r"\]\(([^)#]+)#([^)]+)\)", TEXT):
        titles = re.findall(r"^#+ (.+)$", (GLOSSARY.parent / target).read_text(encoding="utf-8"), re.MULTILINE)
        assert fragment in {anchor(title) for title in titles}, (target, fragment)


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_the_glossary_can_be_found(page):
    """The first page and the architecture lead to the glossary."""
    assert "glossary.md)" in (ROOT / page).read_text(encoding="utf-8")
