"""What exported files call columns, kinds and measures, and their sentences: in the labels' locale, else in English."""

from functools import cache

from survey.release.level_labels import base_text
from survey.wording.catalogues import Wordings, in_locale, load_wordings

MEASURES = (
    "share", "mean", "median", "top", "difference", "none", "weighted share", "weighted mean", "noisy count",
    "consistent count", "phrase count", "public share",
)  # fmt: skip
"""In the order of their numbers in Stata and SPSS files, from 1."""


def column(name: str, locale: str) -> str:
    """Return the heading of a column; a dimension's own column by its name."""
    return in_locale(_catalogues(), locale).texts.get(f"column-{name}", name)


def value(name: str, locale: str) -> str:
    """Return what a kind, measure or sheet is called."""
    return in_locale(_catalogues(), locale).texts.get(f"value-{name}", name)


def code_name(of_column: str, code: str, locale: str) -> str:
    """Return what a code in a column is called: of `base` as every other output of a release calls it."""
    return base_text(code, locale) if of_column == "base" and code else value(code, locale)


def fact(name: str, locale: str) -> str:
    """Return what a fact of a release is called; its own name where no catalogue has it."""
    return in_locale(_catalogues(), locale).texts.get(f"fact-{name}", name)


def sentence(key: str, locale: str, **values: object) -> str:
    """Return a sentence of exported files with its `{placeholders}` filled."""
    return in_locale(_catalogues(), locale)(key, **values)


@cache
def _catalogues() -> Wordings:
    return load_wordings("export")
