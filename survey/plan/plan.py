"""The plan: which tables are released, at which price and why; registered before any box is opened."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

from pydantic import Field

from survey.document import Document
from survey.names import Id, Name, Sha256, Slug
from survey.plan.dimension import Dimension, ShapeError, dimension, most_cells
from survey.plan.margins import Margin
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.conditions import Condition
from survey.questionnaire.questionnaire import Questionnaire

MAX_DIMENSIONS = 3
MAX_SEVERAL = 2
"""The most dimensions of one table in which a record counts in several cells: the price grows with their product."""
MAX_WEIGHTING = 2
"""Raking to more margins needs a table of more dimensions than there are."""
NanoRho = Annotated[int, Field(ge=1)]
# Decision 47.
LEAST_DELTA = 10_000
"""The least delta of a phrase list, in 10^-18: below 10^-14 it is lost in floating-point rounding."""


class PlanTable(Document):
    """One contingency table: up to three dimensions, in at most two of which a record counts in several cells."""

    id: Id
    dimensions: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_DIMENSIONS)]
    population: Condition | None
    nano_rho: NanoRho
    reason: str
    hypotheses: tuple[Id, ...]
    weight_by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_WEIGHTING)] | None = None


class PhraseList(Document):
    """A list of frequent phrases of one item: those whose noisy count is above a threshold.

    It costs rho as a table does, and delta, the probability that a phrase of hardly any people is listed.
    """

    id: Id
    item: Id
    nano_rho: NanoRho
    atto_delta: Annotated[int, Field(ge=LEAST_DELTA)]
    reason: str
    hypotheses: tuple[Id, ...]


class Expected(Document):
    """Levels of a dimension that a plan expects noise to drown, as rows or as groups, and why it asks for them.

    `tables`: in these alone; without it in every table of the dimension.
    """

    dimension: Name
    codes: Annotated[tuple[int, ...], Field(min_length=1)]
    tables: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    reason: Annotated[str, Field(min_length=1)]

    def concerns(self, table: str, dimension: str, code: int) -> bool:
        """Say whether a level of a table is among them."""
        return dimension == self.dimension and code in self.codes and (self.tables is None or table in self.tables)


class Plan(Document):
    """The tables of one release and their price in billionths of rho (`sotto-plan-2`).

    `margins`: public shares that tables with `weight_by` are weighted to, after the noise and at no price. `answers`:
    the hypotheses of the study's findings that its authors expect it to answer.
    """

    format: Literal["sotto-plan-2"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    parent: Sha256 | None
    title: str
    reason: str
    nano_rho: NanoRho
    tables: Annotated[tuple[PlanTable, ...], Field(min_length=1)]
    margins: tuple[Margin, ...] | None = None
    words: Annotated[tuple[PhraseList, ...], Field(min_length=1)] | None = None
    expects: Annotated[tuple[Expected, ...], Field(min_length=1)] | None = None
    answers: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None

    @property
    def atto_delta(self) -> int:
        """The plan's price in delta: that of its lists of words."""
        return sum(phrases.atto_delta for phrases in self.words or ())

    @property
    def allocated_nano_rho(self) -> int:
        """The nano-rho of all tables and lists together."""
        return sum(table.nano_rho for table in self.tables) + sum(phrases.nano_rho for phrases in self.words or ())


@dataclass(frozen=True, slots=True)
class Shape:
    """The public shape of a table.

    `cells` counts every combination of levels, and one more for outside where there is a population. `most` is in how
    many of them one record may stand: the product over the dimensions. `sensitivity_squared`: see the function.
    """

    dimensions: tuple[Dimension, ...]
    cells: int
    most: int
    sensitivity_squared: int


def sensitivity_squared(axes: Sequence[Dimension], most: int) -> int:
    """Return the square of a table's L2 sensitivity, where one record stands in at most `most` of its cells.

    A record stands in a set of cells, in each once. Changed from the set A to the set B it moves by one every cell that
    is in one of them alone, so the squared distance is |A| + |B| - 2 |A and B|, and never more than 2 `most`.

    A question of several answers alone, at most m of K options (or a ranking of m places), allows less. Its record
    either chooses, in 1 to m option cells, or stands in one other cell: none of these, don't know, refused, not asked,
    unreadable, or outside the population. Options that exclude each other only take choices away. So

    * from choice to choice: |A| + |B| is at most 2m, and all that moves is among K options: at most min(2m, K);
    * between a choice and another cell: |A| + 1, at most m + 1;
    * from one other cell to another: 2, and m + 1 is no less.

    With a second dimension two choices may stand at two of its levels and share no cell: 2m again, however few options.
    """
    if len(axes) > 1 or not axes[0].multi:
        return 2 * most
    options = len(axes[0].options)
    return max(min(2 * most, options), min(most, options) + 1)


def dimensions(table: PlanTable, questionnaire: Questionnaire) -> Shape:
    """Return the shape of `table`; raise ShapeError where the questionnaire cannot answer it."""
    for error in dimension_errors(table.dimensions, questionnaire):
        raise error
    axes = tuple(dimension(name, questionnaire) for name in table.dimensions)
    cells = prod(axis.cells for axis in axes) + (table.population is not None)
    most = prod(most_cells(name, questionnaire) for name in table.dimensions)
    return Shape(axes, cells, most, sensitivity_squared(axes, most))


def dimension_errors(names: Sequence[str], questionnaire: Questionnaire) -> Iterator[ShapeError]:
    """Yield an error for each reason why `names` cannot be the dimensions of one table."""
    if not 1 <= len(names) <= MAX_DIMENSIONS:
        yield ShapeError(f"a table has 1 to {MAX_DIMENSIONS} dimensions", "split it into several tables")
    repeated = {name: number for name, number in Counter(names).items() if number > 1}
    for name, number in repeated.items():
        yield ShapeError(f"{name} stands here {number} times", "name each dimension once")
    several = []
    for name in dict.fromkeys(names):
        try:
            several += [name] if most_cells(name, questionnaire) > 1 else []
        except ShapeError as error:
            yield error
    if len(several) > MAX_SEVERAL:
        message = f"in each of {', '.join(several)} one person stands in several cells"
        yield ShapeError(message, f"keep {MAX_SEVERAL} of them, or use an indicator")


def rho_text(nano: int) -> str:
    """Write integer nano-rho as an exact decimal, e.g. 3333333 -> "0.003333333"."""
    whole, fraction = divmod(nano, NANO_RHO)
    return f"{whole}.{fraction:09d}".rstrip("0").rstrip(".")
