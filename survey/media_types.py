"""Media types of recordings and pictures by their first bytes; only these kinds are published and served."""

from collections.abc import Mapping
from typing import Literal

_OFFSET_OF_BRAND = 4
_AT_START = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
)
_BRANDS = (
    (b"ftypavif", "image/avif"),
    (b"ftypM4A ", "audio/mp4"),
    (b"ftypisom", "audio/mp4"),
    (b"ftypmp42", "audio/mp4"),
)
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}
# Frame sync of MPEG audio, layer III; and of AAC in ADTS. ISO/IEC 11172-3 2.4.1.3, 13818-7 6.2.
_FRAMES = {b"\xff\xfb": "audio/mpeg", b"\xff\xf3": "audio/mpeg", b"\xff\xf1": "audio/aac", b"\xff\xf9": "audio/aac"}

Kind = Literal["picture", "recording"]


MOST_BYTES: Mapping[str, int] = {"picture": 100_000, "recording": 300_000}


# Supported by all recent phones. SVG is excluded: it can contain scripts.
_KINDS: Mapping[str, Kind] = {
    "image/jpeg": "picture",
    "image/png": "picture",
    "image/webp": "picture",
    "audio/mpeg": "recording",
    "audio/mp4": "recording",
    "audio/ogg": "recording",
    "audio/wav": "recording",
}


def content_type(data: bytes) -> str | None:
    """Return the MIME type of a recording or picture, or None for anything else (SVG and HTML included)."""
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    for start, kind in _AT_START:
        if data.startswith(start):
            return kind
    for brand, kind in _BRANDS:
        if data[_OFFSET_OF_BRAND:].startswith(brand):
            return kind
    return _FRAMES.get(data[:2])


def kind_of(data: bytes) -> Kind | None:
    """Return whether a file's first bytes are of an accepted picture or recording; None for anything else."""
    return _KINDS.get(content_type(data) or "")
