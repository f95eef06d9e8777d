"""What a published folder has of a wave that is open: its pages, the files that they load, and its witnesses."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.canonical import digest
from forged.witnesses import Signatory

Doc = dict[str, Any]
STUDY = "s1"
OPEN, QUORUM = 3, 2
"""The wave that is open, without a box, and how many of its witnesses must cosign."""
WITNESSES = tuple(
    Signatory(name, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))
    for name in ("ann", "ben", "cho")
)
PAGE_HEADERS = {"content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'self'"}
STATIC = {"phone.js": b"open();\n", "base.css": b"body {}\n"}
PATHS = ("/s/s1", "/w/s1", "/c/s1", "/k/s1", "/k/s1/sw.js", "/k/s1/app.webmanifest", "/blank", "/f/s1?lang=ug",
         "/f/s1/questions?lang=ug")  # fmt: skip


def page_of(path: str) -> bytes:
    """Return the page at a path, b"" where there is none."""
    page = f"<!doctype html><html><title>{path}</title><script src=/static/phone.js></script></html>"
    return page.encode() if path in PATHS else b""


def pages_of(frontend: str) -> Doc:
    """Return what the log names of the pages of the open wave."""
    pages = {path: {"sha256": digest(page_of(path)), "headers": dict(PAGE_HEADERS)} for path in PATHS}
    return {"format": "sotto-pages-1", "study": STUDY, "wave": OPEN, "frontend": frontend, "pages": pages}
