"""A study speaks a language that the package lacks by a file beside it, and what that file lacks is said."""

from io import BytesIO

import pytest
import yaml
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner

from survey.authoring.checks.advice import advise, plans_beside
from survey.authoring.compiler import compile_with_media
from survey.commands.main import main
from survey.faults import AuthoringError
from survey.wording.language_file import direction, language_file
from survey.wording.phone_catalogue import read_interface


def advised(path):
    """Return what a colleague would say of a questionnaire and the plans beside it."""
    compiled = compile_with_media(path)
    return advise(path, compiled, plans_beside(path, compiled.questionnaire))


def filled(content: bytes) -> bytes:
    """Fill every text of a PO file with its English between two Persian letters."""
    catalog = read_po(BytesIO(content))
    for message in catalog:
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            texts = tuple(f"ف{forms[-1]}ف" for _ in range(catalog.num_plurals))
            message.string = texts if isinstance(message.id, tuple) else texts[0]
    out = BytesIO()
    write_po(out, catalog, width=0)
    return out.getvalue()


def study(folder, way: str = "rtl"):
    """Write a questionnaire in Persian alone, and return its path."""
    data = {
        "study": "q26", "version": "1", "title": "ت", "locales": {"fa": {"name": "فارسی", "dir": way}},
        "mode": "open", "sealing": "phone", "strata": ["open"], "facts": {"mainland_fieldwork": False},
        "consent": {"paragraphs": [], "question": "آ", "agree": "بله", "decline": "نه"},
        "endings": {"no-consent": "پایان"}, "thanks": [], "debrief": "ممنون", "missing": {"99": "نمی‌گویم"},
        "forms": [{"id": "full"}],
        "items": [{"id": "A", "type": "single", "block": "a", "missing": [99], "text": "آیا؟",
                   "options": [{"code": 1, "text": "یک"}, {"code": 2, "text": "دو"}]}],
    }  # fmt: skip
    path = folder / "questionnaire.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def command(folder, locale="fa"):
    """Run `sotto study language` for the file that lies beside the study."""
    return CliRunner().invoke(main, ["study", "language", locale, "-o", str(folder / f"interface/{locale}/phone.po")])


def test_a_study_in_a_language_of_its_own_compiles_once_its_file_is_filled(tmp_path):
    """Without a file the command that writes one is named; empty texts are named; filled ones stand in the study."""
    path, po = study(tmp_path), tmp_path / "interface/fa/phone.po"
    with pytest.raises(AuthoringError, match=r"sotto study language fa -o interface/fa/phone\.po"):
        compile_with_media(path)
    assert command(tmp_path).exit_code == 0
    with pytest.raises(AuthoringError) as caught:
        compile_with_media(path)
    texts = read_interface(["en"]).texts["en"]
    assert len(caught.value.problems) == len([key for key in texts if "." not in key])
    assert {(one.file, one.message) for one in caught.value.problems} == {
        (str(po), "this text is empty or marked fuzzy")
    }
    po.write_bytes(filled(po.read_bytes()))
    interface = compile_with_media(path).texts["fa"].interface
    assert interface["next"] == f"ف{texts['next']}ف"


def test_what_is_filled_is_kept_and_what_has_changed_is_marked(tmp_path):
    """Written again the file has every text as it was; one whose English is another is fuzzy, and refused."""
    command(tmp_path)
    po = tmp_path / "interface/fa/phone.po"
    whole = filled(po.read_bytes())
    again, left = language_file("fa", whole)
    assert (left, again.decode().count("ف")) == (0, whole.decode().count("ف"))
    old = whole.replace(b'msgid "Next"', b'msgid "Onwards"')
    po.write_bytes(old)
    with pytest.raises(AuthoringError, match="its English is now: Next"):
        compile_with_media(study(tmp_path))
    marked, left = language_file("fa", old)
    assert (left, b"#, fuzzy" in marked) == (1, True)


@pytest.mark.parametrize(
    ("locale", "way"), [("fa", "rtl"), ("ar", "rtl"), ("ug", "rtl"), ("bo", "ltr"), ("th", "ltr"), ("zh-Hant", "ltr"),
                        ("qqq-Arab", "rtl"), ("qqq", "ltr")],
)  # fmt: skip
def test_a_language_runs_as_cldr_or_its_script_says(locale, way):
    """The file says the direction and, where CLDR knows it, the plural, in its header."""
    content, _ = language_file(locale)
    assert direction(locale) == way
    assert f"X-Direction: {way}".encode() in content
    assert (b"Plural-Forms" in content) == (not locale.startswith("qqq"))


def test_a_direction_that_cannot_be_is_said(tmp_path):
    """Persian from left to right, and pages that stay in English, are what a colleague would name."""
    command(tmp_path)
    po = tmp_path / "interface/fa/phone.po"
    po.write_bytes(filled(po.read_bytes()))
    path = study(tmp_path, "ltr")
    said = [str(one) for one in advised(path)]
    assert any("fa is written rtl" in one for one in said)
    assert any("the withdrawal page" in one for one in said)


def test_a_file_that_is_no_po_file_stays_as_it_is(tmp_path):
    """Neither a code that is none nor another kind of file changes anything."""
    path = tmp_path / "interface/fa/phone.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe")
    assert (command(tmp_path).exit_code, path.read_bytes()) == (3, b"\xff\xfe")
    assert command(tmp_path, "Persian").exit_code == 3
