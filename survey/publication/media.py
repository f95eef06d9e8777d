"""Recordings and pictures of a study in the published folder, by the SHA-256 of their bytes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from crypto.durable import write_file


def publish_media(public: Path, files: Mapping[str, bytes]) -> None:
    """Write files into the published folder's `media/`, each under its SHA-256; existing files are kept."""
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != name:
            raise ValueError("a recording or picture is not what its name says")
        path = public / "media" / name
        if not path.exists():
            write_file(path, data)
