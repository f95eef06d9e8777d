"""The release command: a quorum of custodians opens a box for one plan."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from analysis.commands.confirm import YES
from analysis.commands.plan import PRIORS
from analysis.commands.shards import ShardOptions, shard_run, sharded
from analysis.commands.shared import FILE, FOLDER, JSON, print_result
from survey.release.reliability import MIN_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.custody.custody_record import CardRecord
    from analysis.releasing.run import Outcome, PreparedRun, Request
    from analysis.study.folder import StudyFolder
    from survey.plan.plan import Plan

# Commands import what they need when they run: OpenDP alone takes seconds.
# ruff: noqa: PLC0415 - see above


@click.command()
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option("--box", type=FILE, required=True, help="The box of the plan's wave.")
@click.option("--shares", type=FILE, multiple=True, help="A share file; give a quorum. Without: typed here, unseen.")
@click.argument("more_shares", type=FILE, nargs=-1)
@click.option("--study", type=FOLDER, required=True, help="The study folder.")
@click.option("-o", "--output", type=FOLDER, help="Also write release.json here.")
@click.option("--workers", type=click.IntRange(1), help="Processes that open; all cores by default.")
@click.option("--lang", help="The locale of the tables shown, and of what custodians are asked.")
@click.option("--few", is_flag=True, help=f"Release although the box holds fewer than {MIN_ANSWERS} records.")
@click.option("--head", help="The ledger's head as the custodians noted it: refuse any other (16 hex digits or more).")
@sharded
@PRIORS
@YES
@JSON
def release(
    *,
    plan_file: Path,
    box: Path,
    shares: tuple[Path, ...],
    more_shares: tuple[Path, ...],
    study: Path,
    output: Path | None,
    workers: int | None,
    lang: str | None,
    head: str | None,
    few: bool,
    priors: Path | None,
    yes: bool,
    as_json: bool,
    **shards: Unpack[ShardOptions],
) -> None:
    """Open the box, count, pay, add noise, sign; shows the tables with their margins.

    The same plan over the same box gives the stored release and costs nothing. A box with too few records is refused:
    no number is worth its noise then. A plan that is not registered or comes late, that does not fit so few records,
    or that costs more than half of the study's lifetime budget makes it stop and ask. Without --shares custodians come
    to the keyboard one after another: each recognises the ledger's head and types the words of the card, which are not
    shown.

    \b
    Example: sotto release plan.yaml --box wave-1.box --study study -o release-1
    Example: sotto release plan.yaml --box wave-1.box --shares a.txt b.txt c.txt --study study -o release-1
    """
    from analysis.commands.share_sources import source
    from analysis.custody.custody_record import refuse_destroyed
    from analysis.releasing.run import Request
    from analysis.study.folder import StudyFolder, read_plan
    from analysis.terminal_views import show
    from analysis.terminal_views.custody import new_head

    folder = StudyFolder(study)
    parsed = read_plan(plan_file, folder)
    refuse_destroyed(folder, folder.manifest(parsed.wave))
    elsewhere, least = shard_run(shards), 0 if few else MIN_ANSWERS
    words = source(folder, (*shares, *more_shares), lang, (elsewhere.shards, elsewhere.folder) if elsewhere else None)
    _introduce(folder, parsed, compared=bool(shares or more_shares) and head is None)
    request = Request(folder, parsed, box, (), workers, head, least, shards=elsewhere)
    outcome = _make(request, words, priors, yes=yes)
    path = outcome.path if output is None else _write_copy(outcome, output, parsed, lang)
    print_result(
        as_json, outcome.to_json(path), lambda: show.release(outcome.release, lang, path, replayed=outcome.replayed)
    )
    if not outcome.replayed:
        new_head(outcome.release.ledger.entry)


def _make(
    request: "Request", words: "Callable[[CardRecord], list[str]]", priors: Path | None, *, yes: bool
) -> "Outcome":
    """Make the release and show its progress, which pauses while `words` asks custodians or a person decides to pay."""
    from analysis.commands.second_look import look_at
    from analysis.releasing.run import make_release
    from analysis.terminal_views import show

    with show.stages(request.box_path) as (on_verify, on_open, paused):

        def ask(record: "CardRecord") -> list[str]:
            with paused():
                return words(record)

        def approve(prepared: "PreparedRun") -> None:
            with paused():
                look_at(prepared, "pay for it", priors, yes=yes)

        return make_release(replace(request, ask=ask, approve=approve), on_verify=on_verify, on_open=on_open)


def _write_copy(outcome: "Outcome", folder: Path, plan: "Plan", lang: str | None = None) -> Path:
    """Write the release and its plan into `folder` too, with tables and charts in `lang`; return the copy's path.

    The study folder keeps the original. The signed document comes first: whatever happens to a chart, it is there.
    """
    from analysis.releasing.run import write_release

    path = write_release(folder, outcome.release, plan)
    # Loaded only now: what draws could fail to load, and the signed document is to be there all the same.
    from analysis.commands.release_bundle import write_bundle

    write_bundle(outcome.release, folder, lang)
    return path


def _introduce(folder: "StudyFolder", plan: "Plan", *, compared: bool) -> None:
    """Show what custodians must recognise before they give anything: the declared intent, and the ledger's head.

    The head is shown only where people compare it by eye (`compared`): where its digits are typed they would be copied.
    """
    from rich.console import Console

    from analysis.custody.intent import read_intent
    from analysis.terminal_views import ledger
    from analysis.terminal_views.custody import declared

    if compared:
        with folder.open_ledger() as opened:
            ledger.head(Console(stderr=True, highlight=False), opened.head)
    declared(read_intent(folder, plan, folder.manifest(plan.wave)))
