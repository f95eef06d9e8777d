"""`sotto issuer`, `invite`, `batch`: who may answer once, from the issuer's key to the codes that are printed."""

from dataclasses import asdict
from pathlib import Path

import click

from survey.commands.console import JSON, print_result, settings
from survey.wave.batch_sizes import MAXIMUM, MINIMUM

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

NEW = click.Path(path_type=Path, dir_okay=False)
WAVE = click.option("--wave", type=click.IntRange(1), default=None, help="The open wave by default, else the next.")


@click.group()
def issuer() -> None:
    """The issuer's keys: one a wave, which sign tokens blind."""


@issuer.command("new")
@click.argument("study_name", metavar="STUDY")
@click.option("--wave", type=click.IntRange(1), required=True, help="The wave to come.")
@click.option("-o", "--output", type=NEW, required=True, help="Where the public half goes, for the ceremony.")
@JSON
def issuer_new(*, study_name: str, wave: int, output: Path, as_json: bool) -> None:
    """Make a wave's issuer key: the private half stays in SOTTO_ISSUER_KEYS, the public half goes to the ceremony.

    \b
    Example: sotto issuer new q26 --wave 1 -o issuer.json
    """
    host_settings = settings()
    from survey.operations.invitations import new_issuer

    issuer_key = new_issuer(host_settings, study_name, wave, output)
    text = (
        f"Issuer {issuer_key.id} of wave {wave}. "
        f"Next, on the analysis host: sotto key ceremony … --issuer {output.name}"
    )
    print_result({"issuer": issuer_key.id, "file": str(output)}, text, as_json=as_json)


@click.command()
@click.argument("study_name", metavar="STUDY")
@click.option("--batch", required=True, help="A name for these codes: lower-case letters, digits, hyphens.")
@click.option("--stratum", required=True, help="One of the questionnaire's strata.")
@click.option("--count", type=int, required=True, help=f"How many codes: {MINIMUM} to {MAXIMUM:,}.")
@click.option("--codes", type=NEW, required=True, help="The one file with the codes, for the printer.")
@WAVE
@JSON
def invite(
    *, study_name: str, batch: str, stratum: str, count: int, codes: Path, wave: int | None, as_json: bool
) -> None:
    """Make invitation codes: the host keeps their hashes, the file has the codes, and nothing else has them.

    \b
    Example: sotto invite q26 --batch library-may --stratum city --count 200 --codes library-may.json
    """
    host_settings = settings()
    from survey.operations.invitations import BatchRequest, invite

    batch_wave = invite(host_settings, BatchRequest(study_name, batch, stratum, count, wave), codes)
    text = (
        f"{count:,} codes for wave {batch_wave} are in {codes}, and nowhere else. Carry the file to another machine, "
        f"print it there with `sotto slips`, and destroy it here and there."
    )
    print_result(
        {"study": study_name, "wave": batch_wave, "batch": batch, "count": count, "codes": str(codes)},
        text,
        as_json=as_json,
    )


@click.group()
def batch() -> None:
    """Batches of invitations."""


@batch.command("list")
@click.argument("study_name", metavar="STUDY")
@JSON
def batch_list(*, study_name: str, as_json: bool) -> None:
    """Show a study's batches. How many codes were used is known once their wave has closed, and not before.

    \b
    Example: sotto batch list q26
    """
    host_settings = settings()
    from survey.operations.invitations import batches

    statuses = batches(host_settings, study_name)
    lines = [
        f"wave {status.wave}  {status.name}: {status.invited:,} invited to {status.stratum}, "
        + (f"{status.issued:,} used" if status.issued is not None else "open" if status.open else "closed")
        for status in statuses
    ]
    print_result(
        {"batches": [asdict(status) for status in statuses]},
        "\n".join(lines) or "There is no batch yet.",
        as_json=as_json,
    )


@batch.command("close")
@click.argument("study_name", metavar="STUDY")
@click.argument("name")
@WAVE
@JSON
def batch_close(*, study_name: str, name: str, wave: int | None, as_json: bool) -> None:
    """Close a batch whose slips were lost or stolen: its unused codes buy no token from now on.

    \b
    Example: sotto batch close q26 library-may
    """
    host_settings = settings()
    from survey.operations.invitations import close_batch

    batch_wave = close_batch(host_settings, study_name, name, wave)
    text = f"Batch {name} of wave {batch_wave} is closed. Make a new batch for people whose slips went with it."
    print_result({"study": study_name, "wave": batch_wave, "batch": name}, text, as_json=as_json)
