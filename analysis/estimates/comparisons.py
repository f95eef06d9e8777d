"""Whole rows of comparisons as people ask for them: all pairs of groups, two waves, many tables; adjusted together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import TypeVar

from analysis.consistency.groups import Group, Reading, readings
from analysis.estimates.inference import (
    AbstainedError,
    Correlation,
    Difference,
    InferenceError,
    Quantity,
    ReleaseModel,
    correlation,
    group_difference,
    holm,
    independence,
    wave_difference,
)
from survey.plan.dimension import Dimension
from survey.questionnaire.bases import Base
from survey.release.note_codes import TOO_FEW, TOO_UNCERTAIN, UNRELIABLE
from survey.release.reader import Amount, span_of_scores
from survey.release.release import Label, Release, Table
from survey.release.reliability import vague

T = TypeVar("T")
PAIR = 2
DRAWS = 1999
"""Draws of each independence test: p-values come in steps of 1/2000, which many adjusted comparisons need."""


@dataclass(frozen=True)
class Compared:
    """One difference: `one` less `other`, two groups of the second dimension (or two waves), with its 95 % half-width.

    `level` is None for means of a score, else the level whose share is compared. `p` is of no difference, `adjusted`
    by Holm over all rows that were asked together. Where a group is lost in noise `abstained` says so and all three
    are None. `note` is `too-uncertain` where the margin leaves no difference worth a number, and `unreliable` where one
    of the two numbers is not to be relied on, by the rules of releases and reports: people are then shown words, and
    `p` is None, for no verdict is given. `within`: of two waves, the one group that is compared. `base`: what the value
    is of.
    """

    table: str
    row: str | None
    level: int | None
    one: Group
    other: Group
    base: Base
    value: float | None = None
    margin: float | None = None
    p: float | None = None
    adjusted: float | None = None
    abstained: str | None = None
    within: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Related:
    """A correlation of a table's first two dimensions with its 95 % interval, or that noise leaves none.

    It is of about `total` people with two answers that have a place in an order; `left_out` more were asked both.
    """

    table: str
    row: str | None
    dimensions: tuple[str, str]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    total: float | None = None
    left_out: float | None = None
    abstained: str | None = None


@dataclass(frozen=True)
class Tested:
    """A test of independence of a table's two dimensions; `adjusted` by Holm over all tests asked together."""

    table: str
    row: str | None
    dimensions: tuple[str, str]
    p: float | None = None
    adjusted: float | None = None
    abstained: str | None = None


Row = TypeVar("Row", Compared, Tested)


def compare_groups(
    release: Release,
    table: str,
    groups: Sequence[int] = (),
    *,
    levels: Sequence[int] = (),
    row: str | None = None,
) -> list[Compared]:
    """Return the differences between all pairs of groups of a table's second dimension, adjusted together.

    `groups`: codes to compare, by default all. `levels`: codes of the first dimension whose shares are compared; by
    default the means of a score, else the shares of every level of its base. `row`: which row of a grid. Raises
    InferenceError.
    """
    numbers = ReleaseModel.of(release)
    reading = numbers.reading(table, row)
    second = _second(reading)
    codes = groups or second.substantive
    _require(second, codes, second.substantive)
    if len(codes) < PAIR:
        raise InferenceError("a difference needs two groups: name two codes, or none for all pairs")
    rows = []
    for level in _levels(reading, levels):
        of = Quantity(level, row)
        base = of.base_in(reading.axes[0])
        for pair in combinations(codes, 2):
            difference = _or_abstained(partial(group_difference, numbers, table, pair, of))
            sides = [(_table(release, table), group) for group in pair]
            rows.append(_compared(Compared(table, row, level, *pair, base), difference, sides))
    return _adjusted(rows)


def compare_waves(
    before: Release,
    after: Release,
    table: str,
    *,
    group: int | None = None,
    levels: Sequence[int] = (),
    row: str | None = None,
) -> list[Compared]:
    """Return how the means or shares of one table changed from the first release to the second, adjusted together.

    `group`: within this level of the second dimension, by default everyone. `one` and `other` are the later and the
    earlier wave. Raises InferenceError where the two do not ask the same, or are of one box.
    """
    _require_comparable(before, after, table)
    waves = ReleaseModel.of(before), ReleaseModel.of(after)
    reading = waves[0].reading(table, row)
    if group is not None:
        second = _second(reading)
        _require(second, (group,), second.substantive)
    rows = []
    for level in _levels(reading, levels):
        of = Quantity(level, row)
        difference = _or_abstained(partial(wave_difference, waves, table, group, of))
        base = of.base_in(reading.axes[0])
        compared = Compared(table, row, level, after.wave, before.wave, base, within=group)
        rows.append(_compared(compared, difference, [(_table(wave, table), group) for wave in (after, before)]))
    return _adjusted(rows)


# Decision 157.
def compare_all_waves(before: Release, after: Release) -> tuple[list[Compared], dict[str, str]]:
    """Return the changes of every table that asks the same in both waves, and why each other one is left out.

    All changes are adjusted together. Raises InferenceError for releases that are not of two waves of one study, and
    where no table is left.
    """
    _require_two_waves(before, after)
    rows, left_out = list[Compared](), dict[str, str]()
    for name in dict.fromkeys(table.id for release in (before, after) for table in release.tables):
        reason = _incomparable(before, after, name)
        try:
            rows += [] if reason else _all_rows(before, after, name)
        except InferenceError as error:
            reason = str(error)
        if reason:
            left_out[name] = reason
    if not rows:
        raise InferenceError(f"the two releases have no table to compare: {'; '.join(left_out.values())}")
    return _adjusted(rows), left_out


def _all_rows(before: Release, after: Release, name: str) -> list[Compared]:
    parts = next((axis.rows for axis in _table(before, name).dimensions if axis.rows), None) or (None,)
    return [one for row in parts for one in compare_waves(before, after, name, row=row)]


def correlations(release: Release, tables: Sequence[str], *, ranks: bool = True) -> list[Related]:
    """Return the correlations of the first two dimensions of `tables`, Spearman's or (not `ranks`) Pearson's.

    Codes are taken in their order: that it means anything is for who asks to know. Raises InferenceError.
    """
    numbers, rows = ReleaseModel.of(release), []
    for name in tables:
        for reading in _readings(numbers, name):
            base = Related(name, reading.row, _pair(reading))
            interval = _or_abstained(partial(correlation, numbers, name, ranks=ranks, row=reading.row))
            outcome = {"abstained": TOO_FEW} if interval is None else _ends(interval)
            rows.append(replace(base, **outcome))
    return rows


def independences(release: Release, tables: Sequence[str] = (), *, draws: int = DRAWS) -> list[Tested]:
    """Return tests of independence of `tables`, by default every table of two plain dimensions, adjusted together.

    Raises InferenceError where a named table is not such a table, or where there is none.
    """
    numbers, rows = ReleaseModel.of(release), []
    for name in tables or _testable(release):
        for reading in _readings(numbers, name):
            base = Tested(name, reading.row, _pair(reading))
            p = _or_abstained(partial(independence, numbers, name, draws=draws, row=reading.row))
            rows.append(replace(base, p=p, abstained=TOO_FEW if p is None else None))
    if not rows:
        raise InferenceError("the release has no table of two dimensions of one answer each")
    return _adjusted(rows)


def _or_abstained(question: Callable[[], T]) -> T | None:
    """Return the answer, or None where a group is lost in noise."""
    try:
        return question()
    except AbstainedError:
        return None


def _compared(base: Compared, difference: Difference | None, sides: Sequence[tuple[Table, Group | None]]) -> Compared:
    """Return a row with its difference; `sides`: the tables and groups whose numbers are compared."""
    if difference is None:
        return replace(base, abstained=TOO_FEW)
    span = span_of_scores(sides[0][0].dimensions[0]) if base.level is None else 1.0
    note = None
    if vague(difference.margin, 2 * span):
        note = TOO_UNCERTAIN
    elif not all(_reliable(table, group, base, span) for table, group in sides):
        note = UNRELIABLE
    p = difference.p if note is None else None
    return replace(base, value=difference.value, margin=difference.margin, p=p, note=note)


def _table(release: Release, name: str) -> Table:
    table = release.table(name)
    if table is None:
        raise InferenceError(f"the release has no table {name}")
    return table


def _reliable(table: Table, group: Group | None, row: Compared, span: float) -> bool:
    """Say whether the release itself gives one side's number as reliable; what it does not hold is not held against it.

    A number is reliable where it stands above its noise and its margin leaves something worth a number.
    """
    estimate = next((each for each in table.estimates if (each.group, each.row) == (group, row.row)), None)
    if estimate is None:
        return True
    if row.level is None:
        amounts = [Amount.of_mean(estimate.mean, span)]
    else:
        amounts = [Amount.of_share(share) for share in estimate.shares if share.code == row.level]
    return all(amount is not None and amount.reliable and not amount.vague for amount in amounts)


def _ends(interval: Correlation) -> dict[str, float]:
    ends = {"value": interval.value, "low": interval.low, "high": interval.high}
    return ends | {"total": interval.total, "left_out": interval.left_out}


def _adjusted(rows: list[Row]) -> list[Row]:
    adjusted = iter(holm([row.p for row in rows if row.p is not None]))
    return [row if row.p is None else replace(row, adjusted=next(adjusted)) for row in rows]


def _levels(reading: Reading, codes: Sequence[int]) -> Sequence[int | None]:
    """Return whose shares are compared: those asked for, the mean of a score, else every level."""
    first = reading.axes[0]
    _require(first, codes, first.asked)
    if first.list:
        raise InferenceError(f"{first.id} is a list experiment: its difference stands in the release")
    if codes:
        return codes
    return (None,) if first.score else first.levels(first.base)


def _second(reading: Reading) -> Dimension:
    if len(reading.axes) < PAIR:
        raise InferenceError(f"table {reading.table.id} has one dimension: groups are levels of a second one")
    return reading.axes[1]


def _require(axis: Dimension, codes: Sequence[int], possible: Sequence[int]) -> None:
    unknown = [str(code) for code in codes if code not in possible]
    if unknown:
        levels = ", ".join(map(str, possible))
        raise InferenceError(f"{axis.id} has no level {', '.join(unknown)}: it has {levels}")


def _require_comparable(before: Release, after: Release, table: str) -> None:
    _require_two_waves(before, after)
    if reason := _incomparable(before, after, table):
        raise InferenceError(f"{reason}: compare an indicator that stayed the same")


def _require_two_waves(before: Release, after: Release) -> None:
    if before.study != after.study:
        raise InferenceError(f"the releases are of two studies, {before.study} and {after.study}")
    if before.box.root == after.box.root:
        raise InferenceError("both releases are of one box: the same answers did not change, only the noise differs")


def _incomparable(before: Release, after: Release, name: str) -> str | None:
    """Return why two releases have no table that asks the same, None where they have one."""
    first, second = before.table(name), after.table(name)
    if first is None or second is None:
        return f"the {'first' if first is None else 'second'} release has no table {name}"
    if first.dimensions != second.dimensions or first.population != second.population:
        return f"table {name} does not ask the same in both waves (levels or population changed)"
    # Words that change inside one version were corrected: the researcher declared that their meaning stayed.
    if before.questionnaire != after.questionnaire and (other := _other_words(before, after, first)):
        return f"table {name} has other words in the two versions of the questionnaire ({other})"
    return None


def _other_words(before: Release, after: Release, table: Table) -> str | None:
    """Return the first words of a table's questions and answers that differ between two releases, None for the same."""
    names = dict.fromkeys(name for axis in table.dimensions for name in (axis.id, *(axis.rows or ())))
    for locale in sorted(before.labels.keys() & after.labels.keys()):
        for name in names:
            old, new = before.labels[locale].get(name), after.labels[locale].get(name)
            if old != new:
                return f"{name} in {locale}: {_words(old, new)} became {_words(new, old)}"
    return None if before.labels.keys() & after.labels.keys() else "they have no language in common"


def _words(label: Label | None, other: Label | None) -> str:
    """Return a label's first words that another has not."""
    if label is None:
        return "nothing"
    own, others = ((label.text, *label.levels.values()), (other.text, *other.levels.values()) if other else ())
    return f"“{next((words for words in own if words not in others), label.text)}”"


def _readings(numbers: ReleaseModel, table: str) -> list[Reading]:
    numbers.reading(table, _first_row(numbers, table))
    return readings(numbers.consistent, numbers.tables[table])


def _first_row(numbers: ReleaseModel, table: str) -> str | None:
    axes = numbers.tables[table].dimensions if table in numbers.tables else ()
    return next((axis.rows[0] for axis in axes if axis.rows), None)


def _pair(reading: Reading) -> tuple[str, str]:
    if len(reading.axes) < PAIR:
        raise InferenceError(f"table {reading.table.id} has one dimension: two are needed")
    return reading.axes[0].id, reading.axes[1].id


def _testable(release: Release) -> Iterator[str]:
    for table in release.tables:
        if len(table.dimensions) == PAIR and not any(axis.multi or axis.threshold for axis in table.dimensions):
            yield table.id
