"""The analysis commands: keys, plans, the ledger, release, export, verify; `sotto` runs this as a child."""

import sys
from pathlib import Path

import click

from analysis import show
from analysis.cli_ledger import ledger
from analysis.cli_plan import plan
from analysis.cli_questions import compare, relate
from analysis.cli_synthetic import synthetic
from analysis.commandline import FILE, FOLDER, JSON, RELEASE, nano_rho, tell
from analysis.exits import UNVERIFIED, Program

# Commands import what they need when they run: OpenDP alone takes seconds, and most commands never add noise.
# ruff: noqa: PLC0415 - see above


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """What runs on the analysis host, which needs no network.

    \b
    Exit codes: 0 done, 1 stopped unexpectedly, 2 usage, 3 refused (a document, box, key or share is not right),
    4 budget or ledger (nothing is left, or a file was rewound), 5 a release is not verified, 130 ended by Ctrl-C.
    """


@main.group()
def key() -> None:
    """Keys and their custodians."""


main.add_command(plan)
main.add_command(ledger)
main.add_command(compare)
main.add_command(relate)
main.add_command(synthetic)


@key.command("ceremony")
@click.argument("questionnaire", type=FILE)
@click.option("--threshold", type=click.IntRange(1), required=True, help="How many custodians open together.")
@click.option("--custodians", type=click.IntRange(1), required=True, help="How many custodians there are.")
@click.option("--wave", type=click.IntRange(1), default=1, show_default=True, help="The wave the key is for.")
@click.option("-o", "--output", type=FOLDER, required=True, help="The study folder to make or to add a wave to.")
@click.option("--shares", type=FOLDER, required=True, help="Where the shares go: not in the study folder.")
@click.option("--rho", default=None, help="The study's lifetime budget as a decimal; 0.1 by default.")
@click.option("--issuer", type=FILE, help="The wave's issuer.json from `sotto issuer new`; only where codes invite.")
@click.option("--demo", is_flag=True, help="Allow one custodian alone, and mark everything as a demonstration.")
@JSON
def ceremony(
    *,
    questionnaire: Path,
    threshold: int,
    custodians: int,
    wave: int,
    output: Path,
    shares: Path,
    rho: str | None,
    issuer: Path | None,
    demo: bool,
    as_json: bool,
) -> None:
    """Make a wave's key, split it among custodians, and write the study folder.

    \b
    Example: sotto key ceremony sesame.yaml --threshold 3 --custodians 5 --wave 1 -o study --shares /media/shares
    """
    from analysis.ceremony import Wishes, hold
    from analysis.study_folder import StudyFolder, read_document
    from survey.authoring import compile_study
    from survey.issuer_document import IssuerDocument

    issuer_key = read_document(issuer, IssuerDocument) if issuer else None
    wishes = Wishes(wave, threshold, custodians, shares, demo=demo, total=nano_rho(rho), issuer=issuer_key)
    made = hold(StudyFolder(output), *compile_study(questionnaire), wishes)
    tell(as_json, made.to_json(), lambda: show.ceremony(made, output, wishes))


@key.command("drill")
@click.argument("study", type=FOLDER)
@click.option("--wave", type=click.IntRange(1), default=1, show_default=True)
@click.option("--shares", type=FILE, multiple=True, required=True, help="A custodian's share file; give all of them.")
@click.argument("more_shares", type=FILE, nargs=-1)
@JSON
def drill(*, study: Path, wave: int, shares: tuple[Path, ...], more_shares: tuple[Path, ...], as_json: bool) -> None:
    """Prove that every quorum of shares opens a test envelope; writes the signed drill.json.

    \b
    Example: sotto key drill study --wave 1 --shares /media/shares/*.txt
    """
    from math import comb

    from analysis.ceremony import drill as hold_drill
    from analysis.ceremony import read_share
    from analysis.study_folder import StudyFolder, read_json

    folder = StudyFolder(study)
    split = read_json(folder.wave(wave) / "custody.json")
    words = [read_share(path) for path in (*shares, *more_shares)]
    with show.progress("drilling", comb(split["custodians"], split["threshold"])) as drilled:
        document = hold_drill(folder, wave, words, drilled)
    tell(as_json, document, lambda: show.drill(document))


@main.command()
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option("--box", type=FILE, required=True, help="The box of the plan's wave.")
@click.option("--shares", type=FILE, multiple=True, required=True, help="A share file; give a quorum.")
@click.argument("more_shares", type=FILE, nargs=-1)
@click.option("--study", type=FOLDER, required=True, help="The study folder.")
@click.option("-o", "--output", type=FOLDER, help="Also write release.json here.")
@click.option("--workers", type=click.IntRange(1), help="Processes that open; all cores by default.")
@click.option("--lang", help="The locale of the tables shown.")
@click.option("--head", help="The ledger's head as the custodians noted it: refuse any other (8 hex digits or more).")
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
    as_json: bool,
) -> None:
    """Open the box, count, pay, add noise, sign; shows the tables with their margins.

    The same plan over the same box gives the stored release and costs nothing.

    \b
    Example: sotto release plan.yaml --box wave-1.box --shares a.txt b.txt c.txt --study study -o release-1
    """
    from rich.console import Console

    from analysis import show_ledger
    from analysis.run import Request, make_release, write_copy
    from analysis.study_folder import StudyFolder, read_plan

    folder = StudyFolder(study)
    parsed = read_plan(plan_file, folder.questionnaire())
    request = Request(folder, parsed, box, (*shares, *more_shares), workers, head)
    with folder.open_ledger() as opened:
        show_ledger.head(Console(stderr=True, highlight=False), opened.head)
    with show.stages(box) as (on_verify, on_open):
        outcome = make_release(request, on_verify=on_verify, on_open=on_open)
    path = outcome.path if output is None else write_copy(outcome, output, parsed)
    tell(as_json, outcome.to_json(path), lambda: show.release(outcome.release, lang, path, replayed=outcome.replayed))


@main.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option("--to", "folder", type=FOLDER, required=True, help="The folder to write into.")
@click.option("--format", "formats", default="csv,json", show_default=True, help="csv, json or both.")
@click.option("--lang", help="The locale of the labels.")
@JSON
def export(*, release_file: Path, folder: Path, formats: str, lang: str | None, as_json: bool) -> None:
    """Write each table of a release as CSV and JSON: labels, margins, noise and price beside every number.

    \b
    Example: sotto export release-1/release.json --to tables --format csv,json
    """
    from analysis.export import export as write
    from analysis.study_folder import read_document
    from survey.results import Release

    paths = write(read_document(document_in(release_file), Release), folder, tuple(formats.split(",")), lang)
    tell(as_json, {"files": [str(path) for path in paths]}, lambda: show.files(paths))


@main.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option("--study", type=FOLDER, help="A study folder: compares signer, documents and plan.")
@click.option("--box", type=FILE, help="The box: reads every record again (nothing is opened).")
@JSON
def verify(*, release_file: Path, study: Path | None, box: Path | None, as_json: bool) -> None:
    """Check a release: signature, ledger entry, price, noise and estimates; names every field that disagrees.

    \b
    Example: sotto verify release-1/release.json --study study --box wave-1.box
    """
    from analysis.study_folder import StudyFolder
    from analysis.verify import verify as check_release

    report = check_release(document_in(release_file).read_bytes(), StudyFolder(study) if study else None, box)
    tell(as_json, report.to_json(), lambda: show.report(report))
    if not report.verified:
        sys.exit(UNVERIFIED)


def document_in(path: Path) -> Path:
    """Return the release itself where its folder was given."""
    return path / "release.json" if path.is_dir() else path


if __name__ == "__main__":
    main(prog_name="sotto")
