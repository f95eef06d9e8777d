"""`sotto`, the one program: staff commands run here, analysis commands as a child that this process never imports."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crypto.errors import ExitCode
from survey.commands.backup import backup, restore
from survey.commands.console import (
    FILE,
    JSON,
    PASS_THROUGH,
    CommandError,
    CommandGroup,
    print_result,
    require_extra,
    settings,
)
from survey.commands.invite import batch, invite, issuer
from survey.commands.kit import take_in
from survey.commands.log import log, verify
from survey.commands.operator import operator
from survey.commands.serve import demo, serve
from survey.commands.service import alarm, doctor, health, install, status, uninstall, upgrade
from survey.commands.slips import poster, slips
from survey.commands.study import study
from survey.commands.user import user
from survey.commands.withdraw import withdraw
from survey.commands.witness import witness

if TYPE_CHECKING:
    from survey.settings import Settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


def pass_through(group: click.Group, name: str, *prefix: str, summary: str) -> None:
    """Add a command whose arguments, terminal and exit code pass through to `python -m analysis`."""

    @group.command(name, help=summary, context_settings=PASS_THROUGH, add_help_option=False)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: tuple[str, ...]) -> None:
        require_extra("opendp", "analysis")
        sys.exit(subprocess.run([sys.executable, "-m", "analysis", *prefix, *arguments], check=False).returncode)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sotto-survey", prog_name="sotto")
def main() -> None:
    """Sotto: a survey platform for people who take a risk by answering.

    \b
    Example: sotto demo
    """


@main.group()
def key() -> None:
    """Keys and their custodians (analysis host)."""


@main.group()
def plan() -> None:
    """Plans: what to ask of the answers, and what it costs."""


@main.group()
def ledger() -> None:
    """The ledger of a study's lifetime budget (analysis host)."""


@main.group()
def compare() -> None:
    """Differences between groups and between waves, with margins (from releases)."""


@main.group()
def relate() -> None:
    """Whether two answers hang together: correlations and tests (from releases)."""


for command in (
    study,
    serve,
    demo,
    log,
    verify,
    take_in,
    issuer,
    invite,
    batch,
    slips,
    poster,
    withdraw,
    witness,
    install,
    uninstall,
    upgrade,
    user,
    doctor,
    health,
    status,
    alarm,
    backup,
    restore,
    operator,
):
    main.add_command(command)
pass_through(key, "ceremony", "key", "ceremony", summary="Make a wave's key, split it, write the study folder.")
pass_through(key, "drill", "key", "drill", summary="Prove that every quorum of shares opens an envelope.")
pass_through(key, "intent", "key", "intent", summary="Sign what is about to be opened, for the public log.")
pass_through(key, "reshare", "key", "reshare", summary="Make new cards for the same key from a quorum of old ones.")
pass_through(key, "destroy", "key", "destroy", summary="State that a wave's cards are destroyed; nothing opens then.")
pass_through(plan, "check", "plan", "check", summary="Price every table and show its margins; touches no data.")
pass_through(plan, "suggest", "plan", "suggest", summary="Split the budget for named margins; touches no data.")
pass_through(plan, "register", "plan", "register", summary="Sign a plan with its day, before its box is opened.")
pass_through(
    study, "correct", "study", "correct", summary="Sign a correction of wording, of the same codes and meaning."
)
pass_through(ledger, "show", "ledger", "show", summary="Show every debit of a study and what is left.")
pass_through(ledger, "verify", "ledger", "verify", summary="Check a study's ledger, anchor and releases.")
pass_through(ledger, "acknowledge", "ledger", "acknowledge", summary="Compare the head after an older anchor.")
pass_through(main, "release", "release", summary="Open a box, count, add noise, sign.")
pass_through(main, "open-shard", "open-shard", summary="Open one shard of a box for a release that waits elsewhere.")
pass_through(main, "shard-secret", "shard-secret", summary="Draw the secret by which a run knows its workers.")
pass_through(main, "export", "export", summary="Write a release as files for people and programs.")
pass_through(main, "plot", "plot", summary="Draw a release's tables as SVG and PNG, with margins.")
pass_through(main, "report", "report", summary="Write a release as a report: findings, pictures, method.")
pass_through(compare, "groups", "compare", "groups", summary="Compare a table's groups pair by pair, with margins.")
pass_through(compare, "waves", "compare", "waves", summary="Show how a table changed from one wave to another.")
pass_through(relate, "correlation", "relate", "correlation", summary="Correlate two answers, with intervals.")
pass_through(relate, "independence", "relate", "independence", summary="Test whether two answers hang together.")
pass_through(main, "synthetic", "synthetic", summary="Invent rows from a release, not for inference.")


@plan.command("publish")
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@JSON
def plan_publish(*, folder: Path, as_json: bool) -> None:
    """Publish a registered plan, before its wave's box is made; a later one is marked as late.

    \b
    Example: sotto plan publish study/plans/5f0c…
    """
    host_settings = settings()
    from survey.operations.plans import publish_plan

    name = publish_plan(host_settings, folder)
    print_result({"plan": name}, f"Published: {name}", as_json=as_json)


@main.command()
@click.argument("study_name", metavar="STUDY")
@click.argument("wave", type=click.IntRange(1))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The box to write."
)
@click.option("--yes", is_flag=True, help="Make a box that names no plan.")
@JSON
def box(*, study_name: str, wave: int, output: Path, yes: bool, as_json: bool) -> None:
    """Compact the store and write a closed wave's box. Asked again it writes the identical box or refuses.

    Refuses a wave that is open: `sotto study close` ends it. Without --yes it refuses one of which no plan is
    published, because every release of a later plan says for ever that it came late.

    \b
    Example: sotto box q26 1 -o wave-1.box
    """
    host_settings = settings()
    from survey.operations.boxes import box_doubts, make_box

    doubts = () if yes else box_doubts(host_settings, study_name, wave)
    if doubts:
        raise CommandError(f"{'; '.join(doubts)}. Or give --yes (nothing was changed)")
    header = make_box(host_settings, study_name, wave, output)
    text = f"{output}: {header.count:,} sealed records, root {header.root}"
    print_result({"box": str(output), "count": header.count, "root": header.root}, text, as_json=as_json)


@main.command()
@click.argument("document", type=FILE)
@JSON
def publish(*, document: Path, as_json: bool) -> None:
    """Publish and log a release, an intent, a split of a key, a correction or a destruction, as the study signed it.

    From a correction on, links to the open wave have another pin, which is printed; links from before stay good, with
    the old words.

    \b
    Example: sotto publish release-1/release.json
    """
    host_settings = settings()
    from survey.operations.corrections import publish_correction
    from survey.operations.releases import publish_release
    from survey.operations.statements import kind_of, publish_statement

    content = document.read_bytes()
    kind = kind_of(content)
    if kind == "correction":
        name, link = publish_correction(host_settings, content)
        where = f"New links: https://YOUR-HOST{link}" if link else "The next wave has these words."
        print_result({kind: name, "link": link}, f"Published: {name}\n{where}", as_json=as_json)
        return
    name = (publish_release if kind == "release" else publish_statement)(host_settings, content)
    print_result({kind: name}, f"Published: {name}", as_json=as_json)


@main.command()
@click.option("--check", is_flag=True, help="Compact nothing: say whether one was missed.")
@JSON
def compact(*, check: bool, as_json: bool) -> None:
    """Compact the store and write the fieldwork levels; run it daily by a timer.

    Hand-ins go on meanwhile. --check says on which day it last succeeded, and ends with 5 where a wave is without a
    box and more than a day was left out.

    \b
    Example: sotto compact
    """
    host_settings = settings()
    if check:
        _check_compaction(host_settings, as_json=as_json)
        return
    from survey.operations.boxes import compact_answers

    levels = compact_answers(host_settings)
    text = "\n".join(f"{name}: {level}" for name, level in levels.items()) or "Compacted; no wave is open."
    print_result({"fieldwork": levels}, text, as_json=as_json)


def _check_compaction(host_settings: "Settings", *, as_json: bool) -> None:
    from survey.operations.watching import compaction_days

    days = compaction_days(host_settings)
    last = days.last.isoformat() if days.last else None
    text = f"Last compacted: {last or 'never'}"
    if days.overdue:
        text += (
            "\nA compaction was missed: until one succeeds the files tell in which order answers came, and answers "
            "that were withdrawn are still there. Run `sotto compact`, and see why the timer did not."
        )
    print_result({"last": last, "missed": days.overdue}, text, as_json=as_json)
    if days.overdue:
        sys.exit(ExitCode.UNVERIFIED)


@main.command()
@JSON
def migrate(*, as_json: bool) -> None:
    """Bring both databases to this version's schema, and make the public log's key where there is none.

    \b
    Example: SOTTO_HOME=data sotto migrate
    """
    host_settings = settings()
    from survey.database.migration import migrate as migrate_databases
    from survey.operations.waves import note_frontend
    from survey.public_log.log_events import host_log

    revisions = migrate_databases(host_settings)
    key = host_log(host_settings).prepare()
    note_frontend(host_settings)
    lines = [*(f"{name}: {revision}" for name, revision in revisions.items()), f"log: {key}"]
    print_result({"revisions": revisions, "log": key}, "\n".join(lines), as_json=as_json)
