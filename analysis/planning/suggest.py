"""Splits a plan's budget: named tables reach named margins, and what is left makes the sum of variances smallest."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.budget.price import NANO, delta_text, sigma_for
from analysis.planning.check import Outlook, everyone_noise, group_noise, groups_of
from analysis.planning.expected_margins import Noise
from analysis.planning.expected_shares import Shares, asked, equal_shares, groups
from analysis.study.folder import StudyError
from survey.plan.plan import Plan, PlanTable, Shape, dimensions, rho_text
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.reliability import Z95

ROUNDS = 200


class SuggestError(StudyError):
    """Margins that no split of the budget reaches, or that name no table; the message says what would."""


@dataclass(frozen=True)
class Target:
    """A margin to reach, as a share of 1: in a table for everyone, or in each of its groups."""

    table: str
    in_groups: bool
    margin: float


@dataclass(frozen=True)
class Asked:
    """What rho does for one table: its share of one half then has a variance of `coarse / rho` from noise.

    `least` is the rho under which its target is missed, `weight` what its variance counts against the others'.
    """

    id: str
    coarse: float
    least: float
    weight: float


def read_targets(written: Sequence[str]) -> list[Target]:
    """Return targets from texts such as "T02=5" or "T02.groups=8" (points); raise SuggestError naming a wrong one."""
    targets = []
    for text in written:
        match = re.fullmatch(r"([A-Z][A-Z0-9_]*)(\.groups)?=([0-9]{1,2}(?:\.[0-9]+)?)", text)
        if match is None or float(match[3]) <= 0:
            raise SuggestError(f"{text} is not a target: write a table and its margin in points, T02=5 or T02.groups=8")
        targets.append(Target(match[1], match[2] is not None, float(match[3]) / 100))
    return targets


def suggest(
    plan: Plan, questionnaire: Questionnaire, outlook: Outlook, targets: Sequence[Target], nano_rho: int
) -> dict[str, int]:
    """Return each table's nano-rho, together at most `nano_rho` less what the plan's lists of words cost.

    Minimises `sum weight * coarse / rho` with `rho >= least`: without bounds rho is proportional to
    `sqrt(weight * coarse)` (Lagrange), with them every table not at its bound keeps that proportion. A table's weight
    is what the plan gives it now: say there what matters more. Raises SuggestError where targets cost too much.
    """
    unknown = {target.table for target in targets} - {table.id for table in plan.tables}
    if unknown:
        raise SuggestError(f"the plan has no table {', '.join(sorted(unknown))}")
    wishes = [_asked(table, table.nano_rho / plan.nano_rho, questionnaire, outlook, targets) for table in plan.tables]
    nano_rho -= sum(one.nano_rho for one in plan.words or ())
    if nano_rho <= 0:
        raise SuggestError("the lists of words cost all of this rho: give the plan more, or the lists less")
    needed = sum(wish.least for wish in wishes)
    if needed * NANO > nano_rho:
        costs = ", ".join(f"{wish.id} {wish.least:.4f}" for wish in wishes if wish.least)
        raise SuggestError(
            f"these targets need rho = {needed:.4f} ({costs}) and there is {rho_text(nano_rho)}: "
            "widen a margin, ask for more answers, or take a table out"
        )
    return {name: math.floor(rho * NANO) for name, rho in allocate(wishes, nano_rho / NANO).items()}


# Decision 29.
def allocate(wishes: Sequence[Asked], total: float) -> dict[str, float]:
    """Return `rho = max(least, scale * sqrt(weight * coarse))` with the scale at which all together is `total`."""
    wanted = {wish.id: math.sqrt(wish.weight * wish.coarse) for wish in wishes}
    low, high = 0.0, total / max(min(value for value in wanted.values()), 1e-300)
    for _ in range(ROUNDS):
        scale = (low + high) / 2
        spent = sum(max(wish.least, scale * wanted[wish.id]) for wish in wishes)
        low, high = (low, scale) if spent > total else (scale, high)
    return {wish.id: max(wish.least, low * wanted[wish.id]) for wish in wishes}


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
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    written = {name: value for name, value in written.items() if value is not None}
    tables = [table | {"weight": prices[table["id"]]} for table in written["tables"]]
    lists = {one.id: one.nano_rho for one in plan.words or ()}
    rho = rho_text(sum(prices.values()) + sum(lists.values()))
    whole = written | {"rho": rho, "tables": tables}
    if lists:
        whole |= {"words": [_list(one, lists[one["id"]]) for one in written["words"]]}
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=110)


def _list(one: dict[str, Any], nano_rho: int) -> dict[str, Any]:
    """Return a list of words as it is authored, at its own price."""
    delta = {"delta": delta_text(one["atto_delta"])} if "atto_delta" in one else {}
    return (
        {key: value for key, value in one.items() if key not in {"nano_rho", "atto_delta"}}
        | delta
        | {"weight": nano_rho}
    )


def _asked(
    table: PlanTable, share: float, questionnaire: Questionnaire, outlook: Outlook, targets: Sequence[Target]
) -> Asked:
    """Return what the table's rho does, among everyone or else in its smallest group."""
    shape = dimensions(table, questionnaire)
    places = _places(shape, _shares(table, shape, outlook), outlook.n)
    least = 0.0
    for target in (one for one in targets if one.table == table.id):
        place = places[target.in_groups]
        if place is None:
            raise SuggestError(f"table {table.id} tells nothing of {'groups' if target.in_groups else 'everyone'}")
        least = max(least, _least(target, *place, outlook.deff))
    noise, n = places[False] or places[True] or (group_noise(shape, 1.0), float(outlook.n))
    return Asked(table.id, noise.of_share(0.5) / max(n, 1.0) ** 2, least, share)


def _shares(table: PlanTable, shape: Shape, outlook: Outlook) -> Shares:
    given = (outlook.priors or {}).get(table.id)
    return equal_shares(shape, outlook.groups or {}) if given is None else given


def _places(shape: Shape, shares: Shares, n: int) -> dict[bool, tuple[Noise, float] | None]:
    """Return noise at rho = 1 and people: of everyone (False) and of the smallest group (True), None where untold."""
    unit = sigma_for(NANO, shape.sensitivity_squared)
    everyone, told = everyone_noise(shape, unit), bool(groups_of(shape, unit, shares, Outlook(n)))
    smallest = n * min(groups(shape, shares).values()) if told else 0.0
    whole = None if everyone is None else (everyone, n * asked(shape, shares))
    return {False: whole, True: (group_noise(shape, unit), smallest) if told else None}


def _least(target: Target, noise: Noise, n: float, deff: float) -> float:
    """Return the least rho for a margin: `noise / (n^2 ((margin / z)^2 - deff / 4n))`."""
    room = (target.margin / Z95) ** 2 - deff * 0.25 / max(n, 1e-9)
    if room <= 0:
        enough = math.ceil(deff * 0.25 / (target.margin / Z95) ** 2) + 1
        raise SuggestError(
            f"{target.table}: sampling alone misses {100 * target.margin:g} points among {n:.0f} people: more than "
            f"{enough} are needed there, whatever the budget"
        )
    return noise.of_share(0.5) / (n**2 * room)
