"""`sotto backup` and `sotto restore`: an encrypted copy of the host's data, and a host from it."""

from pathlib import Path

import click

from survey.commands.console import FILE, JSON, CommandError, print_result, require_extra, settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--to", "folder", type=DIRECTORY, required=True, help="The folder of backups.")
@click.option("--recipients", type=FILE, required=True, help="A file of age1… lines; who has a secret half can read.")
@click.option("--keep", type=click.IntRange(1, 30), default=2, show_default=True, help="How many to keep, the newest.")
@click.option("--compacted", is_flag=True, help="The databases were compacted just now; else they are first.")
@JSON
def backup(*, folder: Path, recipients: Path, keep: int, compacted: bool, as_json: bool) -> None:
    """Write an encrypted copy of both databases, the published folder and the log's key; compacts first.

    Rows stand in the order of their keys, and the size tells no number of answers. Issuer keys are left out.

    \b
    Example: sotto backup --to /var/lib/sotto/backup --recipients /etc/sotto/backup.txt
    """
    host_settings = settings()
    require_extra("pyrage", "web")
    from survey.operations.boxes import compact_answers
    from survey.service.backup import make_backup

    lines = [line.strip() for line in recipients.read_text(encoding="utf-8", errors="replace").splitlines()]
    to = [line for line in lines if line and not line.startswith("#")]
    if not to:
        raise CommandError(f"{recipients} names no recipient: put the age1… line of age-keygen into it")
    if not compacted:
        compact_answers(host_settings)
    path = make_backup(host_settings, folder, to, keep)
    text = (
        f"{path}\nThe newest {keep} are kept here: with one a night, a withdrawn answer is gone from all of "
        f"them {keep} nights after it is gone from the host. Where copies are kept for longer, the consent must say so."
    )
    print_result({"backup": str(path), "kept": keep}, text, as_json=as_json)


@click.command()
@click.argument("file", type=FILE)
@click.option("--identity", type=FILE, required=True, help="The file of age-keygen with the secret half.")
@JSON
def restore(*, file: Path, identity: Path, as_json: bool) -> None:
    """Put a backup into a fresh host, whose databases `sotto migrate` made; says what is lost.

    Only where there is no study yet; accounts of the desk are those of the backup. Then start the processes again.

    \b
    Example: sotto restore sotto-2026-11-30-1.age --identity backup.key
    """
    host_settings = settings()
    require_extra("pyrage", "web")
    from survey.service.backup import restore_backup

    restored = restore_backup(host_settings, file, identity)
    told = restored.lost()
    text = "\n".join([f"{restored.rows:,} rows and {restored.files:,} files of {restored.day} are back.", *told])
    value = {
        "day": restored.day,
        "rows": restored.rows,
        "files": restored.files,
        "open": restored.open_waves,
        "lost": told,
    }
    print_result(value, text, as_json=as_json)
