"""What the desk shows of releases and their plans: each release parsed once, for what a hash names never changes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from survey.desk_app.results.preview import KnownWave
from survey.desk_app.results.spending import Spending, spending
from survey.names import HASH
from survey.office_db.tables import PublishedRelease, RegisteredPlan, Wave, document, documents_of_kind
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.level_labels import spoken_locale
from survey.release.reader import ReleaseReader
from survey.release.release import Release
from survey.wave.manifest import Manifest

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

    def papers(self, release: Release) -> dict[str, bytes]:
        """Return the documents that a release names and the office keeps, by the names of their files."""
        named = {"plan": release.plan, "manifest": release.manifest, "questionnaire": release.questionnaire}
        with Session(self._engine) as office:
            found = {f"{kind}.json": document(office, name) for kind, name in named.items()}
            every = (Registration.from_bytes(one) for one in documents_of_kind(office, "registration"))
            registration = next((one for one in every if one.plan == release.plan), None)
        return found | ({"registration.json": registration.to_bytes()} if registration else {})

    def wave(self, study: str, number: int) -> KnownWave | None:
        """Return what the office knows of a wave that releases may be of; None where there is none."""
        with Session(self._engine) as office:
            row = office.get(Wave, (study, number))
            if row is None:
                return None
            has_box = row.box_root is not None and row.box_count is not None
            published = office.exec(select(PublishedRelease).where(PublishedRelease.study == study))
            plans = office.exec(select(RegisteredPlan).where(RegisteredPlan.study == study))
            return KnownWave(
                manifest=Manifest.from_bytes(document(office, row.manifest)),
                box=(row.box_root or "", row.box_count or 0) if has_box else None,
                plans=frozenset(plan.hash for plan in plans if plan.wave == number),
                released={one.plan: one.hash for one in published},
            )

    def spending(self, study: str) -> Spending | None:
        """Return what a study has spent and what its registered plans would; None before it announced a budget."""
        with Session(self._engine) as office:
            last = office.exec(select(Wave).where(Wave.study == study).order_by(col(Wave.number).desc())).first()
            published = office.exec(select(PublishedRelease).where(PublishedRelease.study == study)).all()
            plans = _waiting(office, study, {one.plan for one in published})
            if last is None:
                return None
            manifest = Manifest.from_bytes(document(office, last.manifest))
            questionnaire = Questionnaire.from_bytes(document(office, manifest.questionnaire))
        releases = [(one.hash, self._release(one.hash)) for one in published]
        return spending(manifest.budget.nano_rho, releases, plans, questionnaire)

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


def _waiting(office: Session, study: str, released: set[str]) -> list[Plan]:
    """Return the plans of a study that no release has paid for and no later registration withdrew."""
    every = (Registration.from_bytes(one) for one in documents_of_kind(office, "registration"))
    withdrawn = {plan for one in every if one.study == study for plan in one.instead}
    rows = office.exec(select(RegisteredPlan).where(RegisteredPlan.study == study).order_by(col(RegisteredPlan.since)))
    return [Plan.from_bytes(document(office, row.hash)) for row in rows if row.hash not in released | withdrawn]
