"""`sotto plan check`, `suggest` and `register`: what a plan costs and promises, before any answer is opened."""

import sys
from pathlib import Path

import click

from analysis.commandline import FILE, FOLDER, JSON, tell
from analysis.exits import BUDGET
from analysis.price import DEFAULT_TOTAL

# Commands import what they need when they run: OpenDP alone takes seconds.
# ruff: noqa: PLC0415 - see above

STUDY = click.option(
    "--study", type=click.Path(path_type=Path, exists=True), required=True, help="Study folder or questionnaire."
)
SIZE = click.option("--n", "size", type=click.IntRange(1), default=1000, show_default=True, help="Responses to expect.")
GROUP = click.option("--group", "groups", multiple=True, help="A group's share, such as EDU.1=0.035; equal by default.")


@click.group()
def plan() -> None:
    """Plans: what to ask of the answers, and what it costs."""


@plan.command("check")
@click.argument("plan_file", metavar="PLAN", type=FILE)
@STUDY
@SIZE
@GROUP
@JSON
def check(*, plan_file: Path, study: Path, size: int, groups: tuple[str, ...], as_json: bool) -> None:
    """Price every table of a plan and show the margins to expect, overall and by group; touches no data.

    \b
    Example: sotto plan check plan.yaml --study study --n 2000 --group EDU.1=0.035
    """
    from analysis import show
    from analysis.plan_check import check_plan, read_weights
    from analysis.study_folder import read_plan, read_questionnaire

    questionnaire = read_questionnaire(study)
    spent, total = budget_of(study)
    parsed = read_plan(plan_file, questionnaire)
    priced = check_plan(
        parsed, questionnaire, n=size, total=total, spent=spent, weights=read_weights(groups, questionnaire)
    )
    tell(as_json, priced.to_json(), lambda: show.plan(priced))
    if not priced.affordable:
        sys.exit(BUDGET)


@plan.command("register")
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option("--study", type=FOLDER, required=True, help="The study folder, whose key signs.")
@JSON
def register(*, plan_file: Path, study: Path, as_json: bool) -> None:
    """Sign a plan with its day and keep it in the study folder; `sotto plan publish` then shows it to the world.

    Register before the box is made: a plan that the box does not name is marked as late on every release.

    \b
    Example: sotto plan register plan.yaml --study study
    """
    from analysis.registering import register as register_plan
    from analysis.study_folder import StudyFolder, read_plan

    folder = StudyFolder(study)
    parsed = read_plan(plan_file, folder.questionnaire())
    registration = register_plan(folder, parsed)
    place = folder.plan_folder(parsed.digest)
    value = {"plan": parsed.digest, "day": registration.day, "folder": str(place)}
    said = (
        f"Registered on {registration.day}: {parsed.digest}\nNext, on the collection host: sotto plan publish {place}"
    )
    tell(as_json, value, lambda: click.echo(said))


def budget_of(study: Path) -> tuple[int, int]:
    """Return (spent, total) in nano-rho of a study folder, or of a study that has no ledger yet."""
    from analysis.study_folder import StudyFolder

    if not study.is_dir() or not StudyFolder(study).ledger_path.exists():
        return 0, DEFAULT_TOTAL
    with StudyFolder(study).open_ledger() as ledger:
        return ledger.spent, ledger.total
