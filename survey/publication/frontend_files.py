"""The files a browser loads beside a page: read once at start-up, with the forms compressed at build time."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crypto.errors import RefusedError

STATIC = Path(__file__).parents[1] / "static"
DIST = STATIC / "dist"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
ENCODINGS = {"br": "br", "gzip": "gz"}
NOT_BUILT = "survey/static/dist is not built: run `npm ci && node scripts/build.mjs`"


class AssetError(RefusedError):
    """The front end is not built; the message says how to build it."""


@dataclass(frozen=True)
class Asset:
    """One file: its type, and its bytes by content encoding (`""` for plain)."""

    content_type: str
    forms: Mapping[str, bytes]

    @cached_property
    def integrity(self) -> str:
        """The hash of the plain bytes as a tag's `integrity` has it (W3C Subresource Integrity, section 3.5)."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.forms['']).digest()).decode('ascii')}"


@dataclass(frozen=True)
class LinkedFile:
    """What the tag of a script or stylesheet says: its path, and the hash without which a browser refuses it."""

    url: str
    integrity: str


@dataclass(frozen=True)
class Assets:
    """All files by name; `scripts`: bundle of scripts/build.mjs -> file name, `styles`: CSS that pages have inline."""

    files: Mapping[str, Asset]
    scripts: Mapping[str, str]
    styles: Mapping[str, str]

    @property
    def main(self) -> str:
        """The phone page's script."""
        return self.scripts["main"]

    @property
    def check(self) -> str:
        """The script that checks the browser before the page's script runs."""
        return self.scripts["check"]

    def url(self, bundle: str) -> str:
        """Return the path of a bundle's script, which import() takes."""
        return f"/static/{self.scripts[bundle]}"

    def script(self, bundle: str) -> LinkedFile:
        """Return a bundle's script for its tag."""
        return self.linked(self.scripts[bundle])

    def linked(self, name: str) -> LinkedFile:
        """Return a file for its tag."""
        return LinkedFile(f"/static/{name}", self.files[name].integrity)


def served_paths(static: Path = STATIC, dist: Path = DIST) -> tuple[Path, ...]:
    """Return every script, style and picture that is served; raise AssetError where the front end is not built."""
    if not (dist / "bundle.json").is_file():
        raise AssetError(NOT_BUILT)
    return tuple(path for folder in (static, dist) for path in sorted(folder.iterdir()) if path.suffix in TYPES)


def load_assets(static: Path = STATIC, dist: Path = DIST) -> Assets:
    """Read every asset; raise AssetError where the front end is not built."""
    paths = served_paths(static, dist)
    try:
        scripts = {name: str(file) for name, file in json.loads((dist / "bundle.json").read_bytes()).items()}
        styles = {path.stem: path.read_text(encoding="utf-8") for path in paths if path.suffix == ".css"}
        return Assets({path.name: _asset(path) for path in paths}, scripts, styles)
    except (OSError, ValueError):
        raise AssetError(NOT_BUILT) from None


def _asset(path: Path) -> Asset:
    forms = {"": path.read_bytes()}
    for encoding, suffix in ENCODINGS.items():
        other = path.with_name(f"{path.name}.{suffix}")
        if other.exists():
            forms[encoding] = other.read_bytes()
    return Asset(TYPES[path.suffix], forms)
