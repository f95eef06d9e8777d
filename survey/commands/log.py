"""`sotto log verify` and `sotto verify --envelope`: checks of what a host has published."""

import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from crypto.errors import ExitCode, printable
from survey.commands.console import FILE, JSON, PASS_THROUGH, print_result, require_extra, settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.group()
def log() -> None:
    """The public log of a collection host."""


@log.command("verify")
@click.argument("where", metavar="FOLDER|URL")
@click.option("--since", type=FILE, help="A log/checkpoint that you kept from an earlier day.")
@click.option("--key", help="The log's key as you noted it down.")
@click.option("--box", type=FILE, help="A box: compares its records with the published receipts (nothing is opened).")
@click.option("--mirror", is_flag=True, help="The address has copied files: it has no pages, and none is compared.")
@JSON
def log_verify(
    *, where: str, since: Path | None, key: str | None, box: Path | None, mirror: bool, as_json: bool
) -> None:
    """Check a published log: its head, every older head, every document that it names; of a host, also its pages.

    \b
    Example: sotto log verify https://survey.example.org --since checkpoint-of-march
    """
    from survey.public_log.open_waves import page_report
    from survey.public_log.published_source import PublishedSource
    from survey.public_log.verification import LogCheckError, PublishedLog
    from survey.public_log.witness_quorum import WitnessCheck

    faults, remarks, size, root = [], list[str](), 0, ""
    corrected, versions = list[str](), list[str]()
    try:
        published_log = PublishedLog.read(PublishedSource(where), key)
        size, root = published_log.head.size, published_log.head.root.hex()
        pages, witnesses = page_report(published_log, mirror=mirror), WitnessCheck(published_log, int(time.time()))
        faults = [*published_log.faults(), *pages.faults, *witnesses.faults()]
        corrected, versions = published_log.corrections(), published_log.versions()
        remarks = [f"{pages.remark}.", *witnesses.remarks()]
        if since:
            published_log.require_continued(since.read_bytes(), str(since))
        if box:
            published_log.require_box(box)
    except LogCheckError as error:
        faults.append(str(error))
    lines = [f"NOT SO: {fault}." for fault in faults] or [f"The log holds: {size} entries, head {root}."]
    facts = {"verified": not faults, "size": size, "root": root, "faults": faults, "remarks": remarks}
    facts |= {"corrections": corrected, "versions": versions}
    print_result(facts, "\n".join(map(printable, [*lines, *versions, *corrected, *remarks])), as_json=as_json)
    if faults:
        sys.exit(ExitCode.UNVERIFIED)


@log.command("cosign")
@click.argument("file", type=FILE)
@JSON
def log_cosign(*, file: Path, as_json: bool) -> None:
    """Publish what witnesses signed, beside the head that it is of; each line is checked first.

    \b
    Example: sotto log cosign lin-2.txt
    """
    host_settings = settings()
    from survey.public_log.cosigning import CosigningError, publish_cosignatures
    from survey.public_log.log_events import host_log

    try:
        heads = publish_cosignatures(host_log(host_settings), file.read_bytes(), int(time.time()))
    except CosigningError as error:
        raise CosigningError(f"{file}: {error}") from None
    lines = [f"Published: {head.name}, under the head of {head.size} entries" for head in heads]
    print_result({"cosigned": [asdict(head) for head in heads]}, "\n".join(lines), as_json=as_json)


@click.command("verify", help="Check a release, or a receipt, as an outsider can.", context_settings=PASS_THROUGH)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Pass a release to the analysis; look up a receipt here, which needs no analysis installed."""
    if any(argument.partition("=")[0] == "--envelope" for argument in arguments):
        receipt.main(list(arguments), prog_name="sotto verify", standalone_mode=False)
        return
    require_extra("opendp", "analysis")
    sys.exit(subprocess.run([sys.executable, "-m", "analysis", "verify", *arguments], check=False).returncode)


@click.command("verify")
@click.option("--envelope", required=True, help="A receipt: 16 to 64 digits of the hash of a sealed envelope.")
@click.option("--published", required=True, metavar="FOLDER|URL", help="A copied published folder, or a host.")
@JSON
def receipt(*, envelope: str, published: str, as_json: bool) -> None:
    """Look for a receipt in every box of a log; of a host, only its first two digits are asked for.

    \b
    Example: sotto verify --envelope '0a1b 2c3d 4e5f 6071' --published https://survey.example.org
    """
    from survey.public_log.published_source import PublishedSource
    from survey.public_log.verification import PublishedLog, look_up, normal_receipt

    normal = normal_receipt(envelope)
    published_log = PublishedLog.read(PublishedSource(published))
    lookups = look_up(published_log, normal)
    matches = [lookup for lookup in lookups if lookup.found]
    absent = (
        f"It is in none of {len(lookups)} boxes. Compare it with what was written down; an answer that was withdrawn, "
        "or whose wave is still open, is in no box. If neither is so, an answer is missing: keep the receipt and ask."
    )
    lines = [
        f"It is there: in the box of {lookup.study}, wave {lookup.wave}, with {lookup.count} answers, "
        f"logged on {lookup.day}."
        for lookup in matches
    ] or [absent]
    lines.append(
        f"The log's head: {published_log.head.size} entries, {published_log.head.root.hex()}. Others must see the same."
    )
    print_result(
        {"found": bool(matches), "boxes": [asdict(lookup) for lookup in lookups]},
        "\n".join(map(printable, lines)),
        as_json=as_json,
    )
    if not matches:
        sys.exit(ExitCode.UNVERIFIED)
