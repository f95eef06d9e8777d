"""Hashes of the files that the host serves to browsers, logged when a wave opens and at each change."""

import hashlib
from pathlib import Path
from typing import Literal

from survey.document import Document
from survey.names import Sha256
from survey.publication.frontend_files import DIST, STATIC, served_paths

FORMAT: Literal["sotto-frontend-1"] = "sotto-frontend-1"


class FrontendDocument(Document):
    """The files that pages load: name -> hex SHA-256 of the plain bytes."""

    format: Literal["sotto-frontend-1"]
    files: dict[str, Sha256]


# Decisions 62 and 65.
def frontend(static: Path = STATIC, dist: Path = DIST) -> bytes:
    """Return `{"format", "files": {name: hex SHA-256}}` of every script, style and picture that is served as built.

    It is not part of the manifest, because a corrected script must not invalidate the printed links of an open wave.
    Raises AssetError where the front end is not built.
    """
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in served_paths(static, dist)}
    return FrontendDocument(format=FORMAT, files=files).to_bytes()
