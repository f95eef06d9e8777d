"""Published releases as the desk shows them, each parsed once: what a hash names never changes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlmodel import Session

from survey.names import HASH
from survey.office_db.tables import PublishedRelease, document
from survey.release.level_labels import spoken_locale
from survey.release.reader import ReleaseReader
from survey.release.release import Release

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

RELEASES, ROWS = 8, 1024
"""How many whole releases are kept in memory, and how many rows of lists of them."""


@dataclass(frozen=True)
class ReleaseRow:
    """One release in a study's list; `day` and `spent`, a part of the budget, as the visitor's language writes them."""

    hash: str
    wave: int
    day: str
    tables: int
    spent: str


class DeskReleases:
    """The published releases of the staff database; least recently used ones are read again."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._release = lru_cache(maxsize=RELEASES)(self._parsed)
        self._row = lru_cache(maxsize=ROWS)(self._worded)

    def content(self, name: str) -> bytes | None:
        """Return the exact bytes of a published release; None for a hash that names none."""
        with Session(self._engine) as office:
            published = HASH.fullmatch(name) and office.get(PublishedRelease, name)
            return document(office, name) if published else None

    def release(self, name: str) -> Release | None:
        """Return a published release; None for a hash that names none."""
        try:
            return self._release(name)
        except KeyError:
            return None

    def row(self, name: str, locale: str) -> ReleaseRow:
        """Return what a list says of a published release; raise KeyError for a hash that names none."""
        return self._row(name, locale)

    def _parsed(self, name: str) -> Release:
        content = self.content(name)
        if content is None:
            raise KeyError(name)
        return Release.model_validate_json(content)

    def _worded(self, name: str, locale: str) -> ReleaseRow:
        release = self._release(name)
        reader = ReleaseReader(release, spoken_locale(release, locale), locale)
        budget = release.budget
        spent_share = reader.percent(budget.spent / budget.total)
        return ReleaseRow(name, release.wave, reader.day(release.day), len(release.tables), spent_share)
