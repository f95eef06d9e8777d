"""The key ceremony: a wave's key is made, split among custodians and drilled before the study may open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from analysis.answers import WrongKey, open_drill
from analysis.ledger import Budget, Ledger
from analysis.price import DEFAULT_TOTAL
from analysis.study_folder import StudyError, StudyFolder, read_json, signed, write_file, write_json
from crypto import custody
from crypto.canonical import canonical
from crypto.envelope import EnvelopeError
from crypto.keys import fingerprint
from crypto.sealing import seal
from crypto.signing import SigningKey
from survey.document import DocumentError
from survey.issuer_document import IssuerDocument
from survey.manifest import Manifest, build_manifest
from survey.questionnaire import Questionnaire, Texts

DRILL_PAYLOAD = b"sotto drill"


class CeremonyError(ValueError):
    """A ceremony or drill that cannot go on; nothing was made, or the message says what to throw away."""


@dataclass(frozen=True)
class Wishes:
    """What was asked of a ceremony: a key for `wave`, any `threshold` of `custodians` open, budget in nano-rho.

    `issuer` is the wave's issuer key from the collection host: an invitation study needs it, an open link has none.
    """

    wave: int
    threshold: int
    custodians: int
    shares: Path
    demo: bool = False
    total: int = DEFAULT_TOTAL
    issuer: IssuerDocument | None = None


@dataclass(frozen=True)
class Ceremony:
    """What a ceremony made: everything here is public; the words are only in the files `shares`."""

    manifest: Manifest
    fingerprint: str
    shares: tuple[Path, ...]
    total: int

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        manifest = self.manifest
        public = {"study": manifest.study, "wave": manifest.wave, "demo": manifest.demo, "signer": manifest.signer}
        hashes = {"manifest": manifest.digest, "pin": manifest.pin, "key_id": manifest.key_id}
        made = {"fingerprint": self.fingerprint, "shares": [str(path) for path in self.shares], "budget": self.total}
        return public | hashes | made


def hold(folder: StudyFolder, questionnaire: Questionnaire, texts: dict[str, Texts], wishes: Wishes) -> Ceremony:
    """Make the wave's key and everything beside it; the manifest is written last, so a wave with one is whole.

    Raises CeremonyError for a wave that has a key, another questionnaire, an issuer key that is missing, of another
    wave or of no use, or shares inside the study folder, and CustodyError for a split that protects nothing.
    """
    _refuse(folder, questionnaire, texts, wishes)
    seed = custody.new_seed()
    words = custody.split(seed, wishes.threshold, wishes.custodians, demo=wishes.demo)
    public = custody.public_key(seed)
    key = _study(folder, questionnaire, texts, wishes.total)
    manifest = build_manifest(
        questionnaire,
        texts,
        wave=wishes.wave,
        key=public,
        signer=key.verifying_key.fingerprint,
        demo=wishes.demo,
        issuer_key=wishes.issuer.key if wishes.issuer else None,
    )
    paths = _write_shares(wishes, manifest, words)
    _write_wave(folder, manifest, key, wishes, words)
    with folder.open_ledger() as ledger:
        return Ceremony(manifest, fingerprint(public), paths, ledger.total)


def drill(
    folder: StudyFolder, wave: int, shares: Sequence[str], on_progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Prove that every quorum opens a fresh test envelope, and write the signed `drill.json` that says so.

    `shares` are the words of all custodians. Raises CustodyError, CeremonyError; returns the document.
    """
    manifest = folder.manifest(wave)
    kept = read_json(folder.wave(wave) / "custody.json")
    if len(shares) != kept["custodians"]:
        raise CeremonyError(f"a drill needs all {kept['custodians']} shares, {len(shares)} were given")
    envelope = seal(DRILL_PAYLOAD, manifest.public_key, manifest.context, manifest.plaintext_size)
    subsets = 0
    for quorum in combinations(shares, kept["threshold"]):
        _open_with(quorum, manifest, envelope, kept["commitments"])
        subsets += 1
        if on_progress:
            on_progress(1)
    document = {
        "format": "sotto-drill-1",
        "study": manifest.study,
        "wave": wave,
        "manifest": manifest.digest,
        "threshold": kept["threshold"],
        "custodians": kept["custodians"],
        "subsets": subsets,
    }
    document |= signed(folder.signing_key(), canonical(document), "drill")
    write_json(folder.wave(wave) / "drill.json", document)
    return document


def read_share(path: Path) -> str:
    """Return the words in a share file; lines that begin with # are for people."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CeremonyError(f"the share {path} cannot be read ({type(error).__name__})") from None
    return " ".join(line for line in lines if not line.startswith("#"))


def gather(folder: StudyFolder, manifest: Manifest, shares: Sequence[Path]) -> bytes:
    """Return the seed of a quorum of share files; a forged or foreign share is named by its commitment."""
    kept = read_json(folder.wave(manifest.wave) / "custody.json")
    return custody.combine([read_share(path) for path in shares], commitments=kept["commitments"])


def _refuse(folder: StudyFolder, questionnaire: Questionnaire, texts: dict[str, Texts], wishes: Wishes) -> None:
    _refuse_issuer(questionnaire, wishes)
    if (folder.wave(wishes.wave) / "manifest.json").exists():
        raise CeremonyError(f"wave {wishes.wave} has its key already: the next ceremony is for wave {wishes.wave + 1}")
    if wishes.shares.resolve().is_relative_to(folder.root.resolve()):
        raise CeremonyError("shares must not lie in the study folder: give another folder with --shares")
    if any(wishes.shares.glob(f"{questionnaire.study}-wave-{wishes.wave}-share-*")):
        raise CeremonyError(f"{wishes.shares} holds shares of this wave already: give an empty folder with --shares")
    if (folder.root / "questionnaire.json").exists():
        same = folder.questionnaire() == questionnaire and folder.texts() == texts
        if not same:
            raise CeremonyError(
                "this folder holds another questionnaire or other texts: a changed study is a new study"
            )


def _refuse_issuer(questionnaire: Questionnaire, wishes: Wishes) -> None:
    study, wave, issuer = questionnaire.study, wishes.wave, wishes.issuer
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


def _study(folder: StudyFolder, questionnaire: Questionnaire, texts: dict[str, Texts], total: int) -> SigningKey:
    """Make what all waves of a study share where it is not there yet; return the signing key."""
    write_file(folder.root / "questionnaire.json", questionnaire.to_bytes())
    for locale, text in texts.items():
        write_file(folder.root / "texts" / f"{locale}.json", text.to_bytes())
    if not folder.signing_key_path.exists():
        write_file(folder.signing_key_path, SigningKey.generate().to_bytes(), mode=0o600)
    if not folder.ledger_path.exists():
        if folder.anchor_path.exists():
            raise StudyError(f"{folder.ledger_path} is missing but its anchor is there: restore the ledger")
        Ledger.create(folder.ledger_path, folder.anchor_path, Budget(questionnaire.study, total))
    return folder.signing_key()


def _write_shares(wishes: Wishes, manifest: Manifest, words: list[str]) -> tuple[Path, ...]:
    paths = []
    for number, share in enumerate(words, start=1):
        path = wishes.shares / f"{manifest.study}-wave-{manifest.wave}-share-{number}-of-{len(words)}.txt"
        told = (
            f"# Sotto share {number} of {len(words)}: any {wishes.threshold} of them open {manifest.study}, "
            f"wave {manifest.wave}.\n# Keep it apart from the others. Commitment: {custody.commitment(share)}\n"
        )
        write_file(path, (told + share + "\n").encode(), mode=0o600)
        paths.append(path)
    return tuple(paths)


def _write_wave(folder: StudyFolder, manifest: Manifest, key: SigningKey, wishes: Wishes, words: list[str]) -> None:
    wave = folder.wave(manifest.wave)
    split = {"format": "sotto-custody-1", "threshold": wishes.threshold, "custodians": wishes.custodians}
    write_json(wave / "custody.json", split | {"commitments": [custody.commitment(share) for share in words]})
    write_json(wave / "manifest.sig.json", signed(key, manifest.to_bytes(), "manifest"))
    write_file(wave / "manifest.json", manifest.to_bytes())


def _open_with(quorum: Sequence[str], manifest: Manifest, envelope: bytes, commitments: Sequence[str]) -> None:
    try:
        opened = open_drill(custody.combine(quorum, commitments=commitments), manifest, envelope)
    except (WrongKey, EnvelopeError):
        opened = b""
    if opened != DRILL_PAYLOAD:
        raise CeremonyError(
            "a quorum does not open the test envelope: throw the shares away and hold the ceremony again"
        )
