"""A release as people read it, in one locale: names, numbers with their intervals, and why a number is missing. Pure.

Pages, pictures, reports, terminals and files of estimates all read a release here, so that none of them names, clips or
leaves out a number otherwise than another. What each number is a part of (its base) and how many that leaves out stands
beside it here.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from survey.plan.dimension import Dimension
from survey.questionnaire.bases import OF_SCORES, Base
from survey.questionnaire.items import LIST_BASES
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS
from survey.release.budget import PLAIN_DELTA, Delta
from survey.release.estimate import (
    Estimate,
    Mean,
    Median,
    Share,
    Sizes,
    Top,
    Weighted,
    group_codes,
)
from survey.release.level_labels import base_text, dimension_text, label, row_label
from survey.release.note_codes import Abstention
from survey.release.population import population_sentence, population_text
from survey.release.release import Release, Table
from survey.release.reliability import vague
from survey.wording.page_languages import NAMES
from survey.wording.po_files import DEFAULT

FINE = 0.02
"""Below this margin a share is given with one decimal."""
ONE_IN: dict[Delta, int] = {"1e-5": 100_000, "1e-6": 1_000_000, "1e-9": 1_000_000_000}
"""1 / delta."""


@dataclass(frozen=True)
class Amount:
    """A share (as a part of 1) or a mean with its 95 % half-width and interval; `reliable` unless noise drowns it.

    The interval is the Bayesian one (`bayes`) where the half-width would leave 0 to 1; noise may put a share outside.
    `vague`: the margin leaves nothing worth a number, so words are shown in its place.
    """

    value: float
    margin: float
    low: float
    high: float
    reliable: bool = True
    bayes: bool = False
    vague: bool = False

    @classmethod
    def around(cls, value: float, margin: float, span: float = math.inf) -> Self:
        """Return a number whose interval is its half-width on both sides; `span`: from the least it can be to most."""
        return cls(value, margin, value - margin, value + margin, vague=vague(margin, span))

    @classmethod
    def of_share(cls, share: Share) -> Self:
        """Return a share of a release."""
        low, high = share.bayes or (share.share - share.margin, share.share + share.margin)
        return cls(
            share.share, share.margin, low, high, share.reliable, share.bayes is not None, vague(share.margin, 1.0)
        )

    @classmethod
    def of_mean(cls, mean: Mean | None, span: float) -> Self | None:
        """Return a mean, or a difference, of a release that has one; `span`: from the least it can be to the most."""
        return None if mean is None else cls.around(mean.value, mean.margin, span)

    @property
    def shown(self) -> tuple[float, float, float]:
        """Value, low and high within 0 and 1: where a picture of a share puts them."""
        return part_of_one(self.value), part_of_one(self.low), part_of_one(self.high)


@dataclass(frozen=True)
class Cell:
    """One level of a table's question in one group: its code, what it is called, its share and what that is of.

    `other`: the base in words where it is another than the group's, as of "don't want to answer"; else "".
    """

    code: int
    label: str
    share: Amount
    base: Base
    other: str = ""


@dataclass(frozen=True)
class GroupCells:
    """What a table says of everyone or of one group, weighted or not; `silence` is why it says nothing.

    `declared`: how many answers were sent in, exactly. `codes` of the later dimensions and their `names`, empty for
    everyone; `row` of a grid and what it is called, ""
    where there is none. `base`: what the shares are of, but for cells that say otherwise. `sizes`: about how many
    people each base holds; None where weighted. `mean_lost`: the question has scores, and shares are described, but too
    few have a score for a mean.
    """

    codes: tuple[int, ...]
    names: tuple[str, ...]
    row: str
    row_name: str
    base: Base
    sizes: Sizes | None
    silence: Abstention | None
    cells: tuple[Cell, ...]
    mean: Amount | None
    declared: int
    median: Median | None = None
    top: Amount | None = None
    top_codes: tuple[int, ...] = ()
    difference: Amount | None = None
    mean_lost: bool = False

    def size(self, base: Base) -> Amount | None:
        """Return about how many people a base holds, with the noise's half-width."""
        size = None if self.sizes is None else self.sizes.of(base)
        return None if size is None else Amount.around(size.number, size.margin)

    @property
    def total(self) -> Amount | None:
        """About how many people the group's base holds."""
        return self.size(self.base)

    def count(self, base: Base | None = None) -> float:
        """Return about how many people a base holds, by default the group's, for readers."""
        size = self.size(base or self.base)
        return 0.0 if size is None else number_of_people(size.value, self.declared)

    def left_out(self, base: Base | None = None) -> float:
        """Return about how many of those asked a base leaves out, by default the group's, for readers."""
        return max(self.count("asked") - self.count(base), 0.0)

    def cell(self, code: int) -> Cell | None:
        """Return a level's cell; None where noise left none."""
        return next((cell for cell in self.cells if cell.code == code), None)


# Decision 74.
@dataclass(frozen=True)
class ReleaseReader:
    """One release in one locale of its labels, with numbers as the locale `numerals` writes them."""

    release: Release
    locale: str
    numerals: str

    @classmethod
    def read(cls, release: Release, locale: str) -> Self:
        """Read a release whose labels are in `locale`; numbers are English where no page is in that locale."""
        return cls(release, locale, locale if locale in NAMES else DEFAULT)

    def question(self, dimension: str) -> str:
        """Return what a dimension is called."""
        return dimension_text(self.release, dimension, self.locale)

    def level(self, dimension: str, code: int) -> str:
        """Return what a level is called."""
        return label(self.release, dimension, code, self.locale)

    def row(self, row: str) -> str:
        """Return what a grid's row is called."""
        return row_label(self.release, row, self.locale)

    def base(self, dimension: Dimension, base: Base) -> str:
        """Return what a share of a dimension is of, such as "of those asked"."""
        kind = "list" if dimension.list and base == dimension.base else base
        return base_text("header" if dimension.id in HEADER_DIMENSIONS else kind, self.locale)

    def population(self, table: Table) -> str:
        """Return of whom a filtered table is, such as "only of those who said: ..."; "" where it is of everyone."""
        return population_text(self.release, table, self.locale)

    def population_sentence(self, table: Table) -> str:
        """Return `population` as a sentence of its own."""
        return population_sentence(self.release, table, self.locale)

    def groups(self, table: Table) -> tuple[GroupCells, ...]:
        """Return what a table says of everyone and of each group, in the release's order."""
        return tuple(self._group(table, estimate) for estimate in table.estimates)

    def weighted(self, table: Table, weighted: Weighted) -> GroupCells:
        """Return what a table says of everyone weighted to public margins."""
        cells = tuple(self._cells(table.dimensions[0], weighted))
        mean, lost = Amount.of_mean(weighted.mean, span_of_scores(table.dimensions[0])), _mean_lost(table, weighted)
        count, silence = self.release.box.count, weighted.abstained
        return GroupCells((), (), "", "", weighted.base, None, silence, cells, mean, count, mean_lost=lost)

    def design_effect(self, table: Table, weighted: Weighted) -> float | None:
        """Return how many times fewer people would be as precise without weights and noise.

        None where the estimate abstains or classes are joined.
        """
        whole = next((one for one in table.estimates if one.group is None and one.row is None), None)
        return None if whole is None else weighted.design_effect(whole.sizes.of(weighted.base).number)

    def joined_classes(self, weighted: Weighted) -> tuple[str, ...]:
        """Return the classes that weighting had to join, each by its levels' names."""
        pairs = zip(weighted.by, weighted.classes, strict=True)
        joined = ((name, codes) for name, classes in pairs for codes in classes if len(codes) > 1)
        return tuple(" + ".join(self.level(name, code) for code in codes) for name, codes in joined)

    def _group(self, table: Table, estimate: Estimate) -> GroupCells:
        codes = group_codes(estimate)
        pairs = zip(table.dimensions[1:], codes, strict=False)
        top = estimate.top
        return GroupCells(
            codes=codes,
            names=tuple(self.level(axis.id, code) for axis, code in pairs),
            row=estimate.row or "",
            row_name=self.row(estimate.row) if estimate.row else "",
            base=estimate.base,
            sizes=estimate.sizes,
            silence=estimate.abstained,
            cells=tuple(self._cells(table.dimensions[0], estimate)),
            mean=Amount.of_mean(estimate.mean, span_of_scores(table.dimensions[0])),
            declared=self.release.box.count,
            median=estimate.median,
            top=_top(top),
            top_codes=top.codes if top else (),
            difference=Amount.of_mean(estimate.difference, span_of_lines(table.dimensions[0])),
            mean_lost=_mean_lost(table, estimate),
        )

    def _cells(self, axis: Dimension, estimate: Estimate | Weighted) -> Iterator[Cell]:
        for share in estimate.shares:
            other = "" if share.base == estimate.base else self.base(axis, share.base)
            yield Cell(share.code, self.level(axis.id, share.code), Amount.of_share(share), share.base, other)

    @property
    def babel(self) -> Locale:
        """How Babel calls the locale of numbers and days."""
        return Locale.parse(self.numerals, sep="-")

    def number(self, value: float, digits: int = 0) -> str:
        """Return a decimal with `digits` places; what rounds to nothing has no sign."""
        return str(format_decimal(round(value, digits) + 0.0, _pattern(digits), locale=self.babel))

    def significant(self, value: float) -> str:
        """Return a decimal with at most three significant digits."""
        return str(format_decimal(value, "@##", locale=self.babel))

    def percent(self, value: float, digits: int = 0) -> str:
        """Return a share as percent."""
        return str(format_percent(value, f"{_pattern(digits)}%", self.babel))

    def share(self, amount: Amount) -> tuple[str, str]:
        """Return a share within 0 and 1 as percent, and its margin in points, such as 57% and 4."""
        digits = 1 if amount.margin < FINE else 0
        return self.percent(part_of_one(amount.value), digits), self.number(100 * amount.margin, digits)

    def points(self, amount: Amount) -> tuple[str, str]:
        """Return a difference of shares in percentage points, and its margin."""
        digits = 1 if amount.margin < FINE else 0
        return self.number(100 * amount.value, digits), self.number(100 * amount.margin, digits)

    def mean(self, amount: Amount) -> tuple[str, str]:
        """Return a mean and its margin."""
        return self.number(amount.value, 2), self.number(amount.margin, 2)

    def day(self, written: str) -> str:
        """Return an ISO day as the locale writes it."""
        return str(format_date(date.fromisoformat(written), "long", locale=self.babel))

    def odds(self) -> tuple[str, str]:
        """Return by what factor all that was spent can change any odds, and but for a chance of one in how many."""
        factor = math.exp(self.release.budget.epsilons[0][PLAIN_DELTA])
        return self.bound(factor, 1), self.number(ONE_IN[PLAIN_DELTA])

    def bound(self, value: float, digits: int) -> str:
        """Return a bound from above as the locale writes it, never rounded down."""
        return self.number(math.ceil(value * 10**digits) / 10**digits, digits)


def number_of_people(size: float, declared: float) -> float:
    """Return a noisy number of people for readers: noise may put it below none, or above the `declared` answers.

    Files keep the number as it was released.
    """
    return min(max(size, 0.0), declared)


def hidden_lines(axis: Dimension) -> int:
    """Return how many lines of a list experiment one of its lists has alone: with one, a difference is a share."""
    base, other = LIST_BASES
    shorter = max(code for code in axis.options if code < other) - base
    return max(axis.options) - other - shorter


def span_of_scores(axis: Dimension) -> float:
    """Return how far a mean of a dimension's scores can be from another: from the lowest to the highest."""
    scores = axis.levels(OF_SCORES)
    return float(max(scores) - min(scores)) if scores else math.inf


def span_of_lines(axis: Dimension) -> float:
    """Return how far differences of a list experiment's two lists can be apart: the lines that one has alone."""
    return float(hidden_lines(axis)) if axis.list else math.inf


def part_of_one(value: float) -> float:
    """Return a value within 0 and 1."""
    return min(max(value, 0.0), 1.0)


def percent_of_width(value: float) -> float:
    """Return a part of one as percent with one decimal, within 0 and 100: where a mark stands on a scale."""
    return round(100 * part_of_one(value), 1)


def _mean_lost(table: Table, estimate: Estimate | Weighted) -> bool:
    return table.dimensions[0].score and estimate.abstained is None and estimate.mean is None


def _top(top: Top | None) -> Amount | None:
    return None if top is None else Amount.around(top.share, top.margin, 1.0)


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
