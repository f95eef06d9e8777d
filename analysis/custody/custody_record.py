"""How a wave's key is kept: the signed custody.json of its cards, the splits before it, and whether it is destroyed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from analysis.budget.anchor import Anchor, AnchorError
from analysis.study.folder import StudyError, StudyFolder, read_document
from crypto import custody
from crypto.custody import CustodyError
from crypto.durable import write_file
from crypto.keys import fingerprint
from crypto.signing import SigningKey
from survey.document import today
from survey.signed import SchemePair
from survey.wave.custody import Custody, CustodyStatement, Destruction, StatementError
from survey.wave.manifest import Manifest

StatementKind = TypeVar("StatementKind", bound=CustodyStatement)


class WaveDestroyedError(StudyError):
    """A wave whose key was destroyed: no share of it is accepted and nothing of it is ever opened."""


@dataclass(frozen=True)
class CardRecord:
    """The cards that open a wave now, and what any other card of this study folder is called."""

    custody: Custody
    other_cards: dict[str, str]

    def card(self, text: str, label: str) -> int:
        """Return the number of a card by its words; raise CustodyError, naming the card, for any that does not open."""
        custody.check_share(custody.LabelledShare(text, label))
        hashed = custody.commitment(text)
        number = self.custody.number(hashed)
        if number is not None:
            return number
        unknown = f"card {custody.card_number(text)} of another ceremony, of another study or from before this folder"
        raise CustodyError(
            f"{label} is {self.other_cards.get(hashed, unknown)}: bring the card of {self.custody.study}, wave "
            f"{self.custody.wave}, that was made on {self.custody.day} (nothing was opened)"
        )


def new_custody(
    manifest: Manifest, key: SigningKey, words: Sequence[str], threshold: int, before: str | None
) -> Custody:
    """Return the signed record of a split into the cards `words`; `before` is the hash of the split it replaces."""
    return Custody(
        format="sotto-custody-2",
        study=manifest.study,
        wave=manifest.wave,
        manifest=manifest.digest,
        day=today().isoformat(),
        fingerprint=fingerprint(manifest.public_key).replace(" ", ""),
        threshold=threshold,
        custodians=len(words),
        commitments=tuple(custody.commitment(share) for share in words),
        supersedes=before,
        signer=SchemePair.of(key.verifying_key),
    ).signed(key)


def read_custody(folder: StudyFolder, manifest: Manifest) -> Custody:
    """Return how a wave's key is split now; raise StudyError unless the study signed it for this very manifest."""
    return read_statement(folder.wave(manifest.wave) / "custody.json", Custody, manifest)


def splits(folder: StudyFolder, manifest: Manifest) -> list[Custody]:
    """Return every split of a wave's key that there ever was, the newest first; raise StudyError where one is lost."""
    newest_first = [read_custody(folder, manifest)]
    while (before := newest_first[-1].supersedes) is not None:
        path = folder.wave(manifest.wave) / "superseded" / f"{before}.json"
        older = read_statement(path, Custody, manifest)
        if older.digest != before:
            raise StudyError(f"{path} is not the split that was replaced: restore it from its copy")
        newest_first.append(older)
    return newest_first


def card_record(folder: StudyFolder, manifest: Manifest) -> CardRecord:
    """Return the cards of a wave; raise StudyError for a broken record and WaveDestroyedError where there are none."""
    refuse_destroyed(folder, manifest)
    other_cards: dict[str, str] = {}
    for path in sorted(folder.root.glob("waves/*/manifest.json")):
        wave = folder.manifest(int(path.parent.name))
        for index, split in enumerate(splits(folder, wave)):
            origin = f"of wave {wave.wave}" if index == 0 else f"of a split of wave {wave.wave} that was replaced"
            other_cards |= {hashed: f"card {n} {origin}" for n, hashed in enumerate(split.commitments, 1)}
    return CardRecord(read_custody(folder, manifest), other_cards)


def replace_custody(folder: StudyFolder, new: Custody) -> None:
    """Put `new` in the place of the split that it supersedes, which is kept beside it with its drill."""
    wave = folder.wave(new.wave)
    for name, ending in (("custody.json", "json"), ("drill.json", "drill.json")):
        path = wave / name
        if path.exists():
            write_file(wave / "superseded" / f"{new.supersedes}.{ending}", path.read_bytes())
    write_file(wave / "custody.json", new.to_bytes())
    (wave / "drill.json").unlink(missing_ok=True)


def refuse_destroyed(folder: StudyFolder, manifest: Manifest) -> None:
    """Raise WaveDestroyedError where the wave's key was destroyed, by signed statement or by what the anchor remembers.

    Reads two files and opens nothing, so it comes before any share is asked for. It waits for the anchor's lock: never
    call it while the ledger is open.
    """
    path = folder.wave(manifest.wave) / "destruction.json"
    if path.exists():
        statement = read_statement(path, Destruction, manifest)
        raise WaveDestroyedError(
            f"the key of {manifest.study}, wave {manifest.wave}, was destroyed on {statement.day}: no card is taken "
            "and nothing of it is opened any more; the releases that were made remain"
        )
    if manifest.wave in destroyed_waves(folder.anchor_path):
        raise WaveDestroyedError(
            f"{folder.anchor_path} remembers that the key of wave {manifest.wave} was destroyed, and {path} is "
            "missing: restore it from its copy or from the public log; nothing of the wave is opened any more"
        )


def destroyed_waves(path: Path) -> set[int]:
    """Return the waves whose keys were destroyed as the anchor at `path` remembers; waits for the anchor's lock."""
    try:
        anchor = Anchor.read(path)
    except AnchorError as error:
        raise StudyError(str(error)) from None
    anchor.close()
    return {line["wave"] for line in anchor.destroyed()}


def read_statement(path: Path, kind: type[StatementKind], manifest: Manifest) -> StatementKind:
    """Return a signed statement of this wave; raise StudyError unless the study signed it for this very manifest."""
    statement = read_document(path, kind)
    try:
        signer = statement.check()
    except StatementError as error:
        raise StudyError(f"{path}: {error}") from None
    if signer.fingerprint != manifest.signer or statement.manifest != manifest.digest:
        raise StudyError(f"{path} is of another wave, or signed by another key than the manifest names: restore it")
    return statement
