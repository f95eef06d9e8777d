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


def check_places(folder: StudyFolder, study: str, asked: SplitRequest, option: str) -> None:
    """Raise ShareFileError where the words could not go; `option` is the one that names the folder of bare files."""
    if asked.shares is None and asked.cards is None:
        raise ShareFileError(f"say where the shares go: cards with --cards, bare files with {option}, or both")
    for place, named in ((asked.shares, option), (asked.cards, "--cards")):
        if place:
            require_private(folder, place, named)
            require_empty(place, study, asked.wave, named)
    wordings(asked.languages, asked.custodians)
    if asked.cards:
        require_printing()


def hand_out(asked: SplitRequest, deck: Deck, words: Sequence[str]) -> tuple[Path, ...]:
    """Write the words where they were wished; return one file a custodian that a drill and a release can read."""
    paths: tuple[Path, ...] = ()
    if asked.cards:
        paths = write_cards(asked.cards, deck, words, asked.languages)
    if asked.shares:
        paths = write_shares(asked.shares, deck.manifest, words, deck.threshold)
    return paths
