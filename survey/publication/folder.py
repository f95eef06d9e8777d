"""The published folder: what the world may see, and all that the respond process reads. Staff commands write it."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

import brotli
from pydantic import Field, ValidationError, model_validator

from crypto.canonical import canonical, digest
from crypto.durable import write_file
from survey.document import Document
from survey.questionnaire.questionnaire import Id, Slug
from survey.release.release import Release
from survey.wave.issuer_key import IssuerKey

PIN = re.compile(r"[A-Za-z0-9_-]{32}")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SLUG = re.compile(r"[a-z][a-z0-9-]{0,47}")
HASH = re.compile(r"[0-9a-f]{64}")
Epoch = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class PublishedError(Exception):
    """The published folder holds something that no staff command wrote; the message names the file."""


class EarlierWave(Document):
    """A wave before the newest: a phone that could not hand in while it was open may still try."""

    epoch: Epoch
    record_size: int
    issuer: IssuerKey | None = None


class Randomised(Document):
    """What the phone randomises before it seals: epsilon by item, and the most that one person's answers tell.

    Decimals, as declared in the questionnaire; empty where nothing is randomised.
    """

    items: dict[Id, str] = Field(default_factory=dict)
    person: str = "0"


class StudyState(Document):
    """What the respond process must know of a study; `wave`, `pin`, `epoch`, `record_size` are null before a wave.

    `epoch` is the key id of the wave, by which the store knows it and every envelope names its key; `issuer` is its
    issuer key, null on an open link; `earlier` holds those of the waves before it.
    """

    study: Slug
    state: Literal["new", "open", "closed"]
    wave: int | None
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"] = "phone"
    randomised: Randomised = Field(default_factory=Randomised)
    pin: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{32}$")] | None
    epoch: Epoch | None
    record_size: int | None
    issuer: IssuerKey | None = None
    work: bool = False
    earlier: tuple[EarlierWave, ...] = ()
    locales: tuple[str, ...]
    names: dict[str, str]
    directions: dict[str, Literal["ltr", "rtl"]]
    titles: dict[str, str]

    @model_validator(mode="after")
    def _issuers_of_invitations(self) -> Self:
        """Every wave of a study with invitations names its issuer, or the door could not check a token."""
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
        """The issuer keys of the waves that are closed: nothing is signed with them any more."""
        closed = [wave.issuer for wave in self.earlier] + [self.issuer if self.state != "open" else None]
        return tuple(key for key in closed if key is not None)

    @property
    def issuers(self) -> dict[str, str | None]:
        """The issuer key of each wave's epoch, None where it was an open link."""
        newest = {self.epoch: self.issuer} if self.epoch else {}
        return newest | {wave.epoch: wave.issuer for wave in self.earlier}


# Decision 1.
@dataclass(frozen=True)
class Published:
    """The folder; readers answer None for what is not there, whatever the name that was asked for."""

    root: Path
    _read_before: dict[str, tuple[tuple[int, ...], StudyState]] = field(default_factory=dict, repr=False, compare=False)

    def study(self, slug: str) -> StudyState | None:
        """Return the state of a study; a file is read again only when it was replaced."""
        if not SLUG.fullmatch(slug):
            return None
        try:
            stat = (self.root / f"studies/{slug}.json").stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = self._read_before.get(slug)
        if known is None or known[0] != version:
            known = self._read_before[slug] = (version, self._read_study(slug))
        return known[1]

    def _read_study(self, slug: str) -> StudyState:
        try:
            return StudyState.model_validate_json(self._read(f"studies/{slug}.json") or b"")
        except ValidationError:
            raise PublishedError(f"studies/{slug}.json is not what `sotto study` writes") from None

    def bundle(self, pin: str, locale: str, encoding: str = "") -> bytes | None:
        """Return the pinned documents of a locale, plain or as `br` or `gz`."""
        if not (PIN.fullmatch(pin) and LOCALE.fullmatch(locale)):
            return None
        return self._read(f"b/{pin}/{locale}.json{encoding and f'.{encoding}'}")

    def media(self, name: str) -> bytes | None:
        """Return the recording or picture with the hex SHA-256 `name`."""
        return self._read(f"media/{name}") if HASH.fullmatch(name) else None

    def releases(self, slug: str) -> tuple[tuple[str, Release], ...]:
        """Return the published releases of a study with their hashes, newest first."""
        folder = self.root / "results" / slug
        if not SLUG.fullmatch(slug) or not folder.is_dir():
            return ()
        names = [path.stem for path in folder.glob("*.json") if HASH.fullmatch(path.stem)]
        found = [(name, release) for name in names if (release := self.release(slug, name))]
        return tuple(sorted(found, key=lambda pair: pair[1].ledger.sequence, reverse=True))

    def release(self, slug: str, name: str) -> Release | None:
        """Return one release; it was checked when it was published and is not checked again."""
        data = self.release_bytes(slug, name)
        if data is None:
            return None
        try:
            return Release.model_validate_json(data)
        except ValidationError:
            raise PublishedError(f"results/{slug}/{name}.json is not a release") from None

    def release_bytes(self, slug: str, name: str) -> bytes | None:
        """Return the exact bytes of one release."""
        known = SLUG.fullmatch(slug) and HASH.fullmatch(name)
        return self._read(f"results/{slug}/{name}.json") if known else None

    def write_study(self, state: StudyState) -> None:
        """Publish the state of a study."""
        self._write(f"studies/{state.study}.json", state.to_bytes())

    def write_bundles(self, pin: str, manifest: bytes, questionnaire: bytes, texts: Mapping[str, bytes]) -> None:
        """Publish the pinned documents, one file a locale, plain and compressed: they hold nothing secret."""
        for locale, text in texts.items():
            parts = {"manifest": manifest, "questionnaire": questionnaire, "texts": text}
            data = canonical({name: part.decode("utf-8") for name, part in parts.items()})
            place = f"b/{pin}/{locale}.json"
            self._write(f"{place}.br", brotli.compress(data))
            self._write(f"{place}.gz", gzip.compress(data, mtime=0))
            self._write(place, data)
        self.write_document("manifests", manifest)

    # Decision 10.
    def remove_bundles(self, pin: str) -> None:
        """Take the pinned documents of a closed wave away: a phone with an old link then seals nothing."""
        folder = self.root / "b" / pin
        if PIN.fullmatch(pin) and folder.is_dir():
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()

    def write_document(self, kind: Literal["manifests", "plans"], content: bytes) -> None:
        """Publish a manifest or a plan under its hash."""
        self._write(f"{kind}/{digest(content)}.json", content)

    def write_registration(self, plan: str, content: bytes) -> None:
        """Publish a plan's registration under the plan's hash."""
        self._write(f"registrations/{plan}.json", content)

    def write_release(self, slug: str, content: bytes) -> None:
        """Publish a release under its hash."""
        self._write(f"results/{slug}/{digest(content)}.json", content)

    def _read(self, place: str) -> bytes | None:
        try:
            return (self.root / place).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _write(self, place: str, content: bytes) -> None:
        write_file(self.root / place, content)
