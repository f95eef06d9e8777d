"""Write slips and posters as PDF, from templates that fetch nothing: no code leaves the machine that prints."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from crypto.durable import write_file
from survey.paper.slips import SharedContent, Slip, square
from survey.typesetting import environment, pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATES = Path(__file__).parents[2] / "templates" / "slips"
# Slips on a sheet of A4, in two columns; a slip in several languages is larger.
SLIPS_ONE_LANGUAGE, SLIPS_SEVERAL_LANGUAGES = 6, 4


def write_slips(path: Path, slips: "Sequence[Slip]", common: SharedContent, batch: str) -> int:
    """Write the slips of a batch (0600: it holds codes); return the number of sheets."""
    each = SLIPS_ONE_LANGUAGE if len(common.words) == 1 else SLIPS_SEVERAL_LANGUAGES
    sheets = [slips[start : start + each] for start in range(0, len(slips), each)]
    _write(
        path,
        _typeset("slips.html", common=common, sheets=sheets, batch=batch, several=each == SLIPS_SEVERAL_LANGUAGES),
        0o600,
    )
    return len(sheets)


def write_poster(path: Path, link: str, common: SharedContent, size: str) -> None:
    """Write a poster; `size` is A4 or A3."""
    _write(path, _typeset("poster.html", common=common, square=square(link), size=size), 0o644)


def _typeset(template: str, **context: object) -> str:
    return environment(TEMPLATES).get_template(template).render(**context)


def _write(path: Path, html: str, mode: int) -> None:
    write_file(path, pdf(html, hashlib.sha256(html.encode("utf-8")).hexdigest()), mode)
