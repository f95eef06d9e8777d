"""Recordings and pictures beside an authored file: read, checked for type and size, and identified by SHA-256."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from survey.authoring.item_options import choices, included, members
from survey.authoring.schema import AuthoredItem, AuthoredStudy
from survey.authoring.yaml_source import YamlSource
from survey.faults import Where, said
from survey.media_types import MOST_BYTES, kind_of

_FRAMING = ("question", "agree", "decline")


@dataclass
class Media:
    """The files by SHA-256; their hashes by (item, code) for pictures, by (locale, name of the file) for recordings."""

    files: dict[str, bytes] = field(default_factory=dict)
    pictures: dict[tuple[str, int], str] = field(default_factory=dict)
    recordings: dict[tuple[str, str], str] = field(default_factory=dict)


def read_media(source: YamlSource, study: AuthoredStudy, folder: Path, *, whole: bool = True) -> Media:
    """Return the recordings and pictures of a study, and report to `source` every file that cannot be used."""
    reader = _MediaReader(source, folder, Media())
    for item in study.items:
        if included(item, study):
            _pictures(reader, study, item)
    if study.audio is not None:
        _recordings(reader, study, whole=whole)
    return reader.media


def recorded(study: AuthoredStudy) -> Iterator[str]:
    """Yield the name of every recording that a study may have in each locale, without the file's ending.

    `consent-1` and so on for the paragraphs, `consent-question`, `consent-agree`, `consent-decline`, `missing-98`, an
    item's id for its text, `AGE-hint` for its hint and `AGE-1` for an option; of a grid or ranking its own id, and
    those of its items.
    """
    yield from _consent_names(study)
    yield from (f"missing-{code}" for code in study.missing)
    for item in study.items:
        if included(item, study):
            yield from () if item.hint is None else (f"{item.id}-hint",)
            for name in dict.fromkeys((item.id, *(member.id for member in members(item)))):
                yield name
                yield from (f"{name}-{choice.option.code}" for choice in choices(item, study))


def _consent_names(study: AuthoredStudy) -> Iterator[str]:
    # Numbered as written: a paragraph of another mode keeps its number and is left out.
    yield from (f"consent-{number}" for number in range(1, len(study.consent.paragraphs) + 1))
    yield from (f"consent-{part}" for part in _FRAMING)


def _pictures(reader: "_MediaReader", study: AuthoredStudy, item: AuthoredItem) -> None:
    for choice in choices(item, study):
        if choice.picture is not None:
            where = ("items", item.id, "options", str(choice.option.code), "picture")
            name = reader.read(where, choice.picture, "picture")
            if name is not None:
                reader.media.pictures[item.id, choice.option.code] = name


def _recordings(reader: "_MediaReader", study: AuthoredStudy, *, whole: bool) -> None:
    where: Where = ("audio",)
    root = reader.inside(study.audio or "")
    if root is None or not root.is_dir():
        reader.source.report(where, "there is no such folder beside this file", "name a folder of one folder a locale")
        return
    names = {*recorded(study)}
    for path in sorted(root.glob("*/*")):
        locale, name = path.parent.name, path.stem
        if not whole and name not in names:
            continue  # perhaps of an item that is left out of this pass
        if locale not in study.locales or name not in names:
            message = said("{locale}/{name} is a recording of nothing", locale=locale, name=path.name)
            remedy = "name it after an item, an option such as AGE-1, or a paragraph of consent"
            reader.source.report(where, message, remedy)
            continue
        digest = reader.read(where, f"{study.audio}/{locale}/{path.name}", "recording")
        if digest is not None:
            reader.media.recordings[locale, name] = digest
    _check_consent(reader, study)


def _check_consent(reader: "_MediaReader", study: AuthoredStudy) -> None:
    required = {*_consent_names(study)}
    for locale in study.locales:
        recorded_parts = {name for name in required if (locale, name) in reader.media.recordings}
        if recorded_parts and recorded_parts != required:
            missing = tuple(sorted(required - recorded_parts))
            message = said("of the consent in {locale} only a part is recorded", locale=locale)
            reader.source.report(("audio",), message, said("record {missing} too", missing=missing))


CALLED = {"picture": said("picture"), "recording": said("recording")}


@dataclass(frozen=True)
class _MediaReader:
    """Reads files below one folder into `media`, and reports to `source` what cannot be used."""

    source: YamlSource
    folder: Path
    media: Media

    def inside(self, name: str) -> Path | None:
        """Return the path of `name`, None where it leads out of the folder."""
        path = (self.folder / name).resolve()
        return path if path.is_relative_to(self.folder.resolve()) else None

    def read(self, where: Where, name: str, kind: str) -> str | None:
        """Return the SHA-256 of a file that can be used as `kind`, else None."""
        data, called = self._bytes(name), CALLED[kind]
        if not data:
            self.source.report(
                where, said("the {called} {name} cannot be read", called=called, name=name), "put it beside this file"
            )
        elif len(data) > MOST_BYTES[kind]:
            most = f"{MOST_BYTES[kind] // 1000} kB"
            self.source.report(
                where,
                said("the {called} {name} has over {most}", called=called, name=name, most=most),
                "make it smaller: respondents wait for it",
            )
        elif kind_of(data) != kind:
            remedy = "use JPEG, PNG or WebP" if kind == "picture" else "use MP3, M4A, Ogg (Opus) or WAV"
            self.source.report(
                where, said("{name} is no {called} by its first bytes", name=name, called=called), remedy
            )
        else:
            digest = hashlib.sha256(data).hexdigest()
            self.media.files[digest] = data
            return digest
        return None

    def _bytes(self, name: str) -> bytes:
        path = self.inside(name)
        try:
            return path.read_bytes() if path else b""
        except OSError:
            return b""
