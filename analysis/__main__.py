"""The analysis commands: keys, plans, the ledger, release, export, verify; `sotto` runs this as a child."""

import sys
from pathlib import Path

import click

from analysis.commands.compare import compare, relate
from analysis.commands.export import export
from analysis.commands.key import key
from analysis.commands.ledger import ledger
from analysis.commands.plan import plan
from analysis.commands.plot import plot, report
from analysis.commands.program import Program
from analysis.commands.release import release
from analysis.commands.shared import FILE, FOLDER, JSON, RELEASE, print_result
from analysis.commands.synthetic import synthetic
from analysis.opening.core_dumps import forbid_core_dumps
from crypto.errors import ExitCode

# Commands import what they need when they run: OpenDP alone takes seconds, and most commands never add noise.
# ruff: noqa: PLC0415 - see above


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """What runs on the analysis host, which needs no network.

    \b
    Exit codes: 0 done, 1 stopped unexpectedly, 2 usage, 3 refused (a document, box, key or share is not right),
    4 budget or ledger (nothing is left, or a file was rewound), 5 a release is not verified, 130 ended by Ctrl-C.
    """


main.add_command(key)
main.add_command(plan)
main.add_command(ledger)
main.add_command(export)
main.add_command(plot)
main.add_command(report)
main.add_command(compare)
main.add_command(relate)
main.add_command(synthetic)
main.add_command(release)


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
    from analysis.study.folder import StudyFolder
    from analysis.study.release_file import document_in
    from analysis.terminal_views import show
    from analysis.verification.verify import verify as check_release

    report = check_release(document_in(release_file).read_bytes(), StudyFolder(study) if study else None, box)
    print_result(as_json, report.to_json(), lambda: show.report(report))
    if not report.verified:
        sys.exit(ExitCode.UNVERIFIED)


if __name__ == "__main__":
    forbid_core_dumps()
    main(prog_name="sotto")
