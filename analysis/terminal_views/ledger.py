"""A ledger on the terminal: every debit with its result, and the remaining budget."""

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.budget.price import LOUD_TOTAL, delta_text
from analysis.study.ledger_report import LedgerReport
from survey.plan.plan import rho_text
from survey.release.budget import Delta
from survey.release.epsilon_text import epsilon_text

LOST = "[bold red]spent, result lost[/]"


def entries(report: LedgerReport, epsilons: tuple[Mapping[Delta, float], Mapping[Delta, float]]) -> None:
    """Show the budget, every debit and the head."""
    out = Console(highlight=False)
    budget = report.budget
    number = len(report.lines)
    debits = "1 debit" if number == 1 else f"{number} debits"
    out.print(f"Study [bold]{escape(budget.study)}[/]: {debits} in its life, over all waves")
    if report.lines:
        out.print(_debits(report))
    left = budget.total - report.spent
    out.print(f"Spent rho {rho_text(report.spent)} of {rho_text(budget.total)}; {rho_text(left)} is left.")
    out.print(f"Epsilon of all so far: {epsilon_text(epsilons)}")
    out.print(f"Spent delta {delta_text(report.spent_delta)} of {delta_text(budget.total_delta)} (open words alone).")
    if budget.total > LOUD_TOTAL:
        out.print("[bold red]LOUD BUDGET: above rho = 0.5 the promise to respondents is weak; say so to them.[/]")
    head(out, report.head)
    for check in report.checks:
        if not check.ok:
            out.print(f"[bold red]{escape(check.name)}[/]: {escape(check.detail)}", soft_wrap=True)
        elif check.name == "rewound":
            out.print(f"[yellow]note[/]  {escape(check.detail)}", soft_wrap=True)


def _debits(report: LedgerReport) -> Table:
    """Return every debit as a row; delta has a column where any was spent."""
    deltas = report.spent_delta > 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("#", "wave", "plan", "rho", "spent", *(("delta",) if deltas else ()), "result"):
        words = name in {"plan", "result"}
        table.add_column(name, justify="left" if words else "right", overflow="fold", no_wrap=not words)
    for line in report.lines:
        entry = line.entry
        plan = f"{entry.charge.plan[:8]} {line.title or ''}".strip()
        costs = [rho_text(entry.charge.nano_rho), rho_text(entry.spent)]
        costs += [delta_text(entry.charge.atto_delta)] if deltas else []
        result = "released" if line.result == "released" else LOST
        table.add_row(str(entry.sequence), str(entry.charge.wave), escape(plan), *costs, result)
    return table


def checks(report: LedgerReport) -> None:
    """Show the checks and their results."""
    out = Console(highlight=False)
    for check in report.checks:
        mark = "[green]ok[/]" if check.ok else "[bold red]WRONG[/]"
        out.print(f"{mark}  {escape(check.name)}: {escape(check.detail)}", soft_wrap=True)
    for line in report.lines:
        if line.result == "lost":
            out.print(f"[yellow]note[/]  entry {line.entry.sequence}: {LOST}; there is no refund")
    head(out, report.head)
    out.print("[green]sound[/]" if report.sound else "[bold red]NOT SOUND: release nothing until this is mended[/]")


def head(out: Console, hashed: str) -> None:
    """Show the head in groups of digits to read aloud: custodians compare it with the one they noted."""
    groups = [hashed[start : start + 4] for start in range(0, len(hashed), 4)]
    out.print(
        f"Head (custodians compare it before they give a share):\n  {' '.join(groups[:8])}\n  {' '.join(groups[8:])}"
    )
