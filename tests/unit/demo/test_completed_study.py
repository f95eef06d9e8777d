"""A study that cannot open yet is completed for a trial, and asks what it asked."""

import shutil

import pytest
from paths import STUDIES

from survey.authoring.compiler import compile_with_media, missing_for_opening
from survey.demo.completed_study import INVENTED, completed_study


@pytest.fixture
def file(tmp_path):
    """A copy of the showcase, with recordings and pictures, to take things out of."""
    shutil.copytree(STUDIES / "showcase", tmp_path / "study")
    return tmp_path / "study" / "questionnaire.yaml"


def test_a_complete_study_is_used_as_it_is(file, tmp_path):
    """Nothing is copied or invented where a wave could open."""
    found = completed_study(file, tmp_path / "copy")
    assert (file, ()) == (found.path, found.notes)
    assert not (tmp_path / "copy").exists()


def test_what_is_missing_is_invented_and_told_and_every_question_stays(file, tmp_path):
    """An unfinished study by invitation, with recordings and pictures, can open; its items and routing are the same."""
    text = file.read_text(encoding="utf-8").replace("\nmode: open\n", "\nmode: invitation\n")
    start = text.index("  ethics:")
    unfinished = text[:start] + text[text.index("\n  ", start + 1) + 1 :]
    file.write_text(unfinished.replace("{ETHICS}", "nobody"), encoding="utf-8")
    before = compile_with_media(file)
    assert missing_for_opening(before.authored)
    found = completed_study(file, tmp_path / "copy")
    after = compile_with_media(found.path)
    assert () == missing_for_opening(after.authored)
    assert ("invitation", "open") == (before.questionnaire.mode, after.questionnaire.mode)
    assert before.questionnaire.items == after.questionnaire.items
    assert before.questionnaire.derived == after.questionnaire.derived
    assert INVENTED == after.authored.facts.ethics
    assert ["ethics" in found.notes[0], "open link" in found.notes[1]] == [True, True]
