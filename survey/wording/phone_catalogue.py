"""The phone page's own texts, from gettext files; they are part of the pinned texts of a study."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError

from survey.faults import Problem
from survey.questionnaire.questionnaire import Questionnaire
from survey.wording.po_files import FOLDER, keyed_messages, keyed_texts, read_catalogue

# Key prefixes of texts that only some studies can show; all other texts are in every study.
_DRAFTS = ("draft-",)
_INVITED = ("invite-",)
_WORKED = ("work-",)
_OVERVIEW = ("overview",)
_OF_TYPES = {
    "number": ("number-", "sent-as", "type-first"),
    "date": ("date-", "sent-as"),
    "phrase": ("phrase-", "type-first"),
    "list": ("list-",),
}
_RANKING = ("rank-",)
_RANDOMISED = ("chance",)
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Interface:
    """The texts of the phone page (locale -> key -> text), and the problems found in their files."""

    texts: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...] = ()


# Decision 2.
def read_interface(locales: list[str], folder: Path = FOLDER) -> Interface:
    """Return the phone page's texts in `locales`; a key that is missing in one of the locales is a problem."""
    problems: list[Problem] = []
    catalogs = {locale: _catalog(folder, locale, problems) for locale in locales}
    keys = {key for catalog in catalogs.values() for key in keyed_messages(catalog)}
    for locale, catalog in catalogs.items():
        problems += _checked(f"{locale}/phone.po", catalog, keys)
    return Interface({locale: keyed_texts(catalog) for locale, catalog in catalogs.items()}, tuple(problems))


# Decision 31.
def shown_in(questionnaire: Questionnaire, texts: Mapping[str, str]) -> dict[str, str]:
    """Return only the texts that a phone can show in this study, to keep the download small on a slow network."""
    kinds = {item.type for item in questionnaire.items}
    needed = [
        *(_DRAFTS if questionnaire.drafts else ()),
        *(_INVITED if questionnaire.mode == "invitation" else ()),
        *(_WORKED if questionnaire.work else ()),
        *(() if questionnaire.overview is False else _OVERVIEW),
        *(_RANKING if any(group.kind == "ranking" for group in questionnaire.groups) else ()),
        *(_RANDOMISED if any(item.randomise for item in questionnaire.items) else ()),
        *(start for kind, starts in _OF_TYPES.items() if kind in kinds for start in starts),
    ]
    some = (
        *_DRAFTS,
        *_INVITED,
        *_WORKED,
        *_OVERVIEW,
        *_RANKING,
        *_RANDOMISED,
        *(prefix for of in _OF_TYPES.values() for prefix in of),
    )
    return {key: text for key, text in texts.items() if not key.startswith(some) or key.startswith(tuple(needed))}


def _catalog(folder: Path, locale: str, problems: list[Problem]) -> Catalog:
    path = folder / locale / "phone.po"
    try:
        return read_catalogue(path)
    except (OSError, ValueError, PoFileError) as error:
        fault = "there is no such file" if isinstance(error, FileNotFoundError) else "not a PO file in UTF-8"
        remedy = f"add interface texts for {locale}, or remove the locale"
        problems.append(Problem(f"{locale}/phone.po", 1, "file", fault, remedy))
        return Catalog()


def _checked(file: str, catalog: Catalog, keys: set[str]) -> Iterator[Problem]:
    here = keyed_messages(catalog)
    for missing in sorted(keys - here.keys()):
        yield Problem(file, 1, missing, "this text is missing", "translate it")
    for key, message in here.items():
        line = message.lineno or 1
        if not message.string or message.fuzzy:
            yield Problem(file, line, key, "this text is empty or marked fuzzy", "translate it")
        elif _placeholders(message.string) != _placeholders(message.id):
            yield Problem(file, line, key, "its {placeholders} are not those of the English", "use the same ones")


def _placeholders(text: object) -> set[str]:
    return set(_PLACEHOLDER.findall(str(text)))
