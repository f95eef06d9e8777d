"""What a study has spent of its lifetime budget, as its releases say, and what its plans would spend. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, dimensions, rho_text
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.release import Release
from survey.release.reliability import Z95


@dataclass(frozen=True)
class PublishedDebit:
    """One debit: `release` is its hash, "" where no release that is published here accounts for it; rho as text."""

    release: str
    wave: int | None
    day: str
    cost: str
    spent: str
    left: str


@dataclass(frozen=True)
class PlannedTable:
    """One table or list of words that a plan would buy: its price, the noise of each of its numbers, in records."""

    id: str
    about: str
    rho: str
    sigma: float
    margin: float


@dataclass(frozen=True)
class PlannedCost:
    """A registered plan that no release has paid for; `left` is None where it costs more than is left."""

    hash: str
    title: str
    wave: int
    cost: str
    left: str | None
    tables: tuple[PlannedTable, ...]


@dataclass(frozen=True)
class Spending:
    """A study's budget in rho as text, and in whole nano-rho; `total` is 0 before the first wave announced one."""

    total: int
    spent: int
    debits: tuple[PublishedDebit, ...]
    plans: tuple[PlannedCost, ...]

    @property
    def part(self) -> float:
        """The part of the budget that is spent."""
        return self.spent / self.total if self.total else 0.0

    @property
    def words(self) -> tuple[str, str, str]:
        """The whole, what is spent and what is left, in rho."""
        return rho_text(self.total), rho_text(self.spent), rho_text(max(self.total - self.spent, 0))


def spending(
    total: int, releases: Iterable[tuple[str, Release]], plans: Sequence[Plan], questionnaire: Questionnaire
) -> Spending:
    """
    Return the spending of a study with a budget of `total` nano-rho: releases by their hashes, plans without a release.

    Plans are judged by themselves, each beside what is spent already.
    """
    ordered = sorted(releases, key=lambda one: one[1].ledger.sequence)
    debits = tuple(_debits(ordered, total))
    spent = ordered[-1][1].budget.spent if ordered else 0
    return Spending(total, spent, debits, tuple(_planned(plan, total - spent, questionnaire) for plan in plans))


def _debits(ordered: Sequence[tuple[str, Release]], total: int) -> Iterable[PublishedDebit]:
    """Yield each release's debit, and before it what was spent since the one before by releases that are not here."""
    spent = 0
    for name, release in ordered:
        budget = release.budget
        if elsewhere := budget.spent - budget.cost - spent:
            before = budget.spent - budget.cost
            yield PublishedDebit("", None, "", rho_text(elsewhere), rho_text(before), rho_text(total - before))
        spent = budget.spent
        words = (rho_text(one) for one in (budget.cost, spent, total - spent))
        yield PublishedDebit(name, release.wave, release.day, *words)


def _planned(plan: Plan, left: int, questionnaire: Questionnaire) -> PlannedCost:
    after = left - plan.nano_rho
    tables = [_table(plan, index, questionnaire) for index in range(len(plan.tables))]
    tables += [
        _noise(one.id, one.item, one.nano_rho, 2 * (questionnaire.item(one.item).count or 1))
        for one in plan.words or ()
    ]
    cost, remaining = rho_text(plan.nano_rho), None if after < 0 else rho_text(after)
    return PlannedCost(plan.digest, plan.title, plan.wave, cost, remaining, tuple(tables))


def _table(plan: Plan, index: int, questionnaire: Questionnaire) -> PlannedTable:
    table = plan.tables[index]
    moved = dimensions(table, questionnaire).sensitivity_squared
    return _noise(table.id, " × ".join(table.dimensions), table.nano_rho, moved)


def _noise(name: str, about: str, nano_rho: int, sensitivity_squared: int) -> PlannedTable:
    sigma = sigma_for(nano_rho, sensitivity_squared)
    return PlannedTable(name, about, rho_text(nano_rho), sigma, Z95 * sigma)
