"""`sotto study try`, `rehearse` and `priors`: what a study would tell, and a wave of it, before anybody is asked."""

import sys
import webbrowser
from pathlib import Path
from typing import Any

import click

from crypto.errors import ExitCode
from survey.commands.console import FILE, JSON, SEED, CommandError, print_result, require_extra, require_new, settings
from survey.commands.form_import import questionnaire_file, with_report
from survey.commands.serve import end_on_sigterm

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

LEAVE_OUT = click.option("--leave-out", is_flag=True, help="Go on without what is refused of a workbook.")
WRITTEN = click.Path(path_type=Path, dir_okay=False)


@click.command("try")
@click.argument("file", type=FILE)
@click.option("--responses", type=click.IntRange(1), default=500, show_default=True, help="How many answers to invent.")
@click.option("--priors", type=FILE, help="Beliefs to invent answers by (`sotto study priors`); all alike by default.")
@click.option("--plan", type=FILE, help="The plan to release; a first one is written by default.")
@click.option(
    "-o", "--output", type=WRITTEN, help="The report, .html or .pdf; by default FILE-demonstration.html here."
)
@click.option("--lang", help="The locale of the report; by default English, or the study's first.")
@LEAVE_OUT
@SEED
@click.option("--open", "shown", is_flag=True, help="Show the report in a browser.")
@JSON
def study_try(
    *,
    file: Path,
    responses: int,
    priors: Path | None,
    plan: Path | None,
    output: Path | None,
    lang: str | None,
    leave_out: bool,
    seed: int,
    shown: bool,
    as_json: bool,
) -> None:
    """Write the report that a questionnaire or a form's workbook would give for so many answers, from invented ones.

    They go the real way: sealed, handed in, boxed, opened, released with real noise. Every page says DEMONSTRATION, and
    all but the report is deleted.

    \b
    Example: sotto study try form.xlsx --responses 500 --open
    Example: sotto study try questionnaire.yaml --responses 2000 --priors priors.yaml --plan plan.yaml -o trial.pdf
    """
    require_extra("sqlmodel", "web")
    require_extra("opendp", "analysis")
    require_extra("jinja2", "print")
    from survey.demo.trial import Trial, run_trial

    target = output or Path(f"{file.stem}-demonstration.html")
    require_report(target, responses)
    end_on_sigterm()
    try:
        with questionnaire_file(file, leave_out=leave_out) as (path, imported):
            if imported is not None and not as_json:
                click.echo(imported.text(), err=True)
            findings = None if imported else findings_beside(file)
            summary = run_trial(
                Trial(path, target, responses, seed, as_json, plan=plan, priors=priors, findings=findings, lang=lang)
            )
    except KeyboardInterrupt:
        click.echo("\nThe trial was ended before it was done; nothing of it is left.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    print_result(with_report(imported, summary, "")[0], trial_text(summary), as_json=as_json)
    if shown:
        webbrowser.open(target.absolute().as_uri())


def require_report(output: Path, responses: int) -> None:
    """Raise CommandError for a report that could not be written, or in which nothing could stand."""
    from survey.release.reliability import MIN_ANSWERS

    if responses < MIN_ANSWERS:
        raise CommandError(
            f"--responses: from fewer than {MIN_ANSWERS} answers nothing is released, so the report would be empty; "
            f"give {MIN_ANSWERS} or more"
        )
    if output.suffix.lower() not in {".html", ".pdf"}:
        raise CommandError(f"--output: {output} ends neither in .html nor in .pdf; choose one of them")


def findings_beside(file: Path) -> Path | None:
    """Return the findings of a study, which a report finds beside a questionnaire.yaml."""
    findings = file.with_name("findings.yaml")
    return findings if file.name == "questionnaire.yaml" and findings.exists() else None


def trial_text(summary: dict[str, Any]) -> str:
    """Say what the trial used and left out, and where its report is."""
    tables = "1 table" if summary["tables"] == 1 else f"{summary['tables']} tables"
    lines = [f"{summary['responses']:,} invented answers, {tables} for ρ = {summary['rho']:g}"]
    if summary["left_out"]:
        names = ", ".join(summary["left_out"])
        lines.append(
            f"no table of {names}: so few answers say nothing precise of so many questions (sotto plan suggest)"
        )
    return "\n".join([*lines, *summary["notes"], f"Report: {summary['report']}"])


@click.command("priors")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=WRITTEN, required=True, help="The priors to write.")
@LEAVE_OUT
@JSON
def study_priors(*, file: Path, output: Path, leave_out: bool, as_json: bool) -> None:
    """Write a first priors.yaml, in which every answer is as likely as any other, for an author to correct.

    Invented answers are drawn from it: `sotto study try`, `sotto plan check --priors`.

    \b
    Example: sotto study priors questionnaire.yaml -o priors.yaml
    """
    from crypto.durable import require_writable, write_file
    from survey.authoring.compiler import compile_study
    from survey.simulation.first_priors import first_priors, priors_text

    require_new(output)
    require_writable(output)
    with questionnaire_file(file, leave_out=leave_out) as (path, imported):
        priors = first_priors(compile_study(path)[0])
    write_file(output, priors_text(priors).encode())
    summary, text = {"file": str(output), "items": len(priors.items)}, f"Written: {output}"
    print_result(*with_report(imported, summary, text), as_json=as_json)


@click.command("rehearse")
@click.argument("study_name", metavar="STUDY")
@click.option("--responses", type=click.IntRange(1), default=500, show_default=True, help="How many answers to invent.")
@click.option("--priors", type=FILE, help="Beliefs to invent answers by (`sotto study priors`); all alike by default.")
@SEED
@JSON
def study_rehearse(*, study_name: str, responses: int, priors: Path | None, seed: int, as_json: bool) -> None:
    """Hand invented answers in to the open wave of a demonstration, as phones do.

    Refuses a wave whose key is not a demo's: among the answers of people invented ones could not be told apart.

    \b
    Example: sotto study rehearse q26 --responses 1500 --priors priors.yaml
    """
    host_settings = settings()
    from survey.demo.fieldwork import rehearse_fieldwork

    end_on_sigterm()
    stored = rehearse_fieldwork(host_settings, study_name, priors, responses, seed)
    text = f"{stored:,} invented answers are sealed and handed in to {study_name}. Next: sotto study close {study_name}"
    print_result({"study": study_name, "stored": stored}, text, as_json=as_json)
