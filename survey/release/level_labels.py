"""What a release's dimensions and levels are called where its own labels name them by code alone. Pure."""

from functools import cache

from survey.questionnaire.questionnaire import HEADER_DIMENSIONS
from survey.release.release import Release
from survey.wording.catalogues import Wordings, in_locale, load_wordings
from survey.wording.page_languages import NAMES

LANGUAGES = {**NAMES, "ug": "ئۇيغۇرچە", "bo": "བོད་ཡིག"}
"""Languages that a questionnaire may be answered in, each named in itself."""


# Decision 73.
@cache
def catalogues() -> Wordings:
    """Return the names that every output of a release uses: of header dimensions, their levels and reserved codes."""
    return load_wordings("release")


def dimension_text(release: Release, name: str, locale: str) -> str:
    """Return what a dimension is called; of the payload's header in words, an unknown one by its own name."""
    if name in HEADER_DIMENSIONS:
        return in_locale(catalogues(), locale)(f"dimension-{name[1:]}")
    label = release.labels[locale].get(name)
    return name if label is None else label.text


def row_label(release: Release, row: str, locale: str) -> str:
    """Return what a grid's row is called; its id where the release does not say."""
    return dimension_text(release, row, locale)


def base_text(kind: str, locale: str) -> str:
    """Return what a share is of: of a base, of a list experiment's lists (`list`) or of all records (`header`)."""
    return in_locale(catalogues(), locale)(f"base-{kind}")


def label(release: Release, dimension: str, code: int, locale: str) -> str:
    """Return what a level is called; a reserved code without a text by what it is, any other by its number.

    Forms and strata keep the names that the study gave them.
    """
    names = in_locale(catalogues(), locale).texts
    level = release.labels[locale][dimension].levels.get(str(code))
    if level is None:
        return names.get(f"level-{code}", str(code))
    if dimension == "@locale":
        return LANGUAGES.get(level, level)
    return names.get(f"{dimension[1:]}-{level}", level) if dimension in HEADER_DIMENSIONS else level


def spoken_locale(release: Release, locale: str) -> str:
    """Return `locale`, or the release's first where it has no labels in it."""
    return locale if locale in release.labels else next(iter(release.labels))
