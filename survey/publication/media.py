"""Recordings and pictures of a study by the SHA-256 of their bytes: what may be one, and where phones get it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from crypto.durable import write_file
from survey.media_types import content_type

Kind = Literal["picture", "recording"]
MOST_BYTES: Mapping[str, int] = {"picture": 100_000, "recording": 300_000}
# What every phone of the last years shows and plays. SVG is not among them: it is a document that can run script.
_KINDS: Mapping[str, Kind] = {
    "image/jpeg": "picture",
    "image/png": "picture",
    "image/webp": "picture",
    "audio/mpeg": "recording",
    "audio/mp4": "recording",
    "audio/ogg": "recording",
    "audio/wav": "recording",
}


def kind_of(data: bytes) -> Kind | None:
    """Say by its first bytes whether a file is a picture or a recording; None where it may be neither."""
    return _KINDS.get(content_type(data) or "")


def publish_media(public: Path, files: Mapping[str, bytes]) -> None:
    """Write files into the published folder's `media/`, each under its SHA-256; what is there already stays."""
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != name:
            raise ValueError("a recording or picture is not what its name says")
        path = public / "media" / name
        if not path.exists():
            write_file(path, data)
