"""Share files: what a custodian's words lie in, where they may lie, and how a quorum of them becomes the seed."""

import stat
from collections.abc import Sequence
from pathlib import Path

from analysis.custody.custody_record import CardRecord, card_record
from analysis.study.folder import StudyFolder
from crypto import custody
from crypto.custody import CustodyError
from crypto.durable import write_file
from crypto.errors import RefusedError, file_fault
from crypto.share_words import normalised
from survey.wave.manifest import Manifest

PRIVATE = 0o600


class ShareFileError(RefusedError):
    """A share file that cannot be read, or a folder where no share may lie; the message says what to do."""


def read_share(path: Path) -> str:
    """Return the words in a share file: lines that begin with # are for people, numbers count the words.

    Raises ShareFileError for a file that cannot be read and for numbers that are not 1, 2, 3 and so on.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ShareFileError(f"the share {path}: {file_fault(error)}") from None
    except UnicodeDecodeError:
        raise ShareFileError(f"the share {path} is no text: give the file that the ceremony wrote") from None
    try:
        return unnumbered(" ".join(line for line in lines if not line.startswith("#")))
    except ValueError as error:
        raise ShareFileError(f"the share {path}: {error}") from None


def unnumbered(text: str) -> str:
    """Return the words of a card without the numbers before them; raise ValueError for numbers out of order."""
    parts = normalised(text).split()
    if not any(part.isdecimal() for part in parts):
        return " ".join(parts)
    numbers, words = parts[::2], parts[1::2]
    for position, number in enumerate(numbers, 1):
        if number != str(position) or position > len(words):
            raise ValueError(f"word {position} does not stand behind its number: copy it as the card has it")
    return " ".join(words)


def check_files(record: CardRecord, paths: Sequence[Path]) -> dict[int, str]:
    """Return the words of share files by the number of their card; raise CustodyError naming file or card."""
    words_by_card: dict[int, str] = {}
    for path in paths:
        text = read_share(path)
        number = record.card(text, str(path))
        if number in words_by_card:
            raise CustodyError(f"card {number} was given twice: each custodian gives their own")
        words_by_card[number] = text
    return words_by_card


def combine_share_files(folder: StudyFolder, manifest: Manifest, shares: Sequence[Path]) -> bytes:
    """Return the seed of a quorum of share files; a forged or foreign share is named by its file and its card."""
    record = card_record(folder, manifest)
    return combine(record, list(check_files(record, shares).values()))


def combine(record: CardRecord, words: Sequence[str]) -> bytes:
    """Return the seed of a quorum of the wave's cards; raise CustodyError."""
    return custody.combine(words, commitments=record.custody.commitments)


def require_private(folder: StudyFolder, target: Path, option: str) -> None:
    """Raise ShareFileError for a place where no share may lie: in the study folder, or where others can write."""
    if target.resolve().is_relative_to(folder.root.resolve()):
        raise ShareFileError(f"shares must not lie in the study folder: give another folder with {option}")
    if target.is_dir() and stat.S_IMODE(target.stat().st_mode) & stat.S_IWOTH:
        raise ShareFileError(
            f"everybody on this machine can write to {target}: give a folder of your own with {option}"
        )


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, in a folder that only its owner can enter where it is made now."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True)
    write_file(path, data, mode=PRIVATE)


def write_shares(folder: Path, manifest: Manifest, words: Sequence[str], threshold: int) -> tuple[Path, ...]:
    """Write one text file a custodian and return their paths; raise ShareFileError where shares of the wave lie."""
    paths = []
    for number, share in enumerate(words, start=1):
        path = folder / f"{manifest.study}-wave-{manifest.wave}-share-{number}-of-{len(words)}.txt"
        header = (
            f"# Sotto share {number} of {len(words)}: any {threshold} of them open {manifest.study}, "
            f"wave {manifest.wave}.\n# Keep it apart from the others. Commitment: {custody.commitment(share)}\n"
        )
        write_private(path, (header + share + "\n").encode())
        paths.append(path)
    return tuple(paths)


def require_empty(folder: Path, study: str, wave: int, option: str) -> None:
    """Raise ShareFileError where shares or cards of a wave lie already: they would be mixed up."""
    leftovers = [*folder.glob(f"{study}-wave-{wave}-share-*"), *folder.glob(f"{study}-wave-{wave}-card-*")]
    if leftovers:
        raise ShareFileError(f"{folder} holds shares of this wave already: give an empty folder with {option}")
