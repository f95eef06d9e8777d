"""The end of a wave's key: enough custodians destroyed their cards, and the study signs that nothing opens any more."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.budget.anchor import Anchor, AnchorError
from analysis.custody.custody_record import destroyed_waves, read_statement, refuse_destroyed, splits
from analysis.study.folder import StudyError, StudyFolder, read_document
from analysis.study.registered_plans import registered_plans, withdrawals
from crypto.canonical import digest
from crypto.durable import write_file
from survey.document import today
from survey.plan.plan import Plan
from survey.release.release import Release
from survey.signed import SchemePair
from survey.wave.custody import Custody, Destruction, Split
from survey.wave.manifest import Manifest

Confirmed = Mapping[str, Sequence[int]]
"""Hash of a split's custody.json -> the numbers of its cards whose holders say that they destroyed them."""


class StillOpensError(StudyError):
    """Too many cards are left: who holds them could still open the wave."""


# Decision 59.
def destroy(folder: StudyFolder, wave: int, confirmed: Confirmed) -> Destruction:
    """
    Sign that the key of `wave` is gone, after which nothing of it is opened from this folder, for ever.

    Of every split that there ever was so many cards must be confirmed as destroyed that fewer than its threshold are
    left; raises StillOpensError otherwise. The anchor remembers it too: a statement that is taken away is missed.
    """
    manifest = folder.manifest(wave)
    path = folder.wave(wave) / "destruction.json"
    if path.exists() and wave not in destroyed_waves(folder.anchor_path):
        return _finished(folder, manifest, path)
    refuse_destroyed(folder, manifest)
    confirmed_splits = [_split(split, confirmed.get(split.digest, ())) for split in splits(folder, manifest)]
    with folder.open_ledger() as ledger:
        head = ledger.head
    key = folder.signing_key_of(manifest)
    statement = Destruction(
        format="sotto-destruction-1",
        study=manifest.study,
        wave=wave,
        manifest=manifest.digest,
        day=today().isoformat(),
        splits=tuple(confirmed_splits),
        releases=tuple(sorted(_releases(folder, manifest))),
        head=head,
        signer=SchemePair.of(key.verifying_key),
    ).signed(key)
    write_file(path, statement.to_bytes())
    _remember(folder.anchor_path, statement)
    return statement


def destruction_doubts(folder: StudyFolder, manifest: Manifest) -> tuple[str, ...]:
    """Return, each in a sentence, what of a wave would be lost with its key: nothing released, plans not released."""
    unreleased = [plan for plan in _registered(folder, manifest.wave) if not _has_release(folder, plan.digest)]
    doubts = [f"the registered plan {plan.digest[:8]} ({plan.title}) was never released" for plan in unreleased]
    if not _releases(folder, manifest):
        doubts.append(f"nothing was ever released of wave {manifest.wave}, and then nothing ever will be")
    return tuple(doubts)


def _registered(folder: StudyFolder, wave: int) -> list[Plan]:
    """Return the plans of a wave that were registered and not withdrawn."""
    filed = registered_plans(folder)
    gone = withdrawals(filed)
    return [one.plan for one in filed if one.plan.wave == wave and one.plan.digest not in gone]


def _has_release(folder: StudyFolder, plan: str) -> bool:
    return (folder.release_folder(plan) / "release.json").exists()


def _finished(folder: StudyFolder, manifest: Manifest, path: Path) -> Destruction:
    """Finish what broke off between the statement and the anchor's line: the same statement, remembered now."""
    statement = read_statement(path, Destruction, manifest)
    _remember(folder.anchor_path, statement)
    return statement


def _split(split: Custody, confirmed: Sequence[int]) -> Split:
    numbers = sorted(set(confirmed))
    unknown = [number for number in numbers if not 1 <= number <= split.custodians]
    if unknown:
        raise StudyError(f"the split of {split.day} has cards 1 to {split.custodians}, and no card {unknown[0]}")
    left = split.custodians - len(numbers)
    if left >= split.threshold:
        raise StillOpensError(
            f"of the {split.custodians} cards of {split.day} (split {split.digest[:8]}), {left} are not confirmed as "
            f"destroyed and {split.threshold} open the wave: destroy {left - split.threshold + 1} more, then say so "
            "(nothing was written)"
        )
    return Split(custody=split.digest, threshold=split.threshold, custodians=split.custodians, confirmed=tuple(numbers))


def _releases(folder: StudyFolder, manifest: Manifest) -> list[str]:
    paths = sorted(folder.root.glob("releases/*/release.json"))
    return [digest(path.read_bytes()) for path in paths if read_document(path, Release).manifest == manifest.digest]


def _remember(path: Path, statement: Destruction) -> None:
    try:
        anchor = Anchor.open(path)
    except AnchorError as error:
        raise StudyError(str(error)) from None
    try:
        anchor.append(
            {"destroyed": {"wave": statement.wave, "manifest": statement.manifest, "statement": statement.digest}}
        )
    except AnchorError as error:
        raise StudyError(str(error)) from None
    finally:
        anchor.close()
