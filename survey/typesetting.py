"""Sets pages for paper and files: templates whose texts are all escaped, and PDF that fetches nothing."""

import logging
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crypto.errors import RefusedError

if TYPE_CHECKING:
    from jinja2 import Environment

# WeasyPrint and Jinja are an extra of their own and take a second to load: they are imported only where they are used.
# ruff: noqa: PLC0415 - see above

CHINESE = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH")
"""How names of signs begin that Debian's fonts-noto-cjk has; fonts-noto-core has the other scripts."""
SHOWN = 12


class FontError(RefusedError):
    """No font of this machine has some signs of a page; the message names them and the package that has."""


def environment(templates: Path) -> "Environment":
    """Return Jinja over a folder of templates; raise ImportError where the print extra is not installed.

    Every text is escaped, a text that contains template syntax is not evaluated, and an unknown name is an error.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)


def sets_pdf() -> bool:
    """Say whether PDF can be set on this machine: WeasyPrint is installed and finds Pango."""
    try:
        import weasyprint  # noqa: F401 - to see whether it and Pango can be loaded
    except (ImportError, OSError):  # OSError: Pango is not there
        return False
    return True


def pdf(html: str, identifier: str | None = None) -> bytes:
    """Return a page as tagged PDF with embedded fonts, set in memory.

    With an `identifier` (hex digits) the same HTML gives the same bytes. Pictures are data: addresses within the page;
    any other address, even one in an author's text, is refused. Raises FontError for signs that no font here has, of
    which crossed boxes would be printed.
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    name = None if identifier is None else bytes.fromhex(identifier)
    with _signs_without_a_font() as missing:
        content = bytes(document.write_pdf(pdf_identifier=name, pdf_tags=True) or b"")
    if missing:
        raise FontError(_no_font(sorted(missing)))
    return content


@contextmanager
def _signs_without_a_font() -> Iterator[set[str]]:
    """Yield the set that takes up each sign for which WeasyPrint finds no font while the block runs."""
    from weasyprint.logger import LOGGER

    missing: set[str] = set()
    handler = logging.Handler()

    def note(record: logging.LogRecord) -> bool:
        if record.msg.startswith(".notdef") and isinstance(record.args, tuple):
            missing.add(str(record.args[0]))
        return False

    handler.addFilter(note)
    LOGGER.addHandler(handler)
    try:
        yield missing
    finally:
        LOGGER.removeHandler(handler)


def _no_font(signs: list[str]) -> str:
    named = ", ".join(f"U+{ord(sign):04X} {unicodedata.name(sign, 'without a name')}" for sign in signs[:SHOWN])
    more = f" and {len(signs) - SHOWN} more" if len(signs) > SHOWN else ""
    packages = " ".join(font_packages(signs))
    return (
        f"no font here has {named}{more}: they would be printed as crossed boxes. Install one (Debian: apt-get install "
        f"{packages}), then run this again; the page was not written"
    )


def font_packages(signs: Iterable[str]) -> list[str]:
    """Return the Debian packages whose fonts have these signs."""
    chinese = {unicodedata.name(sign, "").startswith(CHINESE) for sign in signs}
    return ["fonts-noto-cjk"] * (True in chinese) + ["fonts-noto-core"] * (False in chinese)
