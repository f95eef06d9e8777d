"""What a person should see before a plan is paid for, which cannot be taken back; public numbers alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.budget.price import delta_text
from analysis.planning.check import Funds, Outlook, check_tables
from analysis.planning.table_check import TableCheck
from survey.plan.plan import Plan, rho_text
from survey.questionnaire.questionnaire import Questionnaire

FEW_SILENT = 0.1
"""The part of a plan's groups that may be too few for a private answer before a person is asked."""
FEW_DROWNED = 0.5
"""The part of its rows that may drown in noise."""


@dataclass(frozen=True)
class Standing:
    """What is known of a plan when its release is asked for.

    `count`: records of the box. `registered`: in the study folder. `late`: the box does not name it.
    """

    count: int
    registered: bool
    late: bool


def release_doubts(plan: Plan, questionnaire: Questionnaire, standing: Standing, funds: Funds) -> tuple[str, ...]:
    """Return, each in a sentence, why a person should look before `plan` is released; empty where nothing is odd."""
    tables = check_tables(plan, questionnaire, Outlook(standing.count))
    return (*_registration(standing), *_fit(tables, standing.count), *_price(plan, funds))


def _registration(standing: Standing) -> Iterator[str]:
    if not standing.registered:
        yield (
            "the plan is not registered: this registers it today, for ever, and nothing shows that it was decided "
            "before the answers came. See that it is the right file; `sotto plan register` is the way to decide one"
        )
    if standing.late:
        yield "the box does not name the plan, so every release of it says for ever that it came late"


def _fit(tables: tuple[TableCheck, ...], count: int) -> Iterator[str]:
    groups = [group for table in tables for group in table.agreed_groups or table.groups]
    everyone = [one for one in (table.agreed or table.everyone for table in tables) if one is not None]
    rows = [row for table in tables for row in table.rows]
    silent, lost = sum(group.abstains for group in groups), sum(one.abstains for one in everyone)
    drowned = sum(row.hopeless for row in rows)
    remedy = f"`sotto plan check --n {count}` names them; a plan with fewer tables says more"
    if lost:
        yield f"at {count} records {lost} of {len(everyone)} tables will say nothing even of everyone: {remedy}"
    if silent > FEW_SILENT * len(groups):
        yield f"at {count} records {silent} of {len(groups)} groups will be too few for an answer: {remedy}"
    elif drowned > FEW_DROWNED * len(rows):
        yield f"at {count} records {drowned} of {len(rows)} rows will drown in noise: {remedy}"


def _price(plan: Plan, funds: Funds) -> Iterator[str]:
    if 2 * plan.nano_rho > funds.total:
        yield (
            f"the plan costs rho {rho_text(plan.nano_rho)} of the {rho_text(funds.total)} that the study has in its "
            f"whole life, more than half ({rho_text(funds.total - funds.spent)} is left), and nothing is refunded"
        )
    if 2 * plan.atto_delta > funds.total_delta:
        yield (
            f"its lists of words cost delta {delta_text(plan.atto_delta)} of the {delta_text(funds.total_delta)} that "
            "the study has in its whole life, more than half"
        )
