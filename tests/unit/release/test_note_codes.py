"""Note codes stand in one module: survey/release/note_codes.py."""

import ast
from collections.abc import Iterator
from pathlib import Path

from survey.release import note_codes

ROOT = Path(__file__).parents[3]
HOME = ROOT / "survey/release/note_codes.py"
ALSO_OTHER_WORDS = {"bayes", "debiased", "too-few", "trimmed", "unreliable", "weighted"}
"""Codes that are also names of members, measures, facts or states elsewhere, so that their texts prove nothing."""
CODES = {
    value for name, value in vars(note_codes).items() if name.isupper() and isinstance(value, str)
} - ALSO_OTHER_WORDS


def literals(source: str) -> Iterator[str]:
    """Yield every text that Python source writes out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_other_module_writes_a_note_code():
    """A reader that spelt a code by itself would go on looking for it after the code was renamed."""
    files = [path for room in ("survey", "analysis") for path in (ROOT / room).rglob("*.py") if path != HOME]
    assert len(files) > 300
    written = {str(path.relative_to(ROOT)): CODES.intersection(literals(path.read_text("utf-8"))) for path in files}
    assert {} == {path: codes for path, codes in written.items() if codes}


def test_a_written_code_is_seen():
    """Control: the same search finds the codes in the module that defines them, and in a comparison."""
    assert CODES <= set(literals(HOME.read_text("utf-8")))
    assert {"registered-late"} == CODES.intersection(literals('late = "registered-late" in release.notes'))


def test_codes_are_distinct_and_of_the_releases_grammar():
    """No two notes share a code, and each is of the grammar that a release's `notes` have."""
    named = [value for name, value in vars(note_codes).items() if name.isupper() and isinstance(value, str)]
    assert len(set(named)) == len(named)
    assert [] == [code for code in named if code != code.lower() or not code.replace("-", "").isalpha()]
