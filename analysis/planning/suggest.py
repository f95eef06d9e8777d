"""Splits a plan's budget: given tables reach given margins, and the rest minimises the sum of variances."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.budget.price import delta_text
from analysis.planning.agreed_variances import Agreement, agreement, cell_weights, share_weights
from analysis.planning.check import Outlook, groups_of
from analysis.planning.expected_shares import described, groups
from analysis.planning.split import SplitProblem, best_split, cheapest_split
from analysis.study.folder import StudyError
from survey.plan.plan import Plan, PlanTable, dimensions, rho_text
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.reliability import Z95
from survey.yaml_text import dump, load

MIN_NAMED_PART = 0.01
"""A refusal names the tables that need at least this part of the targets' price."""


Array = NDArray[np.float64]


class SuggestError(StudyError):
    """Targets that no split of the budget reaches, or of unknown tables; the message says what to change."""


@dataclass(frozen=True)
class Target:
    """A margin to reach, as a share of 1: in a table for everyone, or in each of its groups."""

    table: str
    in_groups: bool
    margin: float


def read_targets(written: Sequence[str]) -> list[Target]:
    """Return targets from texts such as "T02=5" or "T02.groups=8" (points); raise SuggestError naming a wrong one."""
    targets = []
    for text in written:
        match = re.fullmatch(r"([A-Z][A-Z0-9_]*)(\.groups)?=([0-9]{1,2}(?:\.[0-9]+)?)", text)
        if match is None or float(match[3]) <= 0:
            raise SuggestError(f"{text} is not a target: write a table and its margin in points, T02=5 or T02.groups=8")
        targets.append(Target(match[1], match[2] is not None, float(match[3]) / 100))
    return targets


# Decision 82.
def suggest(
    plan: Plan, questionnaire: Questionnaire, outlook: Outlook, targets: Sequence[Target], nano_rho: int
) -> dict[str, int]:
    """Return each table's nano-rho, together at most `nano_rho` less what the plan's lists of words cost.

    Minimises the sum of the tables' variances once all agree, each counted by the part of rho that the plan gives it
    now (say there what matters more), where the targets are met: the noise of a share of one half, for everyone or else
    in the smallest group. Raises SuggestError where targets cost too much.
    """
    unknown = {target.table for target in targets} - {table.id for table in plan.tables}
    if unknown:
        raise SuggestError(f"the plan has no table {', '.join(sorted(unknown))}")
    nano_rho -= sum(phrase_list.nano_rho for phrase_list in plan.words or ())
    if nano_rho <= 0:
        raise SuggestError("the lists of words cost all of this rho: give the plan more, or the lists less")
    problem = split_problem(plan, questionnaire, outlook, targets)
    if targets:
        _refuse_unaffordable(plan, cheapest_split(problem), nano_rho)
    rho = best_split(problem, nano_rho / NANO_RHO)
    prices = (max(math.floor(part * NANO_RHO), 1) for part in rho)
    return {table.id: price for table, price in zip(plan.tables, prices, strict=True)}


def split_problem(
    plan: Plan, questionnaire: Questionnaire, outlook: Outlook, targets: Sequence[Target]
) -> SplitProblem:
    """Return the objective and the limits; raise SuggestError for a target that no budget reaches."""
    agreed = agreement(plan, questionnaire, outlook.n)
    places = {table.id: _Estimands.of(agreed, table, questionnaire, outlook) for table in plan.tables}
    objective = sum(
        (table.nano_rho / plan.nano_rho * places[table.id].variance for table in plan.tables),
        start=np.zeros(agreed.number),
    )
    limits = [places[target.table].limit(target, outlook.deff) for target in targets]
    return SplitProblem(agreed.variances, objective, np.array(limits).reshape(len(targets), agreed.number))


def _refuse_unaffordable(plan: Plan, cheapest: Array, nano_rho: int) -> None:
    needed = float(cheapest.sum())
    if needed * NANO_RHO <= nano_rho:
        return
    shown = math.ceil(1e4 * needed) / 1e4
    parts = sorted(zip(cheapest, (table.id for table in plan.tables), strict=True), reverse=True)
    costs = ", ".join(f"{name} {part:.4f}" for part, name in parts if part > MIN_NAMED_PART * needed)
    raise SuggestError(
        f"these targets need rho = {shown:.4f} ({costs}) and there is {rho_text(nano_rho)}: "
        "widen a margin, ask for more answers, or take a table out"
    )


def authored(path: Path, plan: Plan, prices: Mapping[str, int]) -> str:
    """Return the plan in `path` as YAML with these prices: a weight for each table in billionths of rho."""
    if path.suffix == ".json" and plan.margins is not None:
        raise SuggestError("a compiled plan holds its margins within: name the YAML file that it was compiled from")
    if path.suffix == ".json":
        written: dict[str, Any] = {name: value for name, value in plan.to_json().items() if name != "format"}
        del written["nano_rho"]
        written["tables"] = [
            {name: value for name, value in table.items() if name != "nano_rho" and value is not None}
            for table in written["tables"]
        ]
    else:
        written = load(path.read_text(encoding="utf-8"))
    written = {name: value for name, value in written.items() if value is not None}
    tables = [table | {"weight": prices[table["id"]]} for table in written["tables"]]
    lists = {one.id: one.nano_rho for one in plan.words or ()}
    rho = rho_text(sum(prices.values()) + sum(lists.values()))
    whole = written | {"rho": rho, "tables": tables}
    if lists:
        whole |= {"words": [_list(one, lists[one["id"]]) for one in written["words"]]}
    return dump(whole)


def _list(one: dict[str, Any], nano_rho: int) -> dict[str, Any]:
    """Return a list of words as it is authored, at its own price."""
    delta = {"delta": delta_text(one["atto_delta"])} if "atto_delta" in one else {}
    return (
        {key: value for key, value in one.items() if key not in {"nano_rho", "atto_delta"}}
        | delta
        | {"weight": nano_rho}
    )


@dataclass(frozen=True)
class _Estimand:
    """A share of one half in a group: the weights of all variances in its noise, and the group's expected size."""

    weights: Array
    n: float

    @property
    def variance(self) -> Array:
        """The weights of all variances in the variance of that share."""
        return self.weights / max(self.n, 1.0) ** 2


@dataclass(frozen=True)
class _Estimands:
    """Everyone and the smallest group of a table, None where they are not estimated; `cell`: a readable cell."""

    id: str
    everyone: _Estimand | None
    group: _Estimand | None
    cell: _Estimand

    @classmethod
    def of(cls, agreed: Agreement, table: PlanTable, questionnaire: Questionnaire, outlook: Outlook) -> Self:
        """Return the estimands of a table, with variances as functions of the rho of all tables."""
        shape = dimensions(table, questionnaire)
        shares = outlook.shares(table, shape)
        has_groups = bool(groups_of(shape, 1.0, shares, outlook))
        everyone = share_weights(agreed, table.id, None)
        sizes = {code: outlook.n * part for code, part in groups(shape, shares).items()} if has_groups else {}
        smallest = min(sizes, key=lambda code: sizes[code], default=None)
        inside = None if smallest is None else share_weights(agreed, table.id, smallest)
        return cls(
            table.id,
            None if everyone is None else _Estimand(everyone, outlook.n * described(shape, shares)),
            None if smallest is None or inside is None else _Estimand(inside, sizes[smallest]),
            _Estimand(cell_weights(agreed, table.id), float(outlook.n)),
        )

    @property
    def variance(self) -> Array:
        """The weights of all variances in the estimand that the objective counts for this table."""
        return (self.everyone or self.group or self.cell).variance

    def limit(self, target: Target, deff: float) -> Array:
        """Return the weights of all variances in a sum that is at most 1 where the target is met.

        A margin is `z sqrt(deff / 4n + noise / n^2)`, so the noise of the share may be `(margin / z)^2 - deff / 4n`.
        """
        place = self.group if target.in_groups else self.everyone
        if place is None:
            raise SuggestError(f"table {self.id} tells nothing of {'groups' if target.in_groups else 'everyone'}")
        room = (target.margin / Z95) ** 2 - deff * 0.25 / max(place.n, 1e-9)
        if room <= 0:
            enough = math.ceil(deff * 0.25 / (target.margin / Z95) ** 2) + 1
            raise SuggestError(
                f"{target.table}: sampling alone misses {100 * target.margin:g} points among {place.n:.0f} people: "
                f"more than {enough} are needed there, whatever the budget"
            )
        return place.variance / room
