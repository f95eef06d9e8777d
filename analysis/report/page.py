"""Sets a report: HTML in one file that loads and runs nothing, and PDF of the same; every text is escaped."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from analysis.pictures.wording import CHINESE, Reader
from analysis.report.method import method
from analysis.report.report_parts import ReportView
from analysis.study.release_file import ReleaseError
from crypto.errors import MissingExtraError
from survey.typesetting import environment, sets_pdf
from survey.wording.bidi import set_apart

# What sets pages is an extra of its own: it is imported where it is used.
# ruff: noqa: PLC0415 - see above

TEMPLATES = Path(__file__).parents[2] / "templates" / "report"
FONTS = '"Liberation Sans", Arial, "DejaVu Sans", "Noto Sans CJK SC", sans-serif'
EXTRA = "pip install 'sotto-survey[analysis,print]'"
SETUP = "scripts/setup paper"
"""Installs all that a PDF needs into a clone, Debian's Pango and fonts included."""


class ReportError(ReleaseError):
    """A report that cannot be made; the message says what to do."""


def page(reader: Reader, view: ReportView) -> str:
    """Return a report as one HTML file: inline pictures, no script, and a policy that lets nothing be loaded."""
    try:
        from markupsafe import Markup

        pages = environment(TEMPLATES)
    except ImportError:
        raise MissingExtraError(f"reports need the print extra: {EXTRA}") from None
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    if reader.release.demo:
        style += _stamp(reader.say("chart-demo"))
    pages.trim_blocks = pages.lstrip_blocks = True
    # Pictures are the only markup that is not escaped: Vega escapes what stands in them (test_pictures.py).
    pages.filters["apart"] = set_apart
    pages.filters["picture"] = lambda svg: Markup(_inline(svg))  # noqa: S704 - see above
    return str(
        pages.get_template("report.html").render(
            report=view,
            release=reader.release,
            reader=reader,
            lang=reader.words.locale,
            day=reader.day(reader.release.day),
            method=method(reader, interviews=bool(view.hypotheses)),
            style=Markup(style),  # noqa: S704 - a file of our own
            policy=_policy(style),
            joint="" if reader.words.locale in CHINESE else " ",
        )
    )


def require_pdf() -> None:
    """Raise MissingExtraError, naming the one command that is missing, where no PDF can be set on this machine."""
    if not sets_pdf():
        raise MissingExtraError(
            f"no PDF can be set here, for WeasyPrint or Pango is missing: run {SETUP} in a clone of Sotto (elsewhere: "
            f"{EXTRA}, and Pango as your system has it), or write -o report.html"
        )


def _inline(svg: str) -> str:
    """Return a picture to stand in a page: it takes its size from there."""
    return re.sub(r'<svg [^>]*?viewBox="([^"]*)">', r'<svg class="picture" role="img" viewBox="\1">', svg, count=1)


def _stamp(said: str) -> str:
    """Return the rule that sets a line above every printed page: browsers repeat nothing else in a page's margin."""
    text = said.replace("\\", "").replace('"', "").replace("<", "")
    return f'@page {{ @top-center {{ content: "{text}"; color: #9b1c1c; font: 700 9pt {FONTS}; }} }}\n'


def _policy(style: str) -> str:
    name = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{name}'; img-src data:; base-uri 'none'; form-action 'none'"
