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
from analysis.commands.shards import open_shard, shard_secret
from analysis.commands.shared import FILE, FOLDER, JSON, RELEASE, print_result
from analysis.commands.study import study
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
main.add_command(study)
main.add_command(ledger)
main.add_command(export)
main.add_command(plot)
main.add_command(report)
main.add_command(compare)
main.add_command(relate)
main.add_command(synthetic)
main.add_command(release)
main.add_command(open_shard)
main.add_command(shard_secret)


@main.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option("--study", type=FOLDER, help="The study folder: also compares the signer, the documents and the plan.")
@click.option("--box", type=FILE, help="The box: also reads its records again, still sealed, and counts them.")
@JSON
def verify(*, release_file: Path, study: Path | None, box: Path | None, as_json: bool) -> None:
    """Check that a release is what was signed and that its numbers follow from one another.

    Goes in: RELEASE, a release.json or the folder that holds it. Alone it is checked against itself: signature, ledger
    entry, price, noise, estimates. With --study and --box it is also compared with what it was made from. Nothing is
    changed, sent or opened.

    Comes out: a line for each check, `ok`, `WRONG` or `not checked` for what was not given, then the verdict.

    \b
    Exit codes:
      0  verified: no check failed
      2  the command line is wrong, such as a file that is not there
      3  a file cannot be read, or is not what was asked for
      5  not verified: the last line names every field that disagrees

    To look for the receipt of an answer instead: sotto verify --envelope RECEIPT --published FOLDER|URL. Ends with 0
    where a published box holds it, with 5 where none does.

    \b
    Example: sotto verify release-1/release.json
    Example: sotto verify release-1/release.json --study study --box wave-1.box
    Example: sotto verify --envelope '0a1b 2c3d 4e5f 6071' --published https://survey.example.org
    """
    from analysis.study.folder import StudyFolder
    from analysis.study.release_file import document_in
    from analysis.terminal_views import show
    from analysis.verification.verify import verify as check_release

    document = document_in(release_file)
    report = check_release(document.read_bytes(), StudyFolder(study) if study else None, box)
    print_result(as_json, report.to_json(), lambda: show.report(report, document))
    if not report.verified:
        sys.exit(ExitCode.UNVERIFIED)


if __name__ == "__main__":
    forbid_core_dumps()
    main(prog_name="sotto")
