"""`sotto take-in`: the file that a field kit saved comes to the collection host."""

from pathlib import Path

import click

from survey.commands.console import FILE, JSON, print_result, settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.command("take-in")
@click.argument("study_name", metavar="STUDY")
@click.argument("file", type=FILE)
@JSON
def take_in(*, study_name: str, file: Path, as_json: bool) -> None:
    """Take in the sealed envelopes that a field kit saved as a file, while their wave is open. Twice is harmless.

    \b
    Example: sotto take-in q26 0f4c1a2b3c4d5e6f.sotto-queue
    """
    host_settings = settings()
    from survey.operations.kit_import import take_in

    imported = take_in(host_settings, study_name, file)
    text = f"All {imported.stored} envelopes of the file are stored in wave {imported.wave} of {study_name}."
    print_result({"study": study_name, "wave": imported.wave, "stored": imported.stored}, text, as_json=as_json)
