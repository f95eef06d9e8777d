"""The published folder: public files, all that the respond process reads; written by staff commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from crypto.canonical import digest
from crypto.durable import write_file
from crypto.errors import RefusedError
from survey.document import Document, DocumentError
from survey.names import HASH, LOCALE, PIN, SLUG, Id, KeyId, Locale, Pin, Sha256, Slug
from survey.publication.bundles import BUNDLE_NAME, bundle_content, bundle_name, padded_bundles
from survey.publication.file_cache import FileCache
from survey.release.release import Release
from survey.wave.issuer_key import IssuerKey

DocumentKind = Literal["manifests", "questionnaires", "texts", "plans"]
STATES = 256
RELEASES = 8
ENTRIES = 4096
"""How many study states, releases, and entries of lists of releases are cached."""


class PublishedError(RefusedError):
    """A file of the published folder is not as staff commands write it; the message names the file."""


class EarlierWave(Document):
    """A wave before the newest, to which a phone may still submit late."""

    epoch: KeyId
    record_size: int
    issuer: IssuerKey | None = None


class Randomised(Document):
    """Randomised items with their epsilons, and `person`, the largest sum of epsilons for one person.

    Decimals, as declared in the questionnaire; empty where nothing is randomised.
    """

    items: dict[Id, str] = Field(default_factory=dict)
    person: str = "0"


class StudyState(Document):
    """The public state of a study; `wave`, `pin`, `epoch`, `record_size` are null before the first wave.

    `epoch` is the key id of the wave, by which the store knows it and every envelope names its key; `issuer` is its
    issuer key, null on an open link; `earlier` holds those of the waves before it. `pin` is of the newest wording,
    `earlier_pins` are those of the open wave's links before its corrections, which stay good.
    """

    study: Slug
    state: Literal["new", "open", "closed"]
    wave: int | None
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"] = "phone"
    randomised: Randomised = Field(default_factory=Randomised)
    pin: Pin | None
    earlier_pins: tuple[Pin, ...] = ()
    epoch: KeyId | None
    record_size: int | None
    issuer: IssuerKey | None = None
    work: bool = False
    long_lists: bool = False
    earlier: tuple[EarlierWave, ...] = ()
    locales: tuple[str, ...]
    names: dict[str, str]
    directions: dict[str, Literal["ltr", "rtl"]]
    titles: dict[str, str]

    @model_validator(mode="after")
    def _require_issuers(self) -> Self:
        """Require an issuer key for every wave of a study with invitations: tokens are checked with it."""
        invited = self.mode == "invitation"
        if any((key is not None) != invited for key in self.issuers.values()):
            raise ValueError("issuer stands exactly in mode invitation")
        return self

    @property
    def epochs(self) -> dict[str, int]:
        """The record size, in bytes, of each wave's epoch, the newest first."""
        newest = {self.epoch: self.record_size} if self.epoch and self.record_size else {}
        return newest | {wave.epoch: wave.record_size for wave in self.earlier}

    @property
    def closed_issuers(self) -> tuple[str, ...]:
        """The issuer keys of the closed waves, with which nothing is signed any more."""
        closed = [wave.issuer for wave in self.earlier] + [self.issuer if self.state != "open" else None]
        return tuple(key for key in closed if key is not None)

    @property
    def issuers(self) -> dict[str, str | None]:
        """The issuer key of each wave's epoch, None where it was an open link."""
        newest = {self.epoch: self.issuer} if self.epoch else {}
        return newest | {wave.epoch: wave.issuer for wave in self.earlier}


class WorkbookHashes(Document):
    """The workbooks of the release with the hash `release`: the hex SHA-256 of each file by locale."""

    format: Literal["sotto-workbooks-1"]
    release: Sha256
    files: dict[Locale, Sha256]


@dataclass(frozen=True)
class ReleaseEntry:
    """A release in a list: its hash, wave, day (YYYY-MM-DD) and sequence number in the study's ledger."""

    hash: str
    wave: int
    day: str
    sequence: int


@dataclass(frozen=True)
class CorrectedTexts:
    """What a link after a correction leads to: its pin, the wording that it pins, and the texts by locale."""

    pin: str
    wording: bytes | None
    texts: Mapping[str, bytes]


# Decision 1.
class Published:
    """The folder; readers return None for a file that does not exist or a malformed name.

    States and releases are read again only where their files were replaced.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._states = FileCache(self._read_state, STATES)
        self._releases = FileCache(self._read_release, RELEASES)
        self._entries = FileCache(self._read_entry, ENTRIES)

    def study(self, slug: str) -> StudyState | None:
        """Return the state of a study, the same object until its file is replaced."""
        return self._states.get(self.root / f"studies/{slug}.json") if SLUG.fullmatch(slug) else None

    def _read_state(self, path: Path) -> StudyState:
        try:
            return StudyState.model_validate_json(path.read_bytes())
        except ValidationError:
            raise PublishedError(f"studies/{path.name} is not what `sotto study` writes") from None

    def bundle(self, pin: str, name: str, encoding: str = "") -> bytes | None:
        """Return the pinned documents of the locale with this `bundle_name`; `encoding` is "", "br" or "gz"."""
        if not (PIN.fullmatch(pin) and BUNDLE_NAME.fullmatch(name)):
            return None
        return self._read(f"b/{pin}/{name}.json{encoding and f'.{encoding}'}")

    def media(self, name: str) -> bytes | None:
        """Return the recording or picture with the hex SHA-256 `name`."""
        return self._read(f"media/{name}") if HASH.fullmatch(name) else None

    def releases(self, slug: str) -> tuple[ReleaseEntry, ...]:
        """Return the entries of a study's published releases, newest first."""
        folder = self.root / "results" / slug
        if not SLUG.fullmatch(slug) or not folder.is_dir():
            return ()
        paths = [path for path in folder.glob("*.json") if HASH.fullmatch(path.stem)]
        entries = [entry for path in paths if (entry := self._entries.get(path))]
        return tuple(sorted(entries, key=lambda entry: entry.sequence, reverse=True))

    def release(self, slug: str, name: str) -> Release | None:
        """Return a release, checked when it was published; raise PublishedError where its bytes were changed since."""
        path = self.release_path(slug, name)
        return self._releases.get(path) if path else None

    def release_path(self, slug: str, name: str) -> Path | None:
        """Return the path of a release, whether or not it exists; None for a malformed slug or hash."""
        sound = SLUG.fullmatch(slug) and HASH.fullmatch(name)
        return self.root / f"results/{slug}/{name}.json" if sound else None

    def _read_release(self, path: Path) -> Release:
        try:
            return Release.model_validate_json(_unchanged(path.read_bytes(), path, path.stem))
        except ValidationError:
            raise PublishedError(f"results/{path.parent.name}/{path.name} is not a release") from None

    def _read_entry(self, path: Path) -> ReleaseEntry:
        release = self._releases.get(path)
        if release is None:
            raise FileNotFoundError(path)
        return ReleaseEntry(path.stem, release.wave, release.day, release.ledger.sequence)

    def release_bytes(self, slug: str, name: str) -> bytes | None:
        """Return the exact bytes of one release; raise PublishedError where they were changed since."""
        path = self.release_path(slug, name)
        content = self._read(f"results/{slug}/{name}.json") if path else None
        return _unchanged(content, path, name) if path and content is not None else None

    def write_study(self, state: StudyState) -> None:
        """Publish the state of a study."""
        self._write(f"studies/{state.study}.json", state.to_bytes())

    def remove_study(self, slug: str) -> None:
        """Take the state of a study away; nothing happens where there is none."""
        (self.root / f"studies/{slug}.json").unlink(missing_ok=True)

    # Decision 107.
    def write_bundles(
        self,
        pin: str,
        manifest: bytes,
        questionnaire: bytes,
        texts: Mapping[str, bytes],
        corrected: Sequence[CorrectedTexts] = (),
    ) -> None:
        """
        Publish the pinned documents: for each link one bundle per locale, plain and compressed; each under its hash.

        `texts` are by locale, in the questionnaire's order, by which bundles are named; `corrected` are those of the
        links after each correction. All bundles have one length in each encoding. Raises BundleError.
        """
        links = (CorrectedTexts(pin, None, texts), *corrected)
        contents = {
            f"{link.pin}/{bundle_name(place)}": bundle_content(manifest, questionnaire, text, link.wording)
            for link in links
            for place, text in enumerate(link.texts.values())
        }
        bundles = padded_bundles(contents)
        # The plain file last: where it is, its compressed forms are.
        for name in sorted(bundles, key=len, reverse=True):
            self._write(f"b/{name}", bundles[name])
        self.write_document("manifests", manifest)
        self.write_document("questionnaires", questionnaire)
        for text in (text for link in links for text in link.texts.values()):
            self.write_document("texts", text)

    # Decision 10.
    def remove_bundles(self, pin: str) -> None:
        """Remove what phones fetch of a closed wave, so that one with an old link seals nothing."""
        folder = self.root / "b" / pin
        if PIN.fullmatch(pin) and folder.is_dir():
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()

    def write_document(self, kind: DocumentKind, content: bytes) -> None:
        """Publish a manifest, a questionnaire, the texts of a locale, or a plan under its hash."""
        self._write(f"{kind}/{digest(content)}.json", content)

    def write_registration(self, plan: str, content: bytes) -> None:
        """Publish a plan's registration under the plan's hash."""
        self._write(f"registrations/{plan}.json", content)

    def write_release(self, slug: str, content: bytes) -> None:
        """Publish a release under its hash."""
        self._write(f"results/{slug}/{digest(content)}.json", content)

    def write_workbooks(self, slug: str, name: str, workbooks: Mapping[str, bytes]) -> None:
        """Publish the workbooks, by locale, of the release with the hash `name`, and the hash of each."""
        for locale, content in workbooks.items():
            self._write(f"results/{slug}/{name}.{locale}.xlsx", content)
        files = {locale: digest(content) for locale, content in workbooks.items()}
        hashes = WorkbookHashes(format="sotto-workbooks-1", release=name, files=files)
        self._write(f"results/{slug}/{name}.workbooks.json", hashes.to_bytes())

    def workbook_path(self, slug: str, name: str, locale: str) -> Path | None:
        """Return the path of a workbook, whether or not it exists; None for a malformed slug, hash or locale."""
        sound = SLUG.fullmatch(slug) and HASH.fullmatch(name) and LOCALE.fullmatch(locale)
        return self.root / f"results/{slug}/{name}.{locale}.xlsx" if sound else None

    def workbook(self, slug: str, name: str, locale: str) -> bytes | None:
        """Return a release as a workbook in a locale; raise PublishedError where its bytes were changed since."""
        path = self.workbook_path(slug, name, locale)
        content = self._read(f"results/{slug}/{name}.{locale}.xlsx") if path else None
        return _unchanged(content, path, self._workbook_hash(path, name, locale)) if path and content else None

    def _workbook_hash(self, path: Path, name: str, locale: str) -> str | None:
        """Return the hash of a workbook that was noted when it was made, None where none was for this release."""
        try:
            hashes = WorkbookHashes.from_bytes((path.parent / f"{name}.workbooks.json").read_bytes())
        except (FileNotFoundError, DocumentError):
            return None
        return hashes.files.get(locale) if hashes.release == name else None

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _write(self, name: str, content: bytes) -> None:
        write_file(self.root / name, content)


def _unchanged(content: bytes, path: Path, expected: str | None) -> bytes:
    """Return the content of a file whose hash is `expected`; raise PublishedError for any other content."""
    if digest(content) != expected:
        raise PublishedError(
            f"{path.parent.parent.name}/{path.parent.name}/{path.name} was changed after it was published: publish the "
            "release again (`sotto publish`)"
        )
    return content
