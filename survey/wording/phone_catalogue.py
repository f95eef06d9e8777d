"""The phone page's own texts, from gettext files; they are part of the pinned texts of a study."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError

from survey.faults import Problem, said
from survey.questionnaire.questionnaire import Questionnaire
from survey.wording.plural_forms import english, filled, named_forms, texts_of
from survey.wording.po_files import DEFAULT, FOLDER, keyed_messages, read_catalogue

# Key prefixes of texts that only some studies can show; all other texts are in every study.
_DRAFTS = ("draft-",)
_INVITED = ("invite-",)
_WORKED = ("work-",)
_SPOKEN = ("listen",)
_LONG_LISTS = ("find",)
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
def read_interface(locales: list[str], folder: Path = FOLDER, beside: Path | None = None) -> Interface:
    """Return the phone page's texts in `locales`; a key that is missing in one of the locales is a problem.

    A file `LOCALE/phone.po` in the folder `beside`, which lies beside a study, goes before the package's.
    """
    problems: list[Problem] = []
    paths = {locale: _path(locale, folder, beside) for locale in locales}
    catalogs = {locale: _catalog(path, locale, problems) for locale, path in paths.items()}
    keys = {key for catalog in catalogs.values() for key in keyed_messages(catalog)}
    said = _english(folder) if beside is not None else {}
    for locale, catalog in catalogs.items():
        own = beside is not None and paths[locale].is_relative_to(beside)
        name = str(paths[locale]) if own else f"{locale}/phone.po"
        problems += _checked(name, catalog, keys | said.keys())
        problems += _stale(name, catalog, said) if own else ()
    return Interface({locale: _texts(catalog, locale) for locale, catalog in catalogs.items()}, tuple(problems))


def _texts(catalog: Catalog, locale: str) -> dict[str, str]:
    """Return the texts by key; one that differs by a number stands also under `key.CATEGORY` of CLDR's plurals."""
    forms = named_forms(catalog, locale)
    found: dict[str, str] = {}
    for key, message in keyed_messages(catalog).items():
        found |= texts_of(key, message, forms)
    return found


def _path(locale: str, folder: Path, beside: Path | None) -> Path:
    own = None if beside is None else beside / locale / "phone.po"
    return own if own is not None and own.exists() else folder / locale / "phone.po"


def _english(folder: Path) -> dict[str, str]:
    messages = keyed_messages(read_catalogue(folder / DEFAULT / "phone.po"))
    return {key: english(message) for key, message in messages.items()}


def _stale(file: str, catalog: Catalog, now: Mapping[str, str]) -> Iterator[Problem]:
    """Yield texts of a study's own file whose English is another in this version."""
    for key, message in keyed_messages(catalog).items():
        if key in now and english(message) != now[key]:
            remedy = "write the file anew by sotto study language, which keeps what fits, and look at what is fuzzy"
            yield Problem(file, message.lineno or 1, key, said("its English is now: {key}", key=now[key]), remedy)


# Decision 31.
def shown_in(questionnaire: Questionnaire, texts: Mapping[str, str], *, recorded: bool) -> dict[str, str]:
    """Return only the texts that a phone can show in this study, to keep the download small on a slow network.

    `recorded`: whether there are recordings; with them, or with a voice, the phone offers to read aloud.
    """
    kinds = {item.type for item in questionnaire.items}
    needed = [
        *(_DRAFTS if questionnaire.drafts else ()),
        *(_INVITED if questionnaire.mode == "invitation" else ()),
        *(_WORKED if questionnaire.work else ()),
        *(_SPOKEN if recorded or questionnaire.voice else ()),
        *(_LONG_LISTS if questionnaire.long_lists else ()),
        *(() if questionnaire.overview is False else _OVERVIEW),
        *(_RANKING if any(group.kind == "ranking" for group in questionnaire.groups) else ()),
        *(_RANDOMISED if any(item.randomise for item in questionnaire.items) else ()),
        *(start for kind, starts in _OF_TYPES.items() if kind in kinds for start in starts),
    ]
    some = (
        *_DRAFTS,
        *_INVITED,
        *_WORKED,
        *_SPOKEN,
        *_LONG_LISTS,
        *_OVERVIEW,
        *_RANKING,
        *_RANDOMISED,
        *(prefix for of in _OF_TYPES.values() for prefix in of),
    )
    return {key: text for key, text in texts.items() if not key.startswith(some) or key.startswith(tuple(needed))}


def _catalog(path: Path, locale: str, problems: list[Problem]) -> Catalog:
    try:
        return read_catalogue(path)
    except (OSError, ValueError, PoFileError) as error:
        fault = "there is no such file" if isinstance(error, FileNotFoundError) else "not a PO file in UTF-8"
        file = f"interface/{locale}/phone.po"
        remedy = said(
            "fill {file} beside the questionnaire (sotto study language {locale} -o {file}), or remove the locale",
            file=file,
            locale=locale,
        )
        problems.append(Problem(f"{locale}/phone.po", 1, "file", fault, remedy))
        return Catalog()


def _checked(file: str, catalog: Catalog, keys: set[str]) -> Iterator[Problem]:
    here = keyed_messages(catalog)
    for missing in sorted(keys - here.keys()):
        yield Problem(file, 1, missing, "this text is missing", "translate it")
    for key, message in here.items():
        line = message.lineno or 1
        if not all(filled(message)) or message.fuzzy:
            yield Problem(file, line, key, "this text is empty or marked fuzzy", "translate it")
        elif not _same_places(message):
            yield Problem(file, line, key, "its {placeholders} are not those of the English", "use the same ones")


def _same_places(message: Message) -> bool:
    """Say whether each form has the English's places; forms of one, two and so on may say the number in words."""
    *some, last = map(_placeholders, filled(message))
    wanted = _placeholders(english(message))
    return last == wanted and all(places <= wanted for places in some)


def _placeholders(text: object) -> set[str]:
    return set(_PLACEHOLDER.findall(str(text)))
