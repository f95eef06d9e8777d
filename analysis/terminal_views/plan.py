"""A plan on the terminal before it is registered: prices, expected margins, advice."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.budget.price import delta_text
from analysis.planning.check import PlanCheck
from analysis.planning.findings_check import FindingsCheck
from analysis.planning.table_check import TableCheck
from analysis.planning.weighting import WeightsCheck
from analysis.terminal_views.findings import findings
from survey.plan.plan import rho_text
from survey.release.epsilon_text import epsilon_text

COLUMNS = ("table", "sigma", "rho", "all", "alone", "(sampl.)", "deff", "n eff", "groups", "n for 10")
ROOMY, WIDE = {"(sampl.)", "n for 10"}, 100
"""Columns that are shown only on a terminal of a hundred columns or more; `--json` has all."""
LEGEND = {
    "all": "all: everyone, once all tables agree",
    "alone": "alone: from this table",
    "(sampl.)": "(sampl.): sampling without noise",
    "deff": "deff, n eff: what this table's noise costs",
    "groups": "groups: best to worst of the second dimension",
    "n for 10": "n for 10: smallest group with ten points",
}
COLOURS = {"warning": "yellow", "suggestion": "cyan", "expected": "dim"}
LOUD = "LOUD BUDGET: above rho = 0.5 the promise to respondents is weak; say so to them."


def plan(checked: PlanCheck, limits: Sequence[str] = (), compared: FindingsCheck | None = None) -> None:
    """Show a plan's prices, margins to expect, advice, ids that a format will hold otherwise, and hypotheses."""
    out = Console(highlight=False)
    deff = f", sampling design effect {checked.deff:g}" if checked.deff != 1 else ""
    out.print(f"Expecting {checked.n:,} readable responses{deff}; 95 % margins of a share of 50 %, in points")
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns_shown = [index for index, name in enumerate(COLUMNS) if out.width >= WIDE or name not in ROOMY]
    for name in (COLUMNS[index] for index in columns_shown):
        table.add_column(name, justify="left" if name == "table" else "right", overflow="fold", no_wrap=name != "table")
    for priced in checked.tables:
        cells = _row(priced)
        table.add_row(*(cells[index] for index in columns_shown))
    out.print(table)
    out.print("; ".join(explanation for name, explanation in LEGEND.items() if COLUMNS.index(name) in columns_shown))
    _words(out, checked)
    for priced in checked.tables:
        if priced.weights is not None:
            weights(out, priced.id, priced.weights)
    _advice(out, checked)
    for limit in limits:
        out.print(f"[cyan]exports[/]  {escape(limit)}", soft_wrap=True)
    if compared is not None:
        findings(out, compared)
    _cost(out, checked)


def _words(out: Console, checked: PlanCheck) -> None:
    for words in checked.words:
        price = f"rho {rho_text(words.nano_rho)}, delta {delta_text(words.atto_delta)}, sigma {words.sigma:.1f}"
        out.print(
            f"[bold]{words.id}[/] words of {words.item}: {price}; listed from a noisy number of {words.threshold} on, "
            f"surely what {words.sure:,} people write ({words.share:.1%} of all)"
        )


def weights(out: Console, table: str, planned: WeightsCheck) -> None:
    """Show the margin that weighting a table will have and what it will not hold; nothing where it will abstain."""
    if planned.margin is None:
        return
    by, widest = " and ".join(planned.by), _points(planned.margin)
    left = "" if planned.covers_population else ", without what joined classes and cut weights leave out"
    cost = f", as if {planned.design_effect:.1f} times fewer had answered" if planned.design_effect else ""
    out.print(f"[bold]{table}[/] weighted by {by}: margin up to {widest} points{left}{cost}")


def _advice(out: Console, checked: PlanCheck) -> None:
    for advice in checked.advice:
        colour = COLOURS[advice.kind]
        prefix = f"{advice.table}: " if advice.table else ""
        out.print(f"[{colour}]{advice.kind}[/]  {escape(prefix + advice.message)}")


def _cost(out: Console, checked: PlanCheck) -> None:
    left = f"{rho_text(checked.left)} of {rho_text(checked.total)}"
    if checked.committed:
        left += f", without the {rho_text(checked.committed)} that other registered plans need"
    out.print(f"This plan: rho {rho_text(checked.cost)}; left: {left}", soft_wrap=True)
    if checked.words:
        out.print(f"and delta {delta_text(checked.atto_delta)}; left: {delta_text(checked.left_delta)}")
    out.print(f"Epsilon of all that will be spent then: {epsilon_text((checked.curve, checked.epsilon))}")
    if checked.has_large_budget:
        out.print(f"[bold red]{LOUD}[/]")
    if not checked.affordable:
        out.print("[bold red]More than is left: ask fewer tables, or pay less for them.[/]")


def _row(priced: TableCheck) -> list[str]:
    name = f"{priced.id} {' x '.join(priced.dimensions)}"
    everyone = ["-"] * 5
    if priced.everyone is not None:
        effect = priced.everyone.design_effect, priced.everyone.effective_n
        agreed = "-" if priced.agreed is None else _points(priced.agreed.total)
        everyone = [agreed, _points(priced.everyone.total), f"({_points(priced.everyone.sampling)})"]
        everyone += [f"{effect[0]:.2f}", f"{effect[1]:.0f}"]
    inside = priced.agreed_groups or priced.groups
    margins = sorted(group.total for group in inside if not group.abstains)
    groups = f"{_points(margins[0])}-{_points(margins[-1])}" if margins else "-"
    if margins and margins[0] == margins[-1]:
        groups = _points(margins[0])
    return [name, f"{priced.sigma:.1f}", rho_text(priced.nano_rho)[:7], *everyone, groups, str(priced.smallest_group)]


def _points(share: float) -> str:
    return f"{100 * share:.1f}" if share < 1 else ">99"
