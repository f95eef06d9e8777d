"""What a person at the terminal sees of a plan before it is registered: prices, margins to expect, what to mend."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.plan_check import PlanCheck, TableCheck
from survey.plan import rho_text

LOUD = "LOUD BUDGET: above rho = 0.5 the promise to respondents is weak; say so to them."


def plan(checked: PlanCheck) -> None:
    """Show a plan's prices, the margins to expect, and advice."""
    out = Console(highlight=False)
    deff = f", sampling design effect {checked.deff:g}" if checked.deff != 1 else ""
    out.print(f"Expecting {checked.n} readable responses{deff}; 95 % margins of a share of 50 %, in points")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("table", "sigma", "rho", "all", "(sampl.)", "deff", "n eff", "groups", "n for 10"):
        table.add_column(name, justify="left" if name == "table" else "right", overflow="fold")
    for priced in checked.tables:
        table.add_row(*_row(priced))
    out.print(table)
    out.print(
        "groups: best to worst margin by the second dimension; n for 10: smallest group with a margin under ten points"
    )
    _advice(out, checked)
    _cost(out, checked)


def _advice(out: Console, checked: PlanCheck) -> None:
    for advice in checked.advice:
        colour = "yellow" if advice.kind == "warning" else "cyan"
        place = f"{advice.table}: " if advice.table else ""
        out.print(f"[{colour}]{advice.kind}[/]  {escape(place + advice.told)}")


def _cost(out: Console, checked: PlanCheck) -> None:
    epsilon = ", ".join(f"{value} at {delta}" for delta, value in checked.epsilon.items())
    out.print(f"This plan: rho {rho_text(checked.cost)}; left: {rho_text(checked.left)} of {rho_text(checked.total)}")
    out.print(f"Epsilon of all that will be spent then: {epsilon}")
    if checked.loud:
        out.print(f"[bold red]{LOUD}[/]")
    if not checked.affordable:
        out.print("[bold red]More than is left: ask fewer tables or a smaller rho.[/]")


def _row(priced: TableCheck) -> list[str]:
    name = f"{priced.id} {' x '.join(priced.dimensions)}"
    everyone = ["-"] * 4
    if priced.everyone is not None:
        effect = priced.everyone.design_effect, priced.everyone.effective_n
        everyone = [_points(priced.everyone.total), f"({_points(priced.everyone.sampling)})"]
        everyone += [f"{effect[0]:.2f}", f"{effect[1]:.0f}"]
    margins = sorted(group.total for group in priced.groups if not group.abstains)
    groups = f"{_points(margins[0])}-{_points(margins[-1])}" if margins else "-"
    if margins and margins[0] == margins[-1]:
        groups = _points(margins[0])
    return [name, f"{priced.sigma:.1f}", rho_text(priced.nano_rho)[:7], *everyone, groups, str(priced.smallest_group)]


def _points(share: float) -> str:
    return f"{100 * share:.1f}" if share < 1 else ">99"
