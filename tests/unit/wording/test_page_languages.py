"""Every text of the pages is translated into every language, and nothing is left over."""

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from paths import ROOT

from survey.desk_app.audit_views import ACTS
from survey.desk_app.checklist.fieldwork import REMINDERS
from survey.wording.page_languages import NAMES, load_languages
from survey.wording.po_files import FOLDER

TEMPLATES = ROOT / "templates"
PLACES = re.compile(r"%\(\w+\)s|%%")


def used() -> set[str]:
    """Return every message that a template says, and what the acts of the audit are called."""
    options = {"**.html": {"newstyle_gettext": "true"}}
    messages = extract_from_dir(TEMPLATES, [("**.html", "jinja2")], options_map=options)
    return {message for _, _, message, _, _ in messages} | {*ACTS.values(), *REMINDERS.values()}


@pytest.mark.parametrize("locale", NAMES)
def test_every_message_is_translated(locale):
    """Each message has a text that is not fuzzy and has the same placeholders; no text is without a message."""
    with (FOLDER / locale / "pages.po").open("rb") as file:
        catalog = {m.id: m for m in read_po(file, abort_invalid=True) if m.id}
    assert used() == set(catalog)
    assert [] == [m.id for m in catalog.values() if not m.string or m.fuzzy]
    assert [] == [m.id for m in catalog.values() if sorted(PLACES.findall(m.id)) != sorted(PLACES.findall(m.string))]


def test_chinese_is_written_in_its_own_script():
    """Every Simplified text can be written in GB 2312 and every Traditional one in Big5."""
    languages = load_languages()
    marks = dict.fromkeys(map(ord, "±·ερδ“”‘’—–…「」"))  # noqa: RUF001 - the marks themselves
    for message in used():
        languages["zh-Hans"].say(message).translate(marks).encode("gb2312")
        languages["zh-Hant"].say(message).translate(marks).encode("big5")


def test_english_is_what_the_templates_say():
    """The English texts are the messages themselves."""
    english = load_languages()["en"]
    assert used() == {english.say(message) for message in used()}
