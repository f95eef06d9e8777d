"""No text of any interface is missing, unfinished or in the wrong script; invented languages stay in the tests."""

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from paths import ROOT
from studies.chinese_script import CHINESE, foreign

from survey.authoring.compiler import compile_study
from survey.document import Document
from survey.wording.page_languages import NAMES
from survey.wording.plural_forms import english as said_of_many
from survey.wording.plural_forms import filled
from survey.wording.po_files import FOLDER

STUDIES = sorted((ROOT / "survey/studies").glob("*/questionnaire.yaml"))
HOLES = re.compile(r"\{\w+\}|%\(\w+\)s|%%")
FILES = sorted((path.parent.name, path.name) for path in FOLDER.glob("*/*.po"))


def messages(locale: str, file: str) -> dict[object, Message]:
    """Return the messages of a PO file by their key, which is the English where there is no other."""
    with (FOLDER / locale / file).open("rb") as source:
        return {message.context or message.id: message for message in read_po(source, abort_invalid=True) if message.id}


def notes() -> dict[str, dict[str, str]]:
    """Return what the phone page says before the pinned texts are there: locale -> key -> text."""
    loader = jinja2.FileSystemLoader(ROOT / "templates")
    module = jinja2.Environment(loader=loader, autoescape=True).get_template("respond/notes.html").module
    return {
        locale: {**texts, "choose": module.choose.get(locale), "noscript": module.noscript.get(locale)}
        for locale, texts in module.notes.items()
    }


def strings(value: object) -> Iterator[str]:
    """Yield every text that somebody reads in a document: no names of languages, and no units, which are only typed."""
    if isinstance(value, Document):
        yield from strings({key: one for key, one in value if key not in {"name", "audio", "units"}})
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(("locale", "file"), FILES)
def test_no_text_is_missing_empty_or_fuzzy(locale: str, file: str):
    """Each file has the English one's keys, each with a finished text that has the same places to fill in."""
    english, own = messages("en", file), messages(locale, file)
    assert {*english} == {*own}
    assert [] == [key for key, message in own.items() if not all(filled(message)) or message.fuzzy]
    forms = [(key, form) for key, one in own.items() for form in filled(one)]
    different = [key for key, form in forms if _holes(form) != _holes(said_of_many(english[key]))]
    assert [] == different
    assert [] == [key for key, one in own.items() if one.id != english[key].id]


def _holes(text: object) -> list[str]:
    return sorted(HOLES.findall(str(text)))


def test_a_fault_in_a_file_is_found(tmp_path: Path):
    """A fuzzy text and a lost place to fill in are seen by what the tests above look at."""
    path = tmp_path / "x.po"
    path.write_text('msgid ""\nmsgstr ""\n\n#, fuzzy\nmsgctxt "a"\nmsgid "Take {n}"\nmsgstr "Nimm"\n', encoding="utf-8")
    with path.open("rb") as source:
        (message,) = (one for one in read_po(source) if one.id)
    assert (True, True) == (message.fuzzy, _holes(message.id) != _holes(message.string))


def test_the_page_says_the_same_before_the_texts_are_there_in_every_language():
    """No language of notes.html lacks a note, and none has one that the English lacks."""
    notes_by_locale = notes()
    assert {"en", "zh-Hans", "zh-Hant", "ug"} == {*notes_by_locale}
    assert {*NAMES} <= {*notes_by_locale}
    assert {locale: {*notes_by_locale["en"]} for locale in notes_by_locale} == {
        locale: {*one} for locale, one in notes_by_locale.items()
    }
    assert [] == [(locale, key) for locale, one in notes_by_locale.items() for key, text in one.items() if not text]


@pytest.mark.parametrize("locale", CHINESE)
def test_interface_and_notes_are_written_in_their_own_script(locale: str):
    """Simplified texts can be written in GB 2312 and Traditional ones in Big5, in every file."""
    texts = [one for place, file in FILES if place == locale for one in _texts(locale, file)]
    texts += notes()[locale].values()
    assert [] == [(text, strange) for text in texts if (strange := foreign(text, locale))]


def _texts(locale: str, file: str) -> Iterator[str]:
    for message in messages(locale, file).values():
        yield from [message.string] if isinstance(message.string, str) else message.string


@pytest.mark.parametrize("source", STUDIES, ids=lambda path: path.parent.name)
def test_studies_are_written_in_their_own_script(source: Path):
    """Every text of every shipped study, as it is pinned, is in the script of its locale."""
    _, texts = compile_study(source)
    faults = [
        (locale, text, strange)
        for locale in CHINESE.keys() & texts.keys()
        for text in strings(texts[locale])
        if (strange := foreign(text, locale))
    ]
    assert [] == faults


def _texts_of(locale: str, file: str) -> list[str]:
    return [str(message.string) for message in messages(locale, f"{file}.po").values()]


@pytest.mark.parametrize("locale", [*CHINESE, "en"])
def test_public_margins_have_one_name(locale):
    """What weights are from is called the public figures on pages, in pictures and in reports: a study names which."""
    texts = [text for file in ("report", "pages") for text in _texts_of(locale, file)]
    assert [] == [text for text in texts if re.search("census|普查", text, re.IGNORECASE)]


def test_a_leaked_sign_is_found():
    """One Traditional sign among Simplified ones is seen, and the other way round."""
    assert ("發", "发") == (foreign("请發送", "zh-Hans"), foreign("請发送", "zh-Hant"))


def unfilled(text: str) -> str:
    """Return a text without its placeholders."""
    return re.sub(r"\{\w*\}|%\(\w+\)s", "", text)


def test_uyghur_is_written_in_arabic_letters_and_says_that_nobody_has_checked_it():
    """No Uyghur text is left in Latin or Chinese letters, and the file's header tells its state."""
    for file in (file for place, file in FILES if place == "ug"):
        texts = {key: str(message.string) for key, message in messages("ug", file).items()}
        # What is nothing but placeholders and signs has no letters to write.
        lettered = {key: text for key, text in texts.items() if len(re.findall(r"[^\W\d_]", unfilled(text))) > 2}
        assert [] == [key for key, text in lettered.items() if not re.search(r"[\u0600-\u06ff]", text)]
        assert [] == [key for key, text in texts.items() if re.search(r"[\u4e00-\u9fff]", text)]
        assert "X-Reviewed-By: nobody yet" in (FOLDER / "ug" / file).read_text(encoding="utf-8")


def test_invented_languages_are_not_shipped():
    """Nothing that is installed knows the two pseudo-locales of the tests."""
    shipped = [path for folder in ("survey", "templates") for path in (ROOT / folder).rglob("*") if path.is_file()]
    sources = [path for path in shipped if path.suffix in {".py", ".ts", ".po", ".html", ".yaml", ".css"}]
    sources = [path for path in sources if "node_modules" not in path.parts]
    assert [] == [path for path in sources if re.search(r"en-XA|ar-XB", path.read_text(encoding="utf-8"))]
    assert [] == [path for path in FOLDER.iterdir() if path.name in {"en-XA", "ar-XB"}]
