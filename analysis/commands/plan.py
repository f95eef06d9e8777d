"""`sotto plan check`, `suggest` and `register`: what a plan costs and promises, before any answer is opened."""

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.budget.price import DEFAULT_TOTAL
from analysis.commands.shared import FILE, FOLDER, JSON, nano_rho, print_result
from crypto.errors import ExitCode

if TYPE_CHECKING:
    from analysis.planning.check import Funds, Outlook
    from analysis.planning.findings_check import FindingsCheck
    from survey.plan.plan import Plan
    from survey.questionnaire.questionnaire import Questionnaire

# Commands import what they need when they run: OpenDP alone takes seconds.
# ruff: noqa: PLC0415 - see above

STUDY = click.option(
    "--study", type=click.Path(path_type=Path, exists=True), required=True, help="Study folder or questionnaire."
)
SIZE = click.option("--n", "size", type=click.IntRange(1), default=1000, show_default=True, help="Responses to expect.")
GROUP = click.option("--group", "groups", multiple=True, help="A group's share, such as EDU.1=0.035; equal by default.")

POPULATION = click.option(
    "--population",
    multiple=True,
    help="A group's share of the population, EDU.1=0.035; give all levels: warns where weighting hurts.",
)
PRIORS = click.option("--priors", type=FILE, help="Invented answers (priors.yaml) for the expected shares of all rows.")


FINDINGS = click.option(
    "--findings", type=FILE, help="A findings.yaml: says which table answers each hypothesis, and why none does."
)


def finite(_: click.Context, __: click.Parameter, value: float) -> float:
    """Refuse what is no number: click lets it through every range."""
    if not math.isfinite(value):
        raise click.BadParameter("a design effect is a number from 1 to 100")
    return value


DEFF = click.option(
    "--deff",
    type=click.FloatRange(1, 100),
    callback=finite,
    default=1.0,
    show_default=True,
    help="Design effect of the sampling.",
)


@click.group()
def plan() -> None:
    """Plans: what to ask of the answers, and what it costs."""


INSTEAD = click.option(
    "--instead",
    multiple=True,
    metavar="HASH",
    help="A registered plan that is not paid yet and that this one replaces, by 8 or more digits of its hash; "
    "repeatable.",
)


@plan.command("check")
@click.argument("plan_file", metavar="PLAN", type=FILE)
@STUDY
@SIZE
@DEFF
@GROUP
@POPULATION
@PRIORS
@FINDINGS
@INSTEAD
@JSON
def check(
    *,
    plan_file: Path,
    study: Path,
    size: int,
    deff: float,
    groups: tuple[str, ...],
    population: tuple[str, ...],
    priors: Path | None,
    findings: Path | None,
    instead: tuple[str, ...],
    as_json: bool,
) -> None:
    """Price every table of a plan, show the margins to expect and what to mend; touches no data.

    With `--findings` it also says of every hypothesis which table will answer it, or why none does. Without `--priors`
    options are taken as equally frequent and everybody as asked; what a plan `expects` and `answers` is not compared.

    Ends with 4 where the plan costs more than is left beside what other registered plans need.

    \b
    Example: sotto plan check plan.yaml --study study --n 2000 --priors priors.yaml --group EDU.1=0.035
    """
    from analysis.planning.check import check_plan
    from analysis.study.folder import read_plan, read_questionnaire
    from analysis.terminal_views import plan as show_plan
    from survey.release.format_limits import plan_limits

    questionnaire = read_questionnaire(study, plan_file)
    parsed = read_plan(plan_file, questionnaire)
    outlook = outlook_of(parsed, questionnaire, (size, deff), (groups, population), priors)
    priced = check_plan(parsed, questionnaire, outlook, budget_of(study, parsed, instead))
    limits = [str(limit) for limit in plan_limits(parsed)]
    compared = None if findings is None else compare_findings(findings, parsed, questionnaire, outlook)
    value = priced.to_json() | {"exports": limits} | ({} if compared is None else {"findings": compared.to_json()})
    print_result(as_json, value, lambda: show_plan.plan(priced, limits, compared))
    if not priced.affordable:
        sys.exit(ExitCode.BUDGET)


@plan.command("suggest")
@click.argument("plan_file", metavar="[PLAN]", type=FILE, required=False)
@STUDY
@SIZE
@DEFF
@GROUP
@PRIORS
@click.option("--rho", help="The budget to split, as a decimal; by default the plan's own, or 0.05 for a first plan.")
@INSTEAD
@click.option("--target", "targets", multiple=True, help="A margin in points: T02=5, or T02.groups=8 for each group.")
@JSON
def suggest(
    *,
    plan_file: Path | None,
    study: Path,
    size: int,
    deff: float,
    groups: tuple[str, ...],
    priors: Path | None,
    rho: str | None,
    instead: tuple[str, ...],
    targets: tuple[str, ...],
    as_json: bool,
) -> None:
    """Split a plan's budget so that named tables reach named margins; prints a plan to use, and touches no data.

    Without a PLAN it writes a first one: a table for each question and indicator that is told to ten points of everyone
    with --n answers, crossed with strata or languages where that tells each group to ten points too.

    Ends with 4 where less is left than is to be split, beside what other registered plans need.

    What the targets leave is split so that the sum of all tables' variances once they agree, each counted by its
    weight in the plan, is smallest.

    \b
    Example: sotto plan suggest --study questionnaire.yaml --n 500 > plan.yaml
    Example: sotto plan suggest plan.yaml --study study --n 2000 --target T02=5 --target T09.groups=8 > better.yaml
    """
    from analysis.planning.first_plan import FIRST_BUDGET, first_plan
    from analysis.planning.suggest import authored, read_targets
    from analysis.planning.suggest import suggest as suggested_prices
    from analysis.study.folder import read_plan, read_questionnaire

    questionnaire, wanted = read_questionnaire(study, plan_file), read_targets(targets)

    def outlook(parsed: "Plan") -> "Outlook":
        return outlook_of(parsed, questionnaire, (size, deff), (groups, ()), priors)

    if plan_file is None:
        first = first_plan(questionnaire, outlook, nano_rho(rho, FIRST_BUDGET), wanted)
        parsed, text, left_out = first.plan, first.text(), [*first.left_out]
        prices = {table.id: table.nano_rho for table in parsed.tables}
        require_left(study, parsed.nano_rho, parsed, instead)
    else:
        parsed, left_out = read_plan(plan_file, questionnaire), []
        requested = nano_rho(rho, parsed.nano_rho)
        require_left(study, requested, parsed, instead)
        prices = suggested_prices(parsed, questionnaire, outlook(parsed), wanted, requested)
        text = authored(plan_file, parsed, prices)
    value = {"nano_rho": prices, "plan": text, "left_out": left_out}
    print_result(as_json, value, lambda: click.echo(text, nl=False))


@plan.command("register")
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option("--study", type=FOLDER, required=True, help="The study folder, whose key signs.")
@INSTEAD
@JSON
def register(*, plan_file: Path, study: Path, instead: tuple[str, ...], as_json: bool) -> None:
    """Sign a plan with its day and keep it in the study folder; `sotto plan publish` then shows it to the world.

    Register before the box is made: a plan that the box does not name is marked as late on every release.

    Ends with 4 where the plan cannot be paid beside what the other registered plans need. With `--instead` it withdraws
    one of those, for ever: the registration says so, and with it the public log; nothing is taken away.

    \b
    Example: sotto plan register plan.yaml --study study
    Example: sotto plan register smaller.yaml --study study --instead 5c1f0a92
    """
    from analysis.study.folder import StudyFolder, read_plan
    from analysis.study.registration import register as register_plan

    folder = StudyFolder(study)
    parsed = read_plan(plan_file, folder)
    registration = register_plan(folder, parsed, instead=instead)
    target = folder.plan_folder(parsed.digest)
    replaced = [*registration.instead]
    value = {"plan": parsed.digest, "day": registration.day, "folder": str(target), "instead": replaced}
    withdrawn = "".join(f"Withdrawn, never to be released: {name}\n" for name in registration.instead)
    text = (
        f"Registered on {registration.day}: {parsed.digest}\n{withdrawn}"
        f"Next, on the collection host: sotto plan publish {target}"
    )
    print_result(as_json, value, lambda: click.echo(text))


def outlook_of(
    parsed: "Plan",
    questionnaire: "Questionnaire",
    sizes: tuple[int, float],
    shares: tuple[tuple[str, ...], tuple[str, ...]],
    priors: Path | None,
) -> "Outlook":
    """Return what is expected of the fieldwork: (n, deff), shares of sample and population as written, priors."""
    from analysis.planning.check import Outlook, read_weights, require_whole_population
    from analysis.planning.expected_shares import prior_shares
    from analysis.study.registration import check_plan as refuse_faults

    refuse_faults(parsed, questionnaire)
    groups, population = (read_weights(written, questionnaire) for written in shares)
    require_whole_population(population, parsed, questionnaire)
    prior = None if priors is None else prior_shares(priors, parsed, questionnaire)
    return Outlook(*sizes, groups=groups, population=population, priors=prior)


def compare_findings(
    findings: Path, parsed: "Plan", questionnaire: "Questionnaire", outlook: "Outlook"
) -> "FindingsCheck":
    """Return what a plan answers of a file of findings; raise AuthoringError with every fault of the file."""
    from analysis.planning.findings_check import check_findings
    from survey.authoring.findings_compiler import compile_findings

    return check_findings(compile_findings(findings, questionnaire), parsed, questionnaire, outlook)


def require_left(study: Path, nano: int, plan: "Plan", instead: tuple[str, ...]) -> None:
    """Raise OverspentError or CommittedError where a study folder cannot pay `nano` nano-rho for `plan`."""
    from analysis.study.folder import StudyFolder
    from analysis.study.registered_plans import find_unpaid, require_uncommitted

    folder = StudyFolder(study)
    if study.is_dir() and folder.ledger_path.exists():
        with folder.open_ledger() as ledger:
            replaced = {find_unpaid(folder, ledger, name).plan.digest for name in instead}
            require_uncommitted(folder, ledger, nano, without={plan.digest, *replaced})


def budget_of(study: Path, plan: "Plan", instead: tuple[str, ...] = ()) -> "Funds":
    """Return what a study folder may spend, has spent and needs for other plans than `plan` and those it replaces.

    A study that has no ledger yet has the default budget.
    """
    from analysis.planning.check import Funds
    from analysis.study.folder import StudyFolder
    from analysis.study.least_sigma import ledger_sigma
    from analysis.study.registered_plans import commitments, find_unpaid

    folder = StudyFolder(study)
    if not study.is_dir() or not folder.ledger_path.exists():
        return Funds(DEFAULT_TOTAL)
    with folder.open_ledger() as ledger:
        sigma = ledger_sigma(folder, ledger.entries())
        replaced = {find_unpaid(folder, ledger, name).plan.digest for name in instead}
        others = commitments(folder, ledger).beside({plan.digest, *replaced})
        return Funds(ledger.total, ledger.spent, ledger.budget.total_delta, ledger.spent_delta, sigma, others)
