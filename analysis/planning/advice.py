"""Advice on a checked plan: groups that are too small, rows lost in noise, tables contained in others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

from analysis.budget.price import delta_text
from analysis.planning.expected_margins import USEFUL, Expectation, most_tables
from survey.plan.plan import Expected, rho_text
from survey.release.reliability import MIN_ANSWERS

if TYPE_CHECKING:
    from analysis.planning.phrase_lists import WordsCheck
    from analysis.planning.table_check import TableCheck

HEAVY_WEIGHT, WIDENED_MARGIN = 4.0, 1.5
"""Warn of a weight above 4, which is usually trimmed, and of weighting that widens a margin by half."""
ONE_WAY_PART = 0.15
"""The part of a budget for one-way tables: they reduce the noise of all others (ResidualPlanner, arXiv 2305.08175)."""
MANY = 6
RARE_SHARE = 0.2
"""Warn of a phrase list in which a phrase needs more than this share of people to be listed."""
PLAIN_SENSITIVITY = 2
"""The squared sensitivity of a table in which one record counts in one cell."""
HIGH_SENSITIVITY = 8
"""From this squared sensitivity on, a table has at least twice the noise of a plain one."""


@dataclass(frozen=True)
class Advice:
    """One thing to know or to mend; `table` is None for the whole plan. `expected`: the plan says that it knows."""

    kind: Literal["warning", "suggestion", "expected"]
    code: str
    table: str | None
    message: str


LOSSES = ("hopeless-groups", "wide-groups", "hopeless-rows")


@dataclass(frozen=True)
class Loss:
    """A level that a table will not describe, as a row or as a group; `code_of`: the code of that warning."""

    table: str
    kind: Literal["rows", "groups"]
    code_of: str
    dimension: str
    code: int


@dataclass(frozen=True)
class Situation:
    """The expected number of answers, the design effect, and the plan's cost beside the remaining budget.

    `priors`: whether shares come from invented answers; else groups are equal and everybody is asked, and nothing shows
    which levels are rare.
    """

    n: int
    cost: int
    left: int
    cost_delta: int
    left_delta: int
    deff: float = 1.0
    priors: bool = True


def advise(
    tables: "Sequence[TableCheck]",
    words: "Sequence[WordsCheck]",
    situation: Situation,
    expects: Sequence[Expected] = (),
) -> tuple[Advice, ...]:
    """Return warnings and suggestions, those of the whole plan first; what a plan `expects` is no warning."""
    of_tables = (one for table in tables for one in _table(table, tables, expects))
    lost = [loss for table in tables for loss in _losses(table)]
    as_expected = (advice for one in expects for advice in _expected(one, lost, idle=situation.priors))
    return (*_whole(tables, situation), *of_tables, *_words(words, situation.n), *as_expected)


def _expected(expects: Expected, lost: Sequence[Loss], *, idle: bool) -> Iterator[Advice]:
    """Say where the levels are lost that a plan expects to lose, and with `idle` name those that are not."""
    here = [loss for loss in lost if expects.concerns(loss.table, loss.dimension, loss.code)]
    codes = ", ".join(str(code) for code in expects.codes if any(loss.code == code for loss in here))
    if here:
        places = [
            f"{kind} of {', '.join(dict.fromkeys(loss.table for loss in here if loss.kind == kind))}"
            for kind in dict.fromkeys(loss.kind for loss in here)
        ]
        message = f"{expects.dimension} {codes} ({'; '.join(places)}): {expects.reason}"
        yield Advice("expected", "expected", None, message)
    kept = [str(code) for code in expects.codes if all(loss.code != code for loss in here)]
    if idle and kept:
        message = f"{expects.dimension} {', '.join(kept)}: expected to drown, and no table loses it: leave it out there"
        yield Advice("suggestion", "expects-nothing", None, message)


def _whole(tables: "Sequence[TableCheck]", situation: Situation) -> Iterator[Advice]:
    n, cost, left, deff = situation.n, situation.cost, situation.left, situation.deff
    if cost > left:
        text = f"the plan asks for rho {rho_text(cost)} and {rho_text(left)} is left: ask fewer tables or a smaller rho"
        yield Advice("warning", "unaffordable", None, text)
    if situation.cost_delta > situation.left_delta:
        asked, rest = delta_text(situation.cost_delta), delta_text(situation.left_delta)
        text = f"its lists of words ask for delta {asked} and {rest} is left: ask fewer lists or a smaller delta"
        yield Advice("warning", "unaffordable-delta", None, text)
    if n < MIN_ANSWERS:
        text = f"with {n} answers release nothing but that there were too few: wait for {MIN_ANSWERS}"
        yield Advice("warning", "below-ladder", None, text)
    elif len(tables) > most_tables(n / 2, cost, deff=deff):
        most = most_tables(n / 2, cost, deff=deff)
        text = (
            f"{len(tables)} tables at n = {n}: this rho carries {most} yes-or-no tables to ten points in half of the "
            "sample; ask fewer, or only for everyone, or give the plan more rho"
        )
        yield Advice("warning", "too-many-tables", None, text)
    alone = sum(table.nano_rho for table in tables if len(table.dimensions) == 1)
    if len(tables) >= MANY and alone == 0:
        text = f"no table has one dimension: about {ONE_WAY_PART:.0%} of rho on one-way tables steadies all the others"
        yield Advice("suggestion", "no-one-way", None, text)


def _table(table: "TableCheck", tables: "Sequence[TableCheck]", expects: Sequence[Expected]) -> Iterator[Advice]:
    yield from _few(table, expects)
    yield from _weights(table)
    larger = next((other.id for other in tables if _contains(other, table)), None)
    if larger:
        text = f"its numbers can be read off {larger} for nothing: keep it only to have them more exactly"
        yield Advice("suggestion", "free", table.id, text)
    if table.sensitivity_squared >= HIGH_SENSITIVITY:
        text = (
            f"one person may stand in several of its cells, so its noise is {sqrt(table.sensitivity_squared / 2):.1f} "
            "times that of a plain table: a lower cap in the questionnaire, or an indicator of the options that "
            "matter, is cheaper"
        )
        yield Advice("suggestion", "dear", table.id, text)


def _words(words: "Sequence[WordsCheck]", n: int) -> Iterator[Advice]:
    for one in words:
        if one.sure > n:
            text = f"a phrase must be written by {one.sure} people and {n} are expected: the list will be empty"
            yield Advice("warning", "hopeless-words", one.id, text)
        elif one.share > RARE_SHARE:
            text = (
                f"only what {one.share:.0%} of all write ({one.sure} people) is surely listed: more rho or a larger "
                "delta for the list, or fewer phrases a person, lower that"
            )
            yield Advice("warning", "rare-words", one.id, text)


def _few(table: "TableCheck", expects: Sequence[Expected]) -> Iterator[Advice]:
    everyone = table.agreed or table.everyone
    if everyone is not None and everyone.abstains:
        yield Advice("warning", "hopeless-table", table.id, "so much noise that even everyone is too few: leave it out")
        return
    losses = [
        loss
        for loss in _losses(table)
        if not any(one.concerns(loss.table, loss.dimension, loss.code) for one in expects)
    ]
    lost, wide, drowned = ([str(one.code) for one in losses if one.code_of == kind] for kind in LOSSES)
    if lost:
        text = f"groups {', '.join(lost)} will be too few for a private answer: join them with others, or raise quotas"
        yield Advice("warning", "hopeless-groups", table.id, text)
    if wide:
        text = f"groups {', '.join(wide)} will have margins over ten points ({table.smallest_group} people are needed)"
        yield Advice("warning", "wide-groups", table.id, text)
    if table.rows and all(row.hopeless for row in table.rows):
        yield Advice("warning", "hopeless-table", table.id, "every row will drown in noise: leave it out")
    elif drowned:
        text = f"rows {', '.join(drowned)} will drown in noise: take steps together, or give the table more weight"
        yield Advice("warning", "hopeless-rows", table.id, text)


def _losses(table: "TableCheck") -> Iterator[Loss]:
    """Yield the groups that are too few or have margins over ten points, and the rows that noise drowns."""
    for group in table.agreed_groups or table.groups:
        if group.group is not None and (group.abstains or group.total > USEFUL):
            kind = "hopeless-groups" if group.abstains else "wide-groups"
            yield Loss(table.id, "groups", kind, table.dimensions[1], group.group)
    for row in table.rows:
        if row.hopeless:
            yield Loss(table.id, "rows", "hopeless-rows", table.dimensions[0], row.code)


def _weights(table: "TableCheck") -> Iterator[Advice]:
    planned, weighted = table.weights, table.weighted
    if planned is not None and planned.lost:
        text = (
            f"weighting by {' and '.join(planned.by)} will say nothing, a class is lost in noise: give the table more "
            "rho, ask more people, use a dimension of fewer levels, or leave `weight_by` out"
        )
        yield Advice("warning", "weight-lost", table.id, text)
    elif planned is not None and _widens_too_much(planned.margin, table.agreed or table.everyone):
        text = (
            f"weighting by {' and '.join(planned.by)} makes the margin {100 * (planned.margin or 0):.0f} points, a "
            "class is small: give the table more rho, use fewer levels, or raise the quota of the smallest class"
        )
        yield Advice("warning", "weight-heavy", table.id, text)
    elif planned is not None and planned.joined:
        text = f"too few are expected in some classes, so {', '.join(planned.joined)} are weighted as one"
        if not planned.covers_population:
            text += ", and the margin will not hold what that leaves out: the report will not show the number large"
        yield Advice("suggestion", "weight-joined", table.id, text)
    if weighted is None:
        return
    if any(group.abstains for group in table.agreed_groups or table.groups):
        text = "weighting needs every group's total, and one is lost in noise: join classes before weighting"
        yield Advice("warning", "weight-lost", table.id, text)
    elif weighted.largest > HEAVY_WEIGHT or weighted.factor > WIDENED_MARGIN:
        text = (
            f"weighting gives group {weighted.group} {weighted.largest:.1f} times its share and makes the margin "
            f"{weighted.factor:.1f} times as wide ({100 * weighted.margin:.1f} points): raise its "
            "quota, join it with the next class, or trim"
        )
        yield Advice("warning", "weight-heavy", table.id, text)


def _widens_too_much(margin: float | None, everyone: Expectation | None) -> bool:
    """Whether weighting makes a useful margin useless."""
    return margin is not None and everyone is not None and margin > max(USEFUL, WIDENED_MARGIN * everyone.total)


def _contains(larger: "TableCheck", smaller: "TableCheck") -> bool:
    """Whether a larger table has all dimensions of a smaller one, both without a population."""
    whole = (
        not (larger.population or smaller.population)
        and larger.sensitivity_squared == smaller.sensitivity_squared == PLAIN_SENSITIVITY
    )
    return whole and set(smaller.dimensions) < set(larger.dimensions)
