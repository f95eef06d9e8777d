"""New cards for the same key: a quorum of the old ones makes a split among others, or with another threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.custody.cards import Deck
from analysis.custody.custody_record import Kept, kept, new_custody, replace_custody
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
        made = self.custody
        split = {"threshold": made.threshold, "custodians": made.custodians, "supersedes": made.supersedes}
        return {"study": made.study, "wave": made.wave} | split | {"shares": [str(path) for path in self.shares]}


def check_wanted(folder: StudyFolder, wanted: SplitRequest) -> tuple[Manifest, Kept]:
    """Return the wave's manifest and cards; raise before any old share is asked for if the new split cannot be."""
    manifest = folder.manifest(wanted.wave)
    held = kept(folder, manifest)
    custody.check_quorum(wanted.threshold, wanted.custodians, demo=manifest.demo)
    check_places(folder, manifest.study, wanted, "--to")
    return manifest, held


def reshare(
    folder: StudyFolder, wanted: SplitRequest, old: Sequence[str], on_progress: Callable[[int], None] | None = None
) -> Reshared:
    """
    Split the seed of the `old` cards anew and put the record of the new split in the old one's place.

    New cards never fit old ones: their identifier differs. The old ones open as before until they are destroyed; the
    wave has no drill until the new cards are drilled. Raises CustodyError, ShareFileError, StudyError, WrongKeyError.
    """
    manifest, held = check_wanted(folder, wanted)
    seed = combine(held, old)
    check_key(seed, manifest)
    words = custody.split(
        seed, wanted.threshold, wanted.custodians, demo=manifest.demo, unlike=old[:1], on_progress=on_progress
    )
    with folder.open_ledger() as ledger:
        deck = Deck(manifest, wanted.threshold, wanted.custodians, ledger.head)
    paths = hand_out(wanted, deck, words)
    made = new_custody(manifest, folder.signing_key(), words, wanted.threshold, held.custody.digest)
    replace_custody(folder, made)
    return Reshared(made, paths)
