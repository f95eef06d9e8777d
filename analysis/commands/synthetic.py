"""`sotto synthetic`: invented rows that look like a release's tables, for teaching and for testing code."""

from dataclasses import asdict
from pathlib import Path

import click

from analysis.commands.shared import JSON, RELEASE, print_result

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above


@click.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The CSV of rows to write."
)
@click.option("--rows", type=click.IntRange(1, 10_000_000), help="How many; by default as many as the box has records.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same rows.")
@JSON
def synthetic(*, release_file: Path, output: Path, rows: int | None, seed: int, as_json: bool) -> None:
    """Invent rows from a release's tables (Chow-Liu tree), each stamped as not for inference; costs nothing.

    Beside the rows it writes ROWS.fidelity.csv: how far they are from every released table of one or two dimensions.
    What no table holds is not in the rows. Filtered tables, and a grid or several answers beside another question, are
    left out: the file and the terminal name them.

    \b
    Example: sotto synthetic release-1/release.json -o rows.csv
    """
    from analysis.estimates.synthetic import fidelity, fidelity_csv, synthesise
    from analysis.estimates.synthetic_omissions import omissions
    from analysis.study.release_file import read_release
    from analysis.terminal_views import synthetic as show_synthetic
    from crypto.durable import write_file

    release = read_release(release_file)
    rows_made = synthesise(release, rows=rows, seed=seed)
    fits, left_out = fidelity(release, rows_made), omissions(release)
    beside = output.with_suffix(".fidelity.csv")
    write_file(output, rows_made.csv().encode())
    write_file(beside, fidelity_csv(fits, left_out).encode())
    value = {"rows": str(output), "fidelity": str(beside), "number": len(rows_made), "tree": rows_made.tree}
    value |= {"tables": [asdict(fit) for fit in fits], "left_out": [asdict(one) for one in left_out]}
    print_result(as_json, value, lambda: show_synthetic.rows(rows_made, fits, left_out, (output, beside)))
