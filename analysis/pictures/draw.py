"""Draws the tables of a release: one picture a table as SVG or PNG, with margins, silences, price and where it is from.

`chart` gives an Altair chart for notebooks, `svg` and `png` the finished picture; no browser and no network is used.
The same release gives the same bytes of SVG.
"""

from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from analysis.exports.export import chosen_locale
from analysis.pictures.layout import drawn
from analysis.pictures.marks import assembled
from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader, font, is_chinese
from analysis.study.release_file import ReleaseError
from crypto.durable import write_file
from survey.release.format_rules import XML
from survey.release.release import Release, Table

FORMATS = ("svg", "png")
SCALE = 3.0
"""Pixels of a PNG for each of the picture's: 288 to the inch."""
FONTS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/local/share/fonts")


class PlotError(ReleaseError):
    """A picture that cannot be drawn; the message says what to do."""


def chart(release: Release, table: str, lang: str | None = None) -> alt.LayerChart:
    """Return the picture of a table as an Altair chart; raise PlotError or ExportError for what is not there."""
    locale = chosen_locale(release, lang)
    content = picture(Reader.of(release, locale), _table(release, table))
    return assembled(drawn(content), font(content.texts, locale))


def svg(release: Release, table: str, lang: str | None = None) -> str:
    """Return the picture of a table as SVG: texts stay text, nothing is loaded, the same bytes for the same release."""
    return str(vl_convert.vegalite_to_svg(_drawable(chart(release, table, lang).to_dict(validate=False))))


def _drawable(part: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Replace what XML cannot hold by U+FFFD in every text of a chart: one such sign would abort the whole process."""
    if isinstance(part, dict):
        return {name: _drawable(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_drawable(value) for value in part]
    return XML.text(part) if isinstance(part, str) else part


def png(release: Release, table: str, lang: str | None = None) -> bytes:
    """Return the picture of a table as PNG, 288 pixels to the inch; raise PlotError where no font has its signs."""
    return png_of(svg(release, table, lang))


def png_of(picture: str) -> bytes:
    """Return an SVG of this module as PNG."""
    for folder in FONTS:
        if Path(folder).is_dir():
            vl_convert.register_font_directory(folder)
    if any(is_chinese(sign) for sign in picture) and not _has_chinese():
        raise PlotError("no font here has Chinese signs: install fonts-noto-cjk, or ask for --format svg")
    return bytes(vl_convert.svg_to_png(picture, scale=SCALE))


def plot(
    release: Release,
    folder: Path,
    *,
    tables: tuple[str, ...] = (),
    formats: tuple[str, ...] = FORMATS,
    lang: str | None = None,
) -> list[Path]:
    """Write the pictures of all tables, or of those named, as `TABLE-LOCALE.svg` and `.png`; return the files.

    Raises PlotError for an unknown table or format, ExportError for an unknown locale; nothing is written then.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise PlotError(f"no format {', '.join(unknown) or 'given'}: there are {', '.join(FORMATS)}")
    locale = chosen_locale(release, lang)
    chosen = [_table(release, name).id for name in tables or [table.id for table in release.tables]]
    return [path for name in chosen for path in _written(release, name, folder, formats, locale)]


def _written(release: Release, table: str, folder: Path, formats: tuple[str, ...], locale: str) -> list[Path]:
    picture = svg(release, table, locale)
    pictures = {ending: picture.encode() if ending == "svg" else png_of(picture) for ending in formats}
    paths = {ending: folder / f"{table}-{locale}.{ending}" for ending in pictures}
    for ending, path in paths.items():
        write_file(path, pictures[ending])
    return list(paths.values())


def _table(release: Release, name: str) -> Table:
    table = release.table(name)
    if table is None:
        raise PlotError(f"the release has no table {name}: it has {', '.join(other.id for other in release.tables)}")
    return table


def _has_chinese() -> bool:
    """Say whether a Chinese sign is drawn otherwise than one that no font has."""
    family = font("\u4e2d", "")
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    sample = f'{head}<text y="15" font-family="{family}">{{}}</text></svg>'
    sign, none, missing = (vl_convert.svg_to_png(sample.format(text)) for text in ("\u4e2d", "", "\ufdd0"))
    return bool(sign not in (none, missing))
