"""Hashes of the files that the host serves to browsers, logged when a wave opens and at each change."""

import hashlib
from pathlib import Path

from crypto.canonical import canonical
from survey.publication.frontend_files import DIST, STATIC, served_paths

FORMAT = "sotto-frontend-1"


# Decisions 62 and 65.
def frontend(static: Path = STATIC, dist: Path = DIST) -> bytes:
    """Return `{"format", "files": {name: hex SHA-256}}` of every script, style and picture that is served as built.

    It is not part of the manifest, because a corrected script must not invalidate the printed links of an open wave.
    Raises AssetError where the front end is not built.
    """
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in served_paths(static, dist)}
    return canonical({"format": FORMAT, "files": files})
