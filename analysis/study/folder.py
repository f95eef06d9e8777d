"""The study folder on the analysis host: documents, signing key, ledger and releases; every read is checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from analysis.budget.entries import LedgerBehindAnchorError
from analysis.budget.ledger import Ledger
from crypto.canonical import digest
from crypto.errors import RefusedError, file_fault
from crypto.signing import SignatureError, SigningKey
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import authored_wave, compile_plan
from survey.document import Document, DocumentError
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.study_metadata import StudyMetadata
from survey.release.release import Release
from survey.signed import DetachedSignature, Purpose
from survey.wave.correction import Correction, CorrectionError
from survey.wave.custody import StatementError
from survey.wave.manifest import Manifest

Doc = TypeVar("Doc", bound=Document)


class StudyError(RefusedError):
    """A study folder, or a file of it, that cannot be used; the message names the file and what to do."""


@dataclass(frozen=True)
class WaveDocuments:
    """A wave's checked manifest with its questionnaire and the texts by locale."""

    manifest: Manifest
    questionnaire: Questionnaire
    texts: dict[str, Texts]


@dataclass(frozen=True)
class StudyFolder:
    """The paths and documents of a study folder; docs/architecture.md lists the files."""

    root: Path

    def wave(self, wave: int) -> Path:
        """The folder of one wave's manifest, custody and drill."""
        return self.root / "waves" / str(wave)

    def release_folder(self, plan: str) -> Path:
        """The folder of the release of the plan with this hash."""
        return self.root / "releases" / plan

    def plan_folder(self, plan: str) -> Path:
        """The folder of the plan with this hash and its registration."""
        return self.root / "plans" / plan

    @property
    def signing_key_path(self) -> Path:
        return self.root / "signing.key"

    @property
    def ledger_path(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def anchor_path(self) -> Path:
        return self.root / "ledger.anchor"

    # Decision 157.
    def version_folder(self, wave: int | None = None) -> Path:
        """Return the folder with the questionnaire, texts and metadata of a wave: its own where it began a version.

        A wave without a ceremony has those of the newest one, and a study without any those at its root.
        """
        return self._version(self._manifest_of(wave))[0]

    def questionnaire(self, wave: int | None = None) -> Questionnaire:
        """Return what a wave asks, the newest one if None; raise StudyError where it is missing or changed."""
        return self._version(self._manifest_of(wave))[1]

    def _manifest_of(self, wave: int | None) -> Manifest | None:
        number = wave if wave and (self.wave(wave) / "manifest.json").is_file() else self.newest_wave
        return read_document(self.wave(number) / "manifest.json", Manifest) if number else None

    def _version(self, manifest: Manifest | None) -> tuple[Path, Questionnaire]:
        """Return the folder of the version that a manifest names, and its questionnaire; else those at the root."""
        for number in range(manifest.wave if manifest else 0, 1, -1):
            path = self.wave(number) / "questionnaire.json"
            # A ceremony that broke off may have left a questionnaire that no manifest names.
            if manifest and path.is_file() and digest(path.read_bytes()) == manifest.questionnaire:
                return path.parent, read_document(path, Questionnaire)
        return self.root, read_document(self.root / "questionnaire.json", Questionnaire)

    def texts(self) -> dict[str, Texts]:
        """Return the newest texts by locale, in the questionnaire's order, as they are after the newest correction."""
        folder, questionnaire = self._version(self._manifest_of(None))
        return self.wordings(questionnaire, folder)[-1]

    def wordings(self, questionnaire: Questionnaire, folder: Path) -> list[dict[str, Texts]]:
        """Return a version's texts by locale as they were at its first ceremony, and after each of its corrections."""
        paths = {locale: folder / "texts" / f"{locale}.json" for locale in questionnaire.locales}
        states = [{locale: read_document(path, Texts) for locale, path in paths.items()}]
        for number, correction in enumerate(self.corrections(), 1):
            if self._corrected_manifest(correction).questionnaire != questionnaire.digest:
                continue
            try:
                states.append(correction.corrected(states[-1]))
            except CorrectionError as error:
                raise StudyError(f"{self.correction_path(number)}: {error}") from None
        return states

    def correction_path(self, number: int) -> Path:
        """The file of the study's correction with this number, from 1."""
        return self.root / "corrections" / f"{number}.json"

    def corrections(self) -> tuple[Correction, ...]:
        """Return the study's corrections, the oldest first; raise StudyError where one is not signed, or not next."""
        found: list[Correction] = []
        while (path := self.correction_path(len(found) + 1)).exists():
            correction = read_document(path, Correction)
            due = found[-1].digest if found else None
            if correction.previous != due or not self._is_signed(correction):
                raise StudyError(f"{path} is not signed by the study's key, or does not follow the one before it")
            found.append(correction)
        return tuple(found)

    def _is_signed(self, correction: Correction) -> bool:
        manifest = self._corrected_manifest(correction)
        try:
            return (correction.check().fingerprint, correction.manifest) == (manifest.signer, manifest.digest)
        except StatementError:
            return False

    def _corrected_manifest(self, correction: Correction) -> Manifest:
        return read_document(self.wave(correction.wave) / "manifest.json", Manifest)

    @property
    def newest_wave(self) -> int:
        """The number of the newest wave with a manifest, 0 where there is none."""
        return max((int(path.parent.name) for path in self.root.glob("waves/*/manifest.json")), default=0)

    def about_path(self, wave: int) -> Path:
        """The file that says who made the study and how, as it was for a wave's version of the questionnaire."""
        return self.version_folder(wave) / "about.json"

    def about(self, wave: int) -> StudyMetadata | None:
        """Return who made the study and how; None in a folder that does not say."""
        path = self.about_path(wave)
        return read_document(path, StudyMetadata) if path.exists() else None

    def manifest(self, wave: int) -> Manifest:
        """Return a wave's manifest, checked as wave_documents does."""
        return self.wave_documents(wave).manifest

    def wave_documents(self, wave: int) -> WaveDocuments:
        """Return a wave's manifest and the documents it names, each read once.

        Raises StudyError where one cannot be read, or the manifest's signature, signer or hashes are not valid.
        """
        path = self.wave(wave) / "manifest.json"
        if not path.is_file():
            raise StudyError(f"{path} is missing: wave {wave} has had no key ceremony here")
        manifest = read_document(path, Manifest)
        signature = read_document(self.wave(wave) / "manifest.sig.json", DetachedSignature)
        try:
            signer = signature.verified(manifest.to_bytes(), Purpose.MANIFEST)
        except SignatureError as error:
            raise StudyError(f"the manifest: {error}") from None
        if signer.fingerprint != manifest.signer:
            raise StudyError(f"{path} is signed by another key than the one it names")
        folder, questionnaire = self._version(manifest)
        states = self.wordings(questionnaire, folder)
        texts = next((state for state in states if manifest.texts == hashes_of(state)), states[0])
        try:
            manifest.check(questionnaire, texts)
        except DocumentError as error:
            raise StudyError(f"{path}: {error}") from None
        return WaveDocuments(manifest, questionnaire, texts)

    def signing_key(self) -> SigningKey:
        """Return the key that signs this study's manifests, drills and releases."""
        try:
            return SigningKey.from_bytes(self.signing_key_path.read_bytes())
        except (OSError, SignatureError):
            raise StudyError(f"{self.signing_key_path} is missing or damaged: restore it from its copy") from None

    def signing_key_of(self, manifest: Manifest) -> SigningKey:
        """Return the key that signs this study's documents; raise StudyError unless it is the one of `manifest`."""
        key = self.signing_key()
        if key.verifying_key.fingerprint != manifest.signer:
            raise StudyError(f"{self.signing_key_path} is not the key that the manifest names: restore the right one")
        return key

    def open_ledger(self) -> Ledger:
        """Open the ledger; refuse it where a stored release shows that database and anchor were both rewound."""
        ledger = Ledger.open(self.ledger_path, self.anchor_path)
        try:
            self._refuse_rewound(ledger)
        except BaseException:
            ledger.__exit__()  # or the lock would outlive the refusal
            raise
        return ledger

    def _refuse_rewound(self, ledger: Ledger) -> None:
        entries = {entry.hash for entry in ledger.entries()}
        for path in sorted(self.root.glob("releases/*/release.json")):
            if read_document(path, Release).ledger.entry not in entries:
                raise LedgerBehindAnchorError(
                    f"{path} was paid for by an entry that the ledger lacks: restore the newest ledger and anchor"
                )


def hashes_of(texts: dict[str, Texts]) -> dict[str, str]:
    """Return the hash of each locale's texts, as a manifest names them."""
    return {locale: text.digest for locale, text in texts.items()}


def read_document(path: Path, kind: type[Doc]) -> Doc:
    """Read canonical JSON; raise StudyError naming the file for anything else."""
    try:
        return kind.from_file(path)
    except OSError as error:
        raise StudyError(f"{path}: {file_fault(error)}") from None
    except DocumentError as error:
        raise StudyError(str(error)) from None


def read_plan(path: Path, study: StudyFolder | Questionnaire) -> Plan:
    """Read a plan: compiled (.json) or as authored; raise StudyError or AuthoringError with every problem at once.

    An authored one is compiled with the `study`'s questionnaire: in a study folder with that of the plan's wave.
    """
    if path.suffix == ".json":
        return read_document(path, Plan)
    if not path.is_file():
        raise StudyError(f"{path} is not there: give the plan's file")
    asked = study if isinstance(study, Questionnaire) else study.questionnaire(wave_of_plan(path))
    return compile_plan(path, asked)


def read_questionnaire(path: Path, plan: Path | None = None) -> Questionnaire:
    """Read the questionnaire from a study folder, a compiled questionnaire (.json) or an authored one.

    Of a study folder it is that of the wave of `plan`, the newest without one.
    """
    if path.is_dir():
        return StudyFolder(path).questionnaire(wave_of_plan(plan) if plan else None)
    if path.suffix == ".json":
        return read_document(path, Questionnaire)
    if not path.is_file():
        raise StudyError(f"{path} is not there: give a study folder or a questionnaire")
    return compile_study(path)[0]


def wave_of_plan(path: Path) -> int | None:
    """Return the wave of a plan's file, None where none is to be read there: reading the plan itself says why."""
    if path.suffix == ".json":
        return read_document(path, Plan).wave
    return authored_wave(path) if path.is_file() else None
