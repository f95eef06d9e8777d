"""What a person at the terminal sees of findings beside a plan: which table answers which hypothesis, which none."""

from collections.abc import Collection, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.planning.findings_check import FindingsCheck, HypothesisCheck, MeasureCheck

COLUMNS = ("hypothesis", "table", "asks for", "expected", "pilot")


def findings(out: Console, compared: FindingsCheck) -> None:
    """Show a row for each number that a plan will give, and a line for each that it will not."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for hypothesis in compared.hypotheses:
        for check in _told(hypothesis):
            table.add_row(hypothesis.id, *_row(check))
    out.print()
    out.print(table)
    for hypothesis in compared.hypotheses:
        colour = "cyan" if hypothesis.answered else "yellow"
        for reason in hypothesis.reasons:
            out.print(f"[{colour}]{hypothesis.id}[/]  {escape(reason)}", soft_wrap=True)
    every, missing = len(compared.hypotheses), ", ".join(compared.open)
    verdict = f"{len(compared.answered)} of {every} hypotheses will be answered"
    out.print(f"[bold]{verdict}[/]" + (f"; not {missing}" if missing else ""), soft_wrap=True)
    for names, what in ((compared.broken, "will not be answered"), (compared.unlisted, "will be, and is not listed")):
        if names:
            out.print(f"[yellow]warning[/]  `answers` of the plan: {', '.join(names)} {what}", soft_wrap=True)


def _told(hypothesis: HypothesisCheck) -> Iterator[MeasureCheck]:
    for one in (*hypothesis.measures, *hypothesis.comparisons):
        if one.state in {"answered", "filtered"}:
            yield one


def _row(check: MeasureCheck) -> list[str]:
    """Return the cells after the hypothesis: table, dimension, about which share of how many, the pilot's share."""
    name = " with ".join(" ".join([axis, *_codes(levels)]) for axis, levels in check.levels.items())
    name += f" by {check.by}" if check.by else ""
    table = f"{check.table} ({'joint cells' if check.joint else 'of a part'})" if _marked(check) else check.table
    expected = "" if check.n is None else f"of {check.n:,.0f}"
    share = "" if check.share is None else f"{check.share:.0%} "
    return [table, name, share + expected, check.pilot]


def _codes(levels: Collection[int]) -> list[str]:
    return [", ".join(map(str, levels))] if levels else ["on average"]


def _marked(check: MeasureCheck) -> bool:
    return check.joint or check.state == "filtered"
