"""The words of problems of an authored file, in the languages of the pages: PO files whose msgid is the English."""

from collections.abc import Mapping
from pathlib import Path

from survey.faults import Say
from survey.wording.page_languages import preferred_locale
from survey.wording.po_files import DEFAULT, FOLDER, read_catalogue

CATALOGUE = "problems.po"
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which gettext looks at them."""


def problem_words(locale: str, folder: Path = FOLDER) -> Say:
    """Return what says a message in a language; one that has no words there stays English, as all do in English."""
    if locale == DEFAULT:
        return str
    messages = read_catalogue(folder / locale / CATALOGUE)
    texts = {str(message.id): str(message.string) for message in messages if message.id and message.string}
    return lambda message: texts.get(message, message)


def locale_of_terminal(environ: Mapping[str, str]) -> str:
    """Return the language that a terminal's environment asks for, such as zh_TW.UTF-8, or English."""
    wanted = next((value for name in _VARIABLES if (value := environ.get(name))), "")
    tags = (part.partition(".")[0].partition("@")[0].replace("_", "-") for part in wanted.split(":"))
    return preferred_locale(tag for tag in tags if tag)
