"""The showcase study: every type of item in three languages, with pictures and recordings under its hash."""

import hashlib
import subprocess
import sys
from typing import get_args

import pytest
from paths import ROOT, STUDIES

from survey.authoring.compiler import compile_with_media, missing_for_opening
from survey.authoring.plan_compiler import compile_plan
from survey.media_types import MOST_BYTES, kind_of
from survey.publication.media import publish_media
from survey.questionnaire.items import ItemType
from survey.questionnaire.rules.indicator_rules import derived_faults
from survey.questionnaire.rules.questionnaire_rules import faults

SOURCE = STUDIES / "showcase" / "questionnaire.yaml"


@pytest.fixture(scope="module")
def whole():
    return compile_with_media(SOURCE)


def test_every_type_of_item_group_and_option_is_in_it(whole):
    """No type, group, route or option of the contract is without an example to try."""
    questionnaire = whole.questionnaire
    assert {*get_args(ItemType)} == {item.type for item in questionnaire.items}
    assert {"grid", "ranking"} == {group.kind for group in questionnaire.groups}
    assert questionnaire.drafts is not None
    assert questionnaire.voice
    assert questionnaire.pairs
    assert any(item.private for item in questionnaire.items)
    assert any(item.randomise for item in questionnaire.items)
    assert any(item.exclusive for item in questionnaire.items)
    assert {"year", "month", None} >= {item.unit for item in questionnaire.items if item.type == "date"}
    assert all("{STALL|" in texts.items["LIKE"].text for texts in whole.texts.values())


def test_it_is_sound_and_could_open(whole):
    """Neither items nor indicators have a fault, and the framing texts are complete."""
    assert [] == [*faults(whole.questionnaire), *derived_faults(whole.questionnaire)]
    assert () == missing_for_opening(whole.authored)


def test_a_unit_may_be_typed_in_the_letters_of_every_language(whole):
    """Somebody who reads one script and types another is understood: own units first, then those of all languages."""
    for locale, first in (("en", "years"), ("zh-Hans", "岁"), ("zh-Hant", "歲")):
        units = whole.texts[locale].items["AGE"].units.split(", ")
        assert first == units[0]
        assert len({*units}) == len(units)
        assert {"years", "years old", "岁", "周岁", "歲", "足歲"} <= {*units}


def test_its_plan_has_every_kind_of_dimension(whole):
    """Grid, ranking, header, indicator, list and randomised item are each a dimension of some table."""
    plan = compile_plan(SOURCE.with_name("plan.yaml"), whole.questionnaire)
    named = {name for table in plan.tables for name in table.dimensions}
    assert {"VIEWS", "TOP", "@mode", "@quality", "PRAISE", "WORRY", "CHANGE", "GOODS"} <= named


def test_recordings_and_pictures_travel_under_their_hashes(whole):
    """The files are exactly those that the texts name, each under its own hash and known by its first bytes."""
    assert frozenset(whole.media) == frozenset().union(*(texts.media for texts in whole.texts.values()))
    assert all(name == hashlib.sha256(data).hexdigest() for name, data in whole.media.items())
    assert {"picture", "recording"} == {kind_of(data) for data in whole.media.values()}
    english = whole.texts["en"]
    assert 7 == len(english.audio.consent)
    assert {"1", "2", "3", "4"} == english.items["STALL"].pictures.keys()
    assert {"AGE", "READER"} <= english.audio.items.keys()
    assert {"AGE", "VIEWS"} == {name for name, item in english.audio.items.items() if item.hint} == {*english.hints}
    assert () == whole.texts["zh-Hant"].audio.consent


def test_the_files_are_those_that_the_script_makes(tmp_path):
    """Running the script again changes nothing, and every file is small."""
    before = {path: path.read_bytes() for path in SOURCE.parent.rglob("*.*") if path.suffix in (".png", ".wav")}
    code = f"import scripts.make_showcase_media as m, pathlib; m.FOLDER = pathlib.Path({str(tmp_path)!r}); m.main()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
    made = {SOURCE.parent / path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert before == made
    assert all(len(data) < 3000 for data in made.values())


def test_published_files_are_named_by_what_they_hold(whole, tmp_path):
    """Publishing writes each file once under its hash and refuses one that is not what its name says."""
    publish_media(tmp_path, whole.media)
    publish_media(tmp_path, whole.media)
    assert whole.media == {path.name: path.read_bytes() for path in (tmp_path / "media").iterdir()}
    with pytest.raises(ValueError, match="not what its name says"):
        publish_media(tmp_path, {"0" * 64: b"other"})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0" + bytes(9), "picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "picture"),
        (b"\0\0\0\x20ftypM4A " + bytes(9), "recording"),
        (b"OggS\0" + bytes(30), "recording"),
        (b"ID3\4" + bytes(9), "recording"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<!doctype html>", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(data, kind):
    """Names and endings are not asked; SVG and HTML, which can run script, are neither pictures nor recordings."""
    assert kind == kind_of(data)


@pytest.mark.parametrize(("kind", "start"), [("picture", b"\x89PNG\r\n\x1a\n"), ("recording", b"OggS\0")])
def test_a_file_that_respondents_would_wait_for_is_refused(tmp_path, kind, start):
    """A picture or recording above the cap is a problem that says how large it may be."""
    from survey.faults import AuthoringError

    for path in SOURCE.parent.rglob("*.*"):
        copy = tmp_path / path.relative_to(SOURCE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    name = "pictures/tea.png" if kind == "picture" else "audio/en/AGE.wav"
    (tmp_path / name).write_bytes(start + bytes(MOST_BYTES[kind]))
    with pytest.raises(AuthoringError, match=f"the {kind} {name} has over {MOST_BYTES[kind] // 1000} kB"):
        compile_with_media(tmp_path / "questionnaire.yaml")
