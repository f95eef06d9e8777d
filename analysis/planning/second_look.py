"""What a person should see before a plan is paid for, which cannot be taken back; public numbers alone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from analysis.budget.price import delta_text
from analysis.planning.check import Funds, Outlook, check_tables
from analysis.planning.expected_margins import Expectation, ExpectedRow
from analysis.planning.table_check import TableCheck
from survey.plan.plan import Expected, Plan, rho_text
from survey.questionnaire.questionnaire import Questionnaire

FEW_SILENT = 0.1
"""The part of a plan's groups that may be too few for a private answer before a person is asked."""
FEW_DROWNED = 0.5
"""The part of its rows that may drown in noise."""


@dataclass(frozen=True)
class Standing:
    """What is known of a plan when its release is asked for.

    `registered`: in the study folder. `late`: the box does not name it.
    """

    registered: bool
    late: bool


def release_doubts(
    plan: Plan, questionnaire: Questionnaire, standing: Standing, outlook: Outlook, funds: Funds
) -> tuple[str, ...]:
    """Return, each in a sentence, why a person should look before `plan` is released; empty where nothing is odd.

    `outlook` is that of `sotto plan check`, with the box's count as its n, and `funds` are without `plan` itself.
    """
    tables = check_tables(plan, questionnaire, outlook)
    return (*_registration(standing), *_fit(plan, tables, outlook), *_price(plan, funds), *_others(plan, funds))


def commitment_note(plan: Plan, funds: Funds) -> str | None:
    """Return what other registered plans still need and what `plan` leaves them; None where there are none."""
    if not funds.committed.plans:
        return None
    rest = rho_text(max(funds.total - funds.spent - plan.nano_rho, 0))
    return (
        f"other registered plans are not paid yet and need rho {rho_text(funds.committed.nano_rho)} of the {rest} that "
        f"is left after this one: {funds.committed}"
    )


def _registration(standing: Standing) -> Iterator[str]:
    if not standing.registered:
        yield (
            "the plan is not registered: this registers it today, for ever, and nothing shows that it was decided "
            "before the answers came. See that it is the right file; `sotto plan register` is the way to decide one"
        )
    if standing.late:
        yield "the box does not name the plan, so every release of it says for ever that it came late"


def _fit(plan: Plan, tables: tuple[TableCheck, ...], outlook: Outlook) -> Iterator[str]:
    expects = plan.expects or ()
    groups = [one for table in tables for one in _groups(table, expects)]
    everyone = [one for one in (table.agreed or table.everyone for table in tables) if one is not None]
    rows = [row for table in tables for row in _rows(table, expects)]
    silent, lost = sum(group.abstains for group in groups), sum(one.abstains for one in everyone)
    drowned = sum(row.hopeless for row in rows)
    count, remedy = outlook.n, _remedy(outlook)
    if lost:
        yield f"at {count} records {lost} of {len(everyone)} tables will say nothing even of everyone: {remedy}"
    if silent > FEW_SILENT * len(groups):
        yield f"at {count} records {silent} of {len(groups)} groups will be too few for an answer: {remedy}"
    elif drowned > FEW_DROWNED * len(rows):
        yield f"at {count} records {drowned} of {len(rows)} rows will drown in noise: {remedy}"


def _groups(table: TableCheck, expects: Collection[Expected]) -> list[Expectation]:
    """Return the groups of a table but for those that the plan expects to lose."""
    groups = table.agreed_groups or table.groups
    known = [one for one in expects if len(table.dimensions) > 1]
    return [
        group
        for group in groups
        if not any(one.concerns(table.id, table.dimensions[1], group.group or 0) for one in known)
    ]


def _rows(table: TableCheck, expects: Collection[Expected]) -> list[ExpectedRow]:
    first = table.dimensions[0]
    return [row for row in table.rows if not any(one.concerns(table.id, first, row.code) for one in expects)]


def _remedy(outlook: Outlook) -> str:
    fewer = "names them; a plan with fewer tables says more"
    if outlook.priors is not None:
        return f"`sotto plan check --n {outlook.n}` with the same --priors {fewer}"
    return (
        f"`sotto plan check --n {outlook.n}` {fewer}. All groups are taken as equal and everybody as asked: --priors "
        "says what to expect instead"
    )


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


def _others(plan: Plan, funds: Funds) -> Iterator[str]:
    """Say where this plan takes what others need: registered where a ledger of more was, or from a restored copy."""
    others = funds.committed
    if others.plans and (plan.nano_rho > funds.left or plan.atto_delta > funds.left_delta):
        yield (
            f"once it is paid the other registered plans cannot all be: they need rho {rho_text(others.nano_rho)} and "
            f"delta {delta_text(others.atto_delta)} ({others})"
        )
