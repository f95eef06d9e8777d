"""New cards for the same key: a quorum of the old ones makes a split among others, or with another threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.custody.cards import Deck
from analysis.custody.custody_record import CardRecord, card_record, new_custody, replace_custody
from analysis.custody.share_distribution import SplitRequest, check_places, hand_out
from analysis.custody.share_files import combine
from analysis.opening.answers import check_key
from analysis.study.folder import StudyFolder
from crypto import custody
from survey.wave.custody import Custody
from survey.wave.manifest import Manifest


@dataclass(frozen=True)
class Reshared:
    """What a resharing made: public, but for the words in the files `shares`."""

    custody: Custody
    shares: tuple[Path, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        custody = self.custody
        split = {"threshold": custody.threshold, "custodians": custody.custodians, "supersedes": custody.supersedes}
        return {"study": custody.study, "wave": custody.wave} | split | {"shares": [str(path) for path in self.shares]}


def check_request(folder: StudyFolder, request: SplitRequest) -> tuple[Manifest, CardRecord]:
    """Return the wave's manifest and cards; raise before any old share is asked for if the new split cannot be."""
    manifest = folder.manifest(request.wave)
    record = card_record(folder, manifest)
    custody.check_quorum(request.threshold, request.custodians, demo=manifest.demo)
    check_places(folder, manifest.study, request, "--to")
    return manifest, record


def reshare(
    folder: StudyFolder, request: SplitRequest, old: Sequence[str], on_progress: Callable[[int], None] | None = None
) -> Reshared:
    """
    Split the seed of the `old` cards anew and put the record of the new split in the old one's place.

    New cards never fit old ones: their identifier differs. The old ones open as before until they are destroyed; the
    wave has no drill until the new cards are drilled. Raises CustodyError, ShareFileError, StudyError, WrongKeyError.
    """
    manifest, record = check_request(folder, request)
    key = folder.signing_key_of(manifest)
    seed = combine(record, old)
    check_key(seed, manifest)
    words = custody.split(
        seed, request.threshold, request.custodians, demo=manifest.demo, unlike=old[:1], on_progress=on_progress
    )
    with folder.open_ledger() as ledger:
        deck = Deck(manifest, request.threshold, request.custodians, ledger.head)
    paths = hand_out(request, deck, words)
    new_record = new_custody(manifest, key, words, request.threshold, record.custody.digest)
    replace_custody(folder, new_record)
    return Reshared(new_record, paths)
