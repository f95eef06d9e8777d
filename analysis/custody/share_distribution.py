"""Where a split's words go, to cards or bare files: refused beforehand or written, at a ceremony and at a resharing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.custody.cards import Deck, require_printing, wordings, write_cards
from analysis.custody.share_files import ShareFileError, require_empty, require_private, write_shares
from analysis.study.folder import StudyFolder


@dataclass(frozen=True)
class SplitRequest:
    """The split that is asked for: any `threshold` of `custodians` open `wave`; where words and cards go."""

    wave: int
    threshold: int
    custodians: int
    shares: Path | None = None
    cards: Path | None = None
    languages: tuple[str, ...] = ("en",)


def check_places(folder: StudyFolder, study: str, request: SplitRequest, option: str) -> None:
    """Raise ShareFileError where the words could not go; `option` is the one that names the folder of bare files."""
    if request.shares is None and request.cards is None:
        raise ShareFileError(f"say where the shares go: cards with --cards, bare files with {option}, or both")
    for folder_of_shares, flag in ((request.shares, option), (request.cards, "--cards")):
        if folder_of_shares:
            require_private(folder, folder_of_shares, flag)
            require_empty(folder_of_shares, study, request.wave, flag)
    wordings(request.languages, request.custodians)
    if request.cards:
        require_printing()


def hand_out(request: SplitRequest, deck: Deck, words: Sequence[str]) -> tuple[Path, ...]:
    """Write the words where they were wished; return one file a custodian that a drill and a release can read."""
    paths: tuple[Path, ...] = ()
    if request.cards:
        paths = write_cards(request.cards, deck, words, request.languages)
    if request.shares:
        paths = write_shares(request.shares, deck.manifest, words, deck.threshold)
    return paths
