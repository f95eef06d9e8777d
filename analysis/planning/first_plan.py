"""Writes a first plan from a questionnaire and the answers to expect, so that no plan has to be written by hand.

Decision 130.
"""

import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.budget.price import DEFAULT_TOTAL, DEFAULT_TOTAL_DELTA, delta_text
from analysis.planning.check import Outlook, check_table
from analysis.planning.expected_margins import USEFUL
from analysis.planning.phrase_lists import check_words
from analysis.planning.suggest import SuggestError, Target, suggest
from survey.plan.dimension import dimension, is_single_plain_answer
from survey.plan.plan import PhraseList, Plan, PlanTable, rho_text
from survey.questionnaire.questionnaire import Questionnaire
from survey.yaml_text import dump

FIRST_BUDGET = DEFAULT_TOTAL // 2
"""Half of the default lifetime budget, in nano-rho: another wave can spend as much."""
GROUPS = ("@stratum", "@locale")
"""What tables are crossed with where there are answers enough: the first of them for whose groups there are."""
FEW_WRITE = 0.2
"""A list of phrases is asked for where a phrase of this part of the people is sure to be listed."""
HEADER = """\
# A first plan: a table for each question and indicator, by group where there are answers enough. Take out what nobody
# needs: what is left is told more precisely then. `sotto plan check` says what each table will tell.
"""
OutlookOf = Callable[[Plan], Outlook]
"""What is expected of the fieldwork, by the tables of a plan."""


@dataclass(frozen=True)
class FirstPlan:
    """The plan, and the questions of which it has no table or list: noise would drown them, or the others with them."""

    plan: Plan
    left_out: tuple[str, ...]

    def text(self) -> str:
        """Return the plan as the YAML file that an author goes on with."""
        return f"{HEADER}{self._left_out()}\n{dump(_written(self.plan), flow_leaves=True)}"

    def _left_out(self) -> str:
        if not self.left_out:
            return ""
        said = f"Left out, for noise would drown them: {', '.join(self.left_out)}."
        return textwrap.fill(said, 119, initial_indent="# ", subsequent_indent="# ", break_long_words=False) + "\n"


def first_plan(
    questionnaire: Questionnaire, outlook_of: OutlookOf, nano_rho: int, targets: Sequence[Target] = ()
) -> FirstPlan:
    """
    Return a plan of the first wave with a table for each question and indicator, its budget split as `suggest` does.

    What is not told to ten points of everyone is left out, the widest margin first; a table is crossed with strata,
    else with languages, where every group is told to ten points too. Raises SuggestError where no table is left, and
    as `suggest` does.
    """
    draft = _Draft(questionnaire, outlook_of, nano_rho)
    names = draft.kept()
    lists = draft.lists(len(names))
    plan = draft.plan(draft.crossed(names, len(lists)), lists)
    prices = suggest(plan, questionnaire, outlook_of(plan), targets, nano_rho)
    tables = tuple(table.model_copy(update={"nano_rho": prices[table.id]}) for table in plan.tables)
    kept = {*names, *(one.item for one in lists)}
    left_out = tuple(name for name in (*_questions(questionnaire), *_phrases(questionnaire)) if name not in kept)
    return FirstPlan(plan.model_copy(update={"tables": tables}), left_out)


@dataclass(frozen=True)
class _Draft:
    questionnaire: Questionnaire
    outlook_of: OutlookOf
    nano_rho: int

    def kept(self) -> list[str]:
        """Return the questions that are told to ten points of everyone at the price that each of them then has."""
        spread = self._spread([*_questions(self.questionnaire)])
        while spread:
            price = self.nano_rho / len(spread)
            margins = {name: math.sqrt(sampling + noise / price) for name, (sampling, noise) in spread.items()}
            widest = max(margins, key=lambda name: margins[name])
            if margins[widest] <= USEFUL:
                return [*spread]
            del spread[widest]
        raise SuggestError(
            f"no table for rho = {rho_text(self.nano_rho)} would tell a share of one half to ten points: expect more "
            "answers (--n), or give a larger --rho"
        )

    def _spread(self, names: list[str]) -> dict[str, tuple[float, float]]:
        """Return of each question the squared margin of its sampling, and of its noise at the price of one nano-rho."""
        plan = self.plan({name: (name,) for name in names}, ())
        outlook, found = self.outlook_of(plan), {}
        for table in plan.tables:
            everyone = check_table(table, self.questionnaire, outlook).everyone
            if everyone is not None:
                noise = (everyone.total**2 - everyone.sampling**2) * table.nano_rho
                found[table.dimensions[0]] = (everyone.sampling**2, noise)
        return found

    def crossed(self, names: list[str], lists: int) -> dict[str, tuple[str, ...]]:
        """Return the dimensions of each question's table."""
        chosen: dict[str, tuple[str, ...]] = {}
        single = [name for name in names if is_single_plain_answer(name, self.questionnaire)]
        for group in GROUPS:
            left = [name for name in single if name not in chosen]
            if left and len(dimension(group, self.questionnaire).substantive) > 1:
                chosen |= self._crossed_with(group, left, len(names) + lists)
        return {name: chosen.get(name, (name,)) for name in names}

    def _crossed_with(self, group: str, names: list[str], number: int) -> dict[str, tuple[str, ...]]:
        """Return the tables of which every group, and everyone, is told to ten points at one of `number` prices."""
        plan = self.plan({name: (name, group) for name in names}, (), self.nano_rho // number)
        outlook, found = self.outlook_of(plan), {}
        for table in plan.tables:
            check = check_table(table, self.questionnaire, outlook)
            told = (check.everyone, *check.groups)
            if check.groups and all(one and one.total <= USEFUL and not one.abstains for one in told):
                found[table.dimensions[0]] = table.dimensions
        return found

    def lists(self, tables: int) -> tuple[PhraseList, ...]:
        """Return a list for each item of phrases, where what a fifth of the people write is sure to be listed."""
        items = [*_phrases(self.questionnaire)]
        price = self.nano_rho // (tables + len(items))
        delta = 10 ** math.floor(math.log10(DEFAULT_TOTAL_DELTA / (2 * max(len(items), 1))))
        lists = tuple(_list(number, name, price, delta) for number, name in enumerate(items, 1))
        plan = self.plan({}, lists)
        sure = {one.id: one.share for one in check_words(plan, self.questionnaire, self.outlook_of(plan).n)}
        return tuple(one for one in lists if sure[one.id] <= FEW_WRITE)

    def plan(
        self, tables: Mapping[str, tuple[str, ...]], lists: tuple[PhraseList, ...], price: int | None = None
    ) -> Plan:
        """Return a plan of these tables at one price."""
        each = price or self.nano_rho // max(len(tables) + len(lists), 1)
        return Plan.model_construct(
            format="sotto-plan-2",
            study=self.questionnaire.study,
            wave=1,
            parent=None,
            title="First plan",
            reason="A table for each question, before anybody was asked.",
            nano_rho=self.nano_rho,
            tables=tuple(_table(number, axes, each) for number, axes in enumerate(tables.values(), 1)),
            words=lists or None,
        ).compact()


def _questions(questionnaire: Questionnaire) -> Iterator[str]:
    """Yield what may be a table's first dimension, in the questionnaire's order: items, groups, indicators."""
    groups = {name: group.id for group in questionnaire.groups for name in group.items}
    asked = (item for item in questionnaire.items if item.coded or item.multi)
    yield from dict.fromkeys(groups.get(item.id, item.id) for item in asked)
    yield from questionnaire.derived_by_id


def _phrases(questionnaire: Questionnaire) -> Iterator[str]:
    return (item.id for item in questionnaire.items if item.phrase)


def _table(number: int, axes: tuple[str, ...], price: int) -> PlanTable:
    by = f" by {axes[1].removeprefix('@')}" if axes[1:] else ""
    return PlanTable(
        id=f"T{number:02}",
        dimensions=axes,
        population=None,
        nano_rho=max(price, 1),
        reason=f"What people say to {axes[0]}{by}.",
        hypotheses=(),
    )


def _list(number: int, item: str, price: int, delta: int) -> PhraseList:
    reason = f"What people write to {item}."
    return PhraseList(
        id=f"W{number:02}", item=item, nano_rho=max(price, 1), atto_delta=delta, reason=reason, hypotheses=()
    )


def _written(plan: Plan) -> dict[str, Any]:
    """Return a plan as it is authored: weights in place of prices, the least of them 1."""
    lists = plan.words or ()
    least = min([*(table.nano_rho for table in plan.tables), *(one.nano_rho for one in lists)])
    head = {"study": plan.study, "wave": plan.wave, "title": plan.title, "reason": plan.reason}
    tables = [
        {"id": table.id, "dimensions": [*table.dimensions], "weight": _weight(table.nano_rho, least)}
        | {"reason": table.reason}
        for table in plan.tables
    ]
    words = [
        {"id": one.id, "item": one.item, "weight": _weight(one.nano_rho, least), "delta": delta_text(one.atto_delta)}
        | {"reason": one.reason}
        for one in lists
    ]
    return head | {"rho": rho_text(plan.nano_rho), "tables": tables} | ({"words": words} if words else {})


def _weight(price: int, least: int) -> int | str:
    """Return a weight that an author can read: a whole number, or a quoted decimal of two places."""
    weight = round(price / least, 2)
    return int(weight) if weight.is_integer() else str(weight)
