"""Shows what is odd about a plan that is about to be announced or paid for, and asks."""

from collections.abc import Iterator
from pathlib import Path

import click

from analysis.commands.confirm import confirm
from analysis.commands.plan import budget_of, outlook_of
from analysis.planning.second_look import Standing, commitment_note, release_doubts
from analysis.releasing.run import PreparedRun
from analysis.study.registered_plans import registration_of


def look_at(prepared: PreparedRun, step: str, priors: Path | None, *, yes: bool) -> None:
    """Ask where something is odd about what was checked; raise NotConfirmedError where nobody says yes to `step`.

    With `priors` the plan is judged as `sotto plan check --priors` judges it at the box's count. What other registered
    plans still need is said in any case, on stderr.
    """
    folder, plan = prepared.request.folder, prepared.request.plan
    standing = Standing(registered=registration_of(folder, plan) is not None, late=prepared.late)
    outlook = outlook_of(plan, prepared.questionnaire, (prepared.charge.count, 1.0), ((), ()), priors)
    funds = budget_of(folder.root, plan)
    doubts = release_doubts(plan, prepared.questionnaire, standing, outlook, funds)
    note = commitment_note(plan, funds)
    if note is not None:
        click.echo(f"Note: {note}.", err=True)
    confirm((*doubts, *_elsewhere(prepared)), step, yes=yes)


def _elsewhere(prepared: PreparedRun) -> Iterator[str]:
    shards = prepared.request.shards
    if shards:
        yield (
            f"the whole key goes into the memory of up to {shards.shards} other machines, which meet in "
            f"{shards.folder}: whoever runs them can take it there. Custodians read this before they give their words"
        )
