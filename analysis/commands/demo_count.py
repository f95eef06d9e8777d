"""
Counts what a demo's box holds, exactly: `python -m analysis.commands.demo_count`.

Refuses every key that is not a demo's.
"""

import json
from pathlib import Path

import click

from analysis.commands.program import print_error
from analysis.custody.share_files import combine_share_files
from analysis.opening.answers import Answers
from analysis.study.folder import StudyError, StudyFolder
from crypto.box import BoxFile

CHUNK = 10_000


@click.command()
@click.option("--box", "box_path", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--study", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--shares", type=click.Path(path_type=Path, exists=True), multiple=True, required=True)
@click.argument("more_shares", type=click.Path(path_type=Path, exists=True), nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="The only format; accepted as everywhere.")
def main(
    *,
    box_path: Path,
    study: Path,
    shares: tuple[Path, ...],
    more_shares: tuple[Path, ...],
    as_json: bool,  # noqa: ARG001 - there is one format
) -> None:
    """Print how many of a demo's invented responses open and are valid. No release ever carries these numbers."""
    try:
        opened, records = count(StudyFolder(study), box_path, (*shares, *more_shares))
    except Exception as error:  # noqa: BLE001 - as every analysis command: told by its name, its text could hold an answer
        raise print_error(error) from None
    click.echo(json.dumps({"opened": opened, "invalid": records - opened}))


def count(folder: StudyFolder, box_path: Path, shares: tuple[Path, ...]) -> tuple[int, int]:
    """Return (readable records, records); raise StudyError unless the wave's manifest is a demo's."""
    with BoxFile.open(box_path) as box:
        wave, records = box.header.wave, len(box)
    manifest = folder.manifest(wave)
    if not manifest.demo:
        raise StudyError("exact counts exist for a demo only; a real wave has none")
    answers = Answers.of(combine_share_files(folder, manifest, shares), manifest, folder.questionnaire(wave))
    shards = (answers.open_shard(box_path, at, min(at + CHUNK, records)) for at in range(0, records, CHUNK))
    return sum(int(columns.readable.sum()) for columns, _ in shards), records


if __name__ == "__main__":
    main(prog_name="demo-count")
