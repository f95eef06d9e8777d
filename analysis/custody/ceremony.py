"""The key ceremony: a wave's key is made, split among custodians and drilled before the study may open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from analysis.budget.ledger import Ledger
from analysis.custody.cards import Deck
from analysis.custody.custody_record import card_record, new_custody
from analysis.custody.one_ledger import budget_of, check_one_ledger
from analysis.custody.share_distribution import SplitRequest, check_places, hand_out
from analysis.opening.answers import WrongKeyError, open_drill
from analysis.study.announced_budget import announced_budget
from analysis.study.folder import StudyFolder
from crypto import custody
from crypto.durable import write_file
from crypto.envelope import EnvelopeError
from crypto.errors import RefusedError
from crypto.keys import fingerprint
from crypto.sealing import seal
from crypto.signing import SigningKey
from survey.authoring.editing.new_version import version_fault
from survey.authoring.editing.wording_changes import TimedPlaces, corrected_words, other_changes
from survey.document import DocumentError
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.signed import DetachedSignature, Purpose, SchemePair
from survey.wave.custody import Drill
from survey.wave.issuer_key import IssuerDocument
from survey.wave.manifest import Manifest, build_manifest
from survey.wave.witnesses import Witnesses

DRILL_PAYLOAD = b"sotto drill"


class CeremonyError(RefusedError):
    """A ceremony or drill that cannot go on; nothing was made, or the message says what to throw away."""


@dataclass(frozen=True)
class CeremonyRequest(SplitRequest):
    """What was asked of a ceremony: the first split of a new key, and a study's budget in nano-rho.

    `total` is announced with the study's first wave, once: None takes what was announced, or the default.
    `issuer` is the wave's issuer key from the collection host: an invitation study needs it, an open link has none.
    `witnesses` cosign the public log's head; without any nobody stands in for the host.
    `new_version`: the questionnaire replaces that of the waves before, from this wave on.
    """

    demo: bool = False
    total: int | None = None
    issuer: IssuerDocument | None = None
    witnesses: Witnesses | None = None
    new_version: bool = False


@dataclass(frozen=True)
class Ceremony:
    """What a ceremony made: everything here is public; the words are only in the files `shares`."""

    manifest: Manifest
    fingerprint: str
    shares: tuple[Path, ...]
    head: str

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        manifest = self.manifest
        public = {"study": manifest.study, "wave": manifest.wave, "demo": manifest.demo, "signer": manifest.signer}
        hashes = {"manifest": manifest.digest, "pin": manifest.pin, "key_id": manifest.key_id}
        outcome = {"fingerprint": self.fingerprint, "shares": [str(path) for path in self.shares]}
        return public | hashes | outcome | {"budget": manifest.budget.nano_rho, "head": self.head}


def hold_ceremony(
    folder: StudyFolder,
    questionnaire: Questionnaire,
    texts: dict[str, Texts],
    request: CeremonyRequest,
    on_progress: Callable[[int], None] | None = None,
    *,
    timed: TimedPlaces | None = None,
) -> Ceremony:
    """Make the wave's key and everything beside it; the manifest is written last, so a wave with one is whole.

    Raises StudyError where a later wave would get another signing key or ledger than the waves before it, CeremonyError
    for a wave that has a key, another questionnaire, an issuer key that is missing, of another wave or of no use,
    ShareFileError for shares inside the study folder or where others can write, and CustodyError for a split that
    protects nothing. Every quorum is tried before anything is written; `on_progress` is told of each.
    `timed` are the places into which minutes were filled (`Compiled.timed`): a later wave keeps those that it had.
    """
    if request.new_version:
        _refuse_version(folder, questionnaire, texts, timed or {})
    else:
        questionnaire, texts = _documents(folder, questionnaire, texts, timed or {})
    _refuse(folder, questionnaire, request)
    seed = custody.new_seed()
    words = custody.split(seed, request.threshold, request.custodians, demo=request.demo, on_progress=on_progress)
    public = custody.public_key(seed)
    key = _study(folder, request, questionnaire, texts)
    manifest = build_manifest(
        questionnaire,
        texts,
        wave=request.wave,
        key=public,
        signer=key.verifying_key.fingerprint,
        budget=budget_of(folder, request.total),
        demo=request.demo,
        issuer_key=request.issuer.key if request.issuer else None,
        witnesses=request.witnesses,
    )
    if not folder.ledger_path.exists():
        Ledger.create(folder.ledger_path, folder.anchor_path, announced_budget(manifest))
    with folder.open_ledger() as ledger:
        head = ledger.head
    paths = hand_out(request, Deck(manifest, request.threshold, request.custodians, head), words)
    _write_wave(folder, manifest, key, request, words)
    return Ceremony(manifest, fingerprint(public), paths, head)


def drill(
    folder: StudyFolder, wave: int, shares: Sequence[str], on_progress: Callable[[int], None] | None = None
) -> Drill:
    """Prove that every quorum opens a fresh test envelope, and write the signed `drill.json` that says so.

    `shares` are the words of all custodians. Raises CustodyError, CeremonyError; returns the record.
    """
    manifest = folder.manifest(wave)
    cards = card_record(folder, manifest)
    split = cards.custody
    if len(shares) != split.custodians:
        raise CeremonyError(f"a drill needs all {split.custodians} shares, {len(shares)} were given")
    for position, share in enumerate(shares, 1):
        cards.card(share, f"share {position} of those given")
    envelope = seal(DRILL_PAYLOAD, manifest.public_key, manifest.context, manifest.plaintext_size)
    subsets = 0
    for quorum in combinations(shares, split.threshold):
        _open_with(quorum, manifest, envelope, split.commitments)
        subsets += 1
        if on_progress:
            on_progress(1)
    key = folder.signing_key_of(manifest)
    record = Drill(
        format="sotto-drill-1",
        study=manifest.study,
        wave=wave,
        manifest=manifest.digest,
        threshold=split.threshold,
        custodians=split.custodians,
        subsets=subsets,
        commitments=split.commitments,
        signer=SchemePair.of(key.verifying_key),
    ).signed(key)
    write_file(folder.wave(wave) / "drill.json", record.to_bytes())
    return record


def _documents(
    folder: StudyFolder, questionnaire: Questionnaire, texts: dict[str, Texts], timed: TimedPlaces
) -> tuple[Questionnaire, dict[str, Texts]]:
    """Return the documents of the wave: those that the study folder keeps, where it has any.

    The program may be a newer one by now, with other words of its own: a study keeps those of its first ceremony.
    """
    if not (folder.root / "questionnaire.json").exists():
        return questionnaire, texts
    kept, before = folder.questionnaire(), folder.texts()
    changed = next(other_changes(kept, before, questionnaire, texts, timed), None)
    words = next(corrected_words(before, texts, timed), None)
    if changed is None and words is None:
        return kept, before
    raise CeremonyError(
        f"this folder holds another questionnaire or other texts: {changed or words}. Other words of the same meaning "
        "are corrected (`sotto study correct`) before the ceremony; anything else is a new version of the "
        "questionnaire in this study, with its budget: give --new-version"
    )


def _refuse_version(
    folder: StudyFolder, questionnaire: Questionnaire, texts: dict[str, Texts], timed: TimedPlaces
) -> None:
    if not folder.newest_wave:
        raise CeremonyError(
            f"{folder.root} has had no ceremony, so there is no version before this one: leave --new-version out"
        )
    asked = [folder.questionnaire(wave) for wave in range(1, folder.newest_wave + 1)]
    fault = version_fault(asked, folder.texts(), questionnaire, texts, timed)
    if fault:
        raise CeremonyError(f"this is no new version: {fault} (nothing was made)")


def _refuse(folder: StudyFolder, questionnaire: Questionnaire, request: CeremonyRequest) -> None:
    _refuse_issuer(questionnaire, request)
    if (folder.wave(request.wave) / "manifest.json").exists():
        raise CeremonyError(
            f"wave {request.wave} has its key already: the next ceremony is for wave {request.wave + 1}"
        )
    check_one_ledger(folder, request.wave, request.total)
    check_places(folder, questionnaire.study, request, "--shares")


def _refuse_issuer(questionnaire: Questionnaire, request: CeremonyRequest) -> None:
    study, wave, issuer = questionnaire.study, request.wave, request.issuer
    if questionnaire.mode == "open":
        if issuer:
            raise CeremonyError(f"{study} is an open link, which has no issuer key: hold the ceremony without --issuer")
        return
    if issuer is None:
        raise CeremonyError(
            f"{study} needs invitations: run `sotto issuer new {study} --wave {wave} -o issuer.json` on the collection "
            "host, bring that file here and give it with --issuer"
        )
    try:
        issuer.check(study, wave)
    except DocumentError as error:
        raise CeremonyError(str(error)) from None


def _study(
    folder: StudyFolder, request: CeremonyRequest, questionnaire: Questionnaire, texts: dict[str, Texts]
) -> SigningKey:
    """Make what all waves of a study share where it is not there yet; return the signing key."""
    # Ledger and unpublished releases lie here: no other account reads them, whatever the umask.
    folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if request.new_version or not folder.newest_wave:
        place = folder.wave(request.wave) if request.new_version else folder.root
        for locale, text in texts.items():
            write_file(place / "texts" / f"{locale}.json", text.to_bytes())
        write_file(place / "questionnaire.json", questionnaire.to_bytes())
    if not folder.signing_key_path.exists():
        write_file(folder.signing_key_path, SigningKey.generate().to_bytes(), mode=0o600)
    return folder.signing_key()


def _write_wave(
    folder: StudyFolder, manifest: Manifest, key: SigningKey, request: CeremonyRequest, words: list[str]
) -> None:
    wave = folder.wave(manifest.wave)
    write_file(wave / "custody.json", new_custody(manifest, key, words, request.threshold, None).to_bytes())
    signature = DetachedSignature.of(manifest.to_bytes(), key, Purpose.MANIFEST)
    write_file(wave / "manifest.sig.json", signature.to_bytes())
    write_file(wave / "manifest.json", manifest.to_bytes())


def _open_with(quorum: Sequence[str], manifest: Manifest, envelope: bytes, commitments: Sequence[str]) -> None:
    try:
        opened = open_drill(custody.combine(quorum, commitments=commitments), manifest, envelope)
    except (WrongKeyError, EnvelopeError):
        opened = b""
    if opened != DRILL_PAYLOAD:
        raise CeremonyError(
            "a quorum does not open the test envelope: throw the shares away and hold the ceremony again"
        )
