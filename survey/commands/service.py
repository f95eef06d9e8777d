"""`sotto install`, `uninstall`, `upgrade`, `doctor`, `health`, `status`, `alarm`: the collection host."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version  # noqa: TID251 - reads what is installed, and loads nothing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from crypto.errors import ExitCode, RefusedError
from survey.commands.console import FILE, JSON, CommandError, print_result, settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from survey.office_db.health import HealthReport
    from survey.service.answers import HostAnswers
    from survey.service.changes import Change
    from survey.service.doctor.check import Result
    from survey.service.metrics import HostFacts
    from survey.settings import Settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

DRY_RUN = click.option("--dry-run", is_flag=True, help="Print everything that would be changed, and change nothing.")


@click.command()
@click.option("--answers", "file", type=FILE, help="A file of answers (TOML) instead of five questions.")
@DRY_RUN
def install(*, file: Path | None, dry_run: bool) -> None:
    """Set up this Debian host to serve: accounts, databases, certificates, web server, units, timers, first account.

    Asks five questions, or takes a file; what was answered is kept in /etc/sotto/host.toml. Run it again after every
    upgrade: what is done already is left as it is.

    \b
    Example: sudo /opt/sotto/bin/sotto install
    Example: sudo sotto install --answers host.toml --dry-run
    """
    from survey.service.certificates import warning_of_public_logs
    from survey.service.installation import add_first_account, installation, require_host

    answers = _answers(file)
    require_host()
    if warning := warning_of_public_logs(answers):
        click.echo(warning, err=True)
    _make(installation(answers), dry_run=dry_run)
    if dry_run:
        click.echo(f"make the desk account {answers.staff}, with a link for its first sign-in that is shown once")
        return
    link = add_first_account(answers.staff, answers.desk_host)
    click.echo(f"Respondents: https://{answers.host}   staff: https://{answers.desk_host}")
    if link:
        click.echo(link.rstrip())
    click.echo("Next: sudo sotto doctor")


@click.command()
@DRY_RUN
def uninstall(*, dry_run: bool) -> None:
    """Take the service off this host: units, web server's site, log rotation. Databases, settings and keys stay.

    \b
    Example: sudo sotto uninstall
    """
    from survey.service.installation import require_host, uninstallation

    require_host()
    _make(uninstallation(), dry_run=dry_run)
    if not dry_run:
        click.echo("Kept: /var/lib/sotto, /etc/sotto, the databases sotto_answers and sotto_office, four accounts.")


@click.command()
@click.argument("package", default="sotto-survey[web]")
@click.option("--while-open", is_flag=True, help="Also while a wave is open, for a fault that endangers people.")
@DRY_RUN
def upgrade(*, package: str, while_open: bool, dry_run: bool) -> None:
    """Put a new version of this program in the old one's place, with a backup first, and look at the host afterwards.

    PACKAGE is what pip takes: sotto-survey[web]==VERSION, or a wheel's path with [web] behind it; without it the
    newest. It is downloaded, and the backup made, while the old version serves; then people see for a minute that the
    page is away. Refuses where a wave is open, and where no backup can be made. Ends as `sotto doctor` does.

    \b
    Example: sudo sotto upgrade --dry-run
    Example: sudo sotto upgrade 'sotto-survey[web]==1.2'
    """
    from survey.service.installation import require_host
    from survey.service.places import PROGRAM
    from survey.service.upgrade import require_upgradable
    from survey.service.upgrade import upgrade as changes

    require_host()
    if not dry_run:
        require_upgradable(while_open=while_open)
    _make(changes(package), dry_run=dry_run)
    look = [str(PROGRAM / "bin" / "sotto"), "doctor"]
    if dry_run:
        click.echo(f"run: {' '.join(look)}")
        return
    # The new version looks, and not what this process has loaded of the old one.
    sys.exit(subprocess.run(look, check=False).returncode)


@click.command()
@click.option("--url", "urls", multiple=True, help="Look from outside, at this address; may be given again.")
@click.option("--keep", is_flag=True, help="Keep what is found for the desk's page of the server, as the timer does.")
@JSON
def doctor(*, urls: tuple[str, ...], keep: bool, as_json: bool) -> None:
    """Look at the whole host: what is wrong, why it matters, and the command that mends it. Changes nothing.

    As root on the host it looks from inside and then at both addresses; with --url from anywhere, at that alone. Ends
    with 5 where something is wrong or could not be looked at.

    \b
    Example: sudo sotto doctor
    Example: sudo sotto doctor --keep
    Example: sotto doctor --url https://survey.example
    """
    from survey.service.doctor.check import State, results
    from survey.service.doctor.host_view import HostView
    from survey.service.doctor.outside import outside_checks
    from survey.service.doctor.table import inside_checks
    from survey.service.places import is_root

    host = HostView()
    if not urls and not is_root():
        raise CommandError("run it as root (sudo sotto doctor), or give --url to look from outside")
    if urls and keep:
        raise CommandError("--keep keeps a whole look at this host: leave --url out")
    inside = [] if urls else [*inside_checks()]
    addresses = urls or [f"https://{host.answers.host}", f"https://{host.answers.desk_host}"]
    found = [*results([*inside, *(one for url in addresses for one in outside_checks(url))], host)]
    wrong = [one for one in found if one.state in {State.WRONG, State.UNKNOWN}]
    text = "\n".join(one.to_text() for one in found) + f"\n{len(found)} checks, {len(wrong)} to be mended"
    print_result({"checks": [one.to_json() for one in found], "wrong": len(wrong)}, text, as_json=as_json)
    if keep:
        _hand_over(found)
    if wrong:
        sys.exit(ExitCode.UNVERIFIED)


@click.command()
@click.option("--take", type=click.File("rb"), help="Keep these findings of `sotto doctor`; - reads standard input.")
@JSON
def health(*, take: BinaryIO | None, as_json: bool) -> None:
    """Show what the last look at this host found: each check and since when, the last copy, versions, the log's head.

    `sotto doctor --keep` looks, and the timer does so each morning; the desk shows the same to owners and auditors.
    Ends with 5 where something is to be mended, or nobody looked.

    \b
    Example: sotto health
    """
    host_settings = settings()
    report = _take(host_settings, take.read()) if take else _newest(host_settings)
    if take:
        click.echo(f"kept: {len(report.checks) if report else 0} checks")
        return
    value = report.to_json() if report else {}
    print_result(value, _text(report) if report else "nobody looked yet: sudo sotto doctor --keep", as_json=as_json)
    if report is None or report.faults:
        sys.exit(ExitCode.UNVERIFIED)


@click.command()
@click.argument("unit")
def alarm(*, unit: str) -> None:
    """Say that a unit has failed, where /etc/sotto/host.toml says; units of systemd call it (OnFailure).

    \b
    Example: sotto alarm sotto-compact.service
    """
    from survey.service.alarm import send_alarm
    from survey.service.answers import read_answers
    from survey.service.places import ANSWERS

    click.echo(f"{unit}: told {send_alarm(read_answers(ANSWERS), unit)}")


@click.command()
@JSON
@click.option("--openmetrics", is_flag=True, help="Print metrics for Prometheus instead.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file for the metrics.")
def status(*, as_json: bool, openmetrics: bool, output: Path | None) -> None:
    """Show how this host does: its waves, the days of the last compaction and backup, its units; no count.

    \b
    Example: sotto status --json
    Example: sotto status --openmetrics
    """
    if output and not openmetrics:
        raise CommandError("-o is where metrics go: give --openmetrics too")
    if openmetrics:
        _print_metrics(output)
        return
    from survey.operations.studies import study_status
    from survey.operations.watching import compaction_days
    from survey.service.status import last_backup, unit_states

    host_settings = settings()
    waves = [
        {"study": one.study, "wave": wave.number, "state": wave.state, "fieldwork": wave.fieldwork}
        for one in study_status(host_settings)
        for wave in one.waves
    ]
    compaction, units = compaction_days(host_settings), unit_states()
    dates = {"compacted": compaction.last, "backed_up": last_backup(host_settings)}
    days = {job: day.isoformat() if day else None for job, day in dates.items()}
    lines = [f"{wave['study']}/{wave['wave']}: {wave['state']}, fieldwork {wave['fieldwork']}" for wave in waves]
    lines += [f"{job.replace('_', ' ')}: {day or 'never'}" for job, day in days.items()]
    lines += ["a compaction was missed: sudo sotto doctor says what to do"] if compaction.overdue else []
    lines += [f"{unit}: {state}" for unit, state in units.items()]
    value = {"waves": waves, **days, "compaction_missed": compaction.overdue, "units": units}
    print_result(value, "\n".join(lines), as_json=as_json)


def _hand_over(found: "Iterable[Result]") -> None:
    """Give what root found to the staff's account, which keeps it; raise HostError where that fails."""
    from survey.office_db.health import HostFinding, HostFindings
    from survey.service.changes import output
    from survey.service.places import WRAPPER

    checks = tuple(HostFinding.model_validate(one.kept()) for one in found)
    findings = HostFindings(format="sotto-findings-1", checks=checks)
    output([WRAPPER, "health", "--take", "-"], given=findings.to_bytes().decode("utf-8"))


def _take(host_settings: "Settings", content: bytes) -> "HealthReport":
    from survey.database.schema_version import REVISIONS
    from survey.office_db.health import HostFindings
    from survey.operations.watching import keep_health
    from survey.service.status import last_backup

    versions = {"Sotto": version("sotto-survey"), "Python": platform.python_version()}
    versions |= {f"schema of {branch}": revisions[-1] for branch, revisions in REVISIONS.items()}
    return keep_health(host_settings, HostFindings.from_bytes(content), last_backup(host_settings), versions)


def _newest(host_settings: "Settings") -> "HealthReport | None":
    from survey.operations.watching import kept_health

    return kept_health(host_settings)


def _text(report: "HealthReport") -> str:
    lines = [f"looked at on {report.day}; last copy: {report.backed_up or 'never'}"]
    lines += [f"{name}: {number}" for name, number in report.versions.items()]
    if report.log:
        lines += [f"log: {report.log.size} entries, head {report.log.root}", *report.log.remarks]
        lines += [f"log: NOT SO: {fault}" for fault in report.log.faults]
    for one in report.wrong:
        lines += [f"{one.state:8} {one.name}, since {one.since}: {one.found}", f"         why: {one.why}"]
        lines += [f"         do:  {one.mend}"]
    return "\n".join([*lines, f"{len(report.checks)} checks, {report.faults} things to be mended"])


def _print_metrics(output: Path | None) -> None:
    from crypto.durable import write_file
    from survey.service.metrics import openmetrics
    from survey.service.status import unit_states

    text = openmetrics(_facts(), unit_states())
    if output:
        write_file(output, text.encode("utf-8"))
    else:
        click.echo(text, nl=False)


def _facts() -> "HostFacts | None":
    """Return what the staff's database tells of this host, None where it cannot be worked with."""
    from survey.operations.studies import study_status
    from survey.operations.watching import compaction_days
    from survey.service.metrics import HostFacts
    from survey.service.status import last_backup

    host_settings = settings()
    try:
        waves = tuple(wave.state for one in study_status(host_settings) for wave in one.waves)
        compaction = compaction_days(host_settings)
    except RefusedError:
        return None
    days = {"compaction": compaction.last, "backup": last_backup(host_settings)}
    return HostFacts(waves, days, compaction.overdue)


def _answers(file: Path | None) -> "HostAnswers":
    """Return the answers of a file, those that were kept, or what is answered at the terminal."""
    from survey.service.answers import QUESTIONS, AnswersError, checked, host_answers, read_answers
    from survey.service.places import ANSWERS

    if file or ANSWERS.exists():
        return read_answers(file or ANSWERS)
    if not sys.stdin.isatty():
        raise CommandError("nobody is at a terminal to answer: give --answers FILE (nothing was changed)")
    answers: dict[str, str] = {}
    for name, question in QUESTIONS.items():
        while name not in answers:
            try:
                answers[name] = checked(name, click.prompt(question, default="", show_default=False))
            except AnswersError as error:
                click.echo(f"  {error}", err=True)
    return host_answers(answers)


def _make(changes: "Iterable[Change]", *, dry_run: bool) -> None:
    # Whatever root's umask: web server and processes read what is written; a secret says its own rights.
    os.umask(0o022)
    for change in changes:
        if dry_run:
            click.echo(change.described())
        elif not change.done():
            click.echo(change.described().partition("\n")[0].rstrip(":"))
            change.make()
