"""`sotto ledger show`, `verify` (both read only) and `acknowledge`: what was spent, and whether the files agree."""

import sys
from pathlib import Path

import click

from analysis.commands.shared import FOLDER, JSON, print_result
from crypto.errors import ExitCode

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above


@click.group()
def ledger() -> None:
    """The ledger of a study's lifetime budget."""


@ledger.command("show")
@click.argument("study", type=FOLDER)
@JSON
def show(*, study: Path, as_json: bool) -> None:
    """Show every debit, its plan and what came of it, and what is left; changes nothing.

    \b
    Example: sotto ledger show study
    """
    from analysis.noise.noise import epsilons
    from analysis.study.folder import StudyFolder
    from analysis.study.ledger_report import read_ledger
    from analysis.terminal_views import ledger as show_ledger

    report = read_ledger(StudyFolder(study))
    spent_epsilons = epsilons(report.spent, report.spent_delta, least_sigma=report.least_sigma)
    print_result(as_json, report.to_json(spent_epsilons), lambda: show_ledger.entries(report, spent_epsilons))


@ledger.command("verify")
@click.argument("study", type=FOLDER)
@JSON
def verify(*, study: Path, as_json: bool) -> None:
    """Check the chain, the anchor, the intents and the stored releases against each other; changes nothing.

    Ends with 0 where all agree, with 4 where they do not.

    \b
    Example: sotto ledger verify study
    """
    from analysis.noise.noise import epsilons
    from analysis.study.folder import StudyFolder
    from analysis.study.ledger_report import read_ledger
    from analysis.terminal_views import ledger as show_ledger

    report = read_ledger(StudyFolder(study))
    spent_epsilons = epsilons(report.spent, report.spent_delta, least_sigma=report.least_sigma)
    print_result(as_json, report.to_json(spent_epsilons), lambda: show_ledger.checks(report))
    if not report.sound:
        sys.exit(ExitCode.BUDGET)


@ledger.command("acknowledge")
@click.argument("study", type=FOLDER)
@click.option(
    "--head", required=True, help="The head that custodians noted at the last release (16 hex digits or more)."
)
@JSON
def acknowledge(*, study: Path, head: str, as_json: bool) -> None:
    """Say that an older copy of the anchor was put back, and that the ledger's head is the one that was noted.

    Until then nothing is released. The anchor remembers both, and `sotto ledger verify` and `show` say so for ever.
    Refuses any other head: then the ledger is an older copy too, and would spend again what was spent.

    \b
    Example: sotto ledger acknowledge study --head 3f9a0c1e
    """
    from analysis.study.folder import StudyFolder

    with StudyFolder(study).open_ledger() as opened:
        entries, whole = opened.acknowledge(head), opened.head
    numbers = ", ".join(map(str, entries))
    text = f"Acknowledged: an older anchor had lacked entry {numbers}; the head is {whole}."
    print_result(as_json, {"entries": [*entries], "head": whole}, lambda: click.echo(text))
