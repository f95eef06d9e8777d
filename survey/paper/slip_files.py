"""Slips and posters as PDF: set from templates that load nothing, so that no code leaves the machine that prints."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from crypto.durable import write_file
from survey.paper.files import Sheet, pdf
from survey.paper.slips import Printed, Slip, square

if TYPE_CHECKING:
    from collections.abc import Sequence

# What draws PDF and fills templates is imported where it is used: no web process needs it.
# ruff: noqa: PLC0415

TEMPLATES = Path(__file__).parents[2] / "templates" / "slips"
# A sheet of A4: two columns of slips in one language, of larger ones in several.
ONE, SEVERAL = 6, 4


def write_slips(path: Path, slips: "Sequence[Slip]", common: Printed, batch: str) -> int:
    """Write the slips of a batch (0600: it holds codes); return the number of sheets."""
    each = ONE if len(common.words) == 1 else SEVERAL
    sheets = [slips[start : start + each] for start in range(0, len(slips), each)]
    _write(path, _set("slips.html", common=common, sheets=sheets, batch=batch, several=each == SEVERAL), 0o600)
    return len(sheets)


def write_poster(path: Path, link: str, common: Printed, size: str) -> None:
    """Write a poster; `size` is A4 or A3."""
    _write(path, _set("poster.html", common=common, square=square(link), size=size), 0o644)


def _set(template: str, **context: object) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(template).render(**context)


def _write(path: Path, html: str, mode: int) -> None:
    content = pdf(Sheet(path.stem, html, hashlib.sha256(html.encode("utf-8")).hexdigest()))
    write_file(path, content, mode)
