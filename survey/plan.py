"""The plan: which tables are made of the answers, what each may cost and why; registered before any box is opened."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

from pydantic import Field

from survey.conditions import Condition
from survey.document import Document
from survey.questionnaire import Id, Questionnaire, Sha256, Slug, levels_of

MAX_DIMENSIONS = 3
NanoRho = Annotated[int, Field(ge=1)]


NANO_RHO = 10**9


class PlanTable(Document):
    """One contingency table: up to three dimensions, at most one of them a multi item."""

    id: Id
    dimensions: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_DIMENSIONS)]
    population: Condition | None
    nano_rho: NanoRho
    reason: str
    hypotheses: tuple[Id, ...]


class Plan(Document):
    """The tables of one release and their price in billionths of rho (`sotto-plan-1`)."""

    format: Literal["sotto-plan-1"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    parent: Sha256 | None
    title: str
    reason: str
    nano_rho: NanoRho
    tables: Annotated[tuple[PlanTable, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Dimension:
    """An axis of a table and its public, closed levels."""

    id: str
    levels: tuple[int, ...]
    multi: bool
    score: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What is public about a table before it is made.

    `cells` counts every combination of levels, and one more for outside where there is a population. `l2_squared` is
    the most cells one record may stand in: 1, or the cap of the multi dimension.
    """

    dimensions: tuple[Dimension, ...]
    cells: int
    l2_squared: int


def dimensions(table: PlanTable, questionnaire: Questionnaire) -> Shape:
    """Return the shape of `table`; raise KeyError where it names what the questionnaire does not have."""
    axes = tuple(_dimension(name, questionnaire) for name in table.dimensions)
    cells = prod(len(axis.levels) for axis in axes) + (table.population is not None)
    caps = [_cap(name, questionnaire) for name in table.dimensions]
    return Shape(axes, cells, prod(caps))


def _dimension(name: str, questionnaire: Questionnaire) -> Dimension:
    derived = questionnaire.derived_by_id.get(name)
    multi = derived is None and questionnaire.item(name).multi
    return Dimension(name, levels_of(questionnaire, name), multi, derived is not None and derived.score)


def _cap(name: str, questionnaire: Questionnaire) -> int:
    item = questionnaire.by_id.get(name)
    return 1 if item is None or not item.multi else item.cap or len(item.options)


def rho_text(nano: int) -> str:
    """Write integer nano-rho as an exact decimal, e.g. 3333333 -> "0.003333333"."""
    whole, fraction = divmod(nano, NANO_RHO)
    return f"{whole}.{fraction:09d}".rstrip("0").rstrip(".")
