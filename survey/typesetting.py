"""Sets pages for paper and files: templates whose texts are all escaped, and PDF that fetches nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

# WeasyPrint and Jinja are an extra of their own and take a second to load: they are imported only where they are used.
# ruff: noqa: PLC0415 - see above


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
    any other address, even one in an author's text, is refused.
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    name = None if identifier is None else bytes.fromhex(identifier)
    return bytes(document.write_pdf(pdf_identifier=name, pdf_tags=True) or b"")
