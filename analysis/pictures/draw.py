"""Draws the tables of a release: one picture a table as SVG or PNG, with margins, silences, price and where it is from.

`chart` gives a Vega-Lite chart for notebooks, `svg` and `png` the finished picture; no browser and no network is used.
The same release gives the same bytes of SVG.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vl_convert

from analysis.exports.export import chosen_locale
from analysis.pictures.layout import drawn
from analysis.pictures.marks import Specification, assembled
from analysis.pictures.raster import PlotError, png_of
from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader, font
from crypto.durable import write_file
from survey.release.format_rules import XML
from survey.release.release import Release, Table

FORMATS = ("svg", "png")


@dataclass(frozen=True)
class Chart:
    """A picture that can still be changed: plain data that Altair reads too (`altair.Chart.from_dict`)."""

    specification: Specification

    def svg(self) -> str:
        """Return the picture as SVG."""
        return str(vl_convert.vegalite_to_svg(self.specification))

    _repr_svg_ = svg
    """By this name a notebook asks for what it shows (IPython's rich display)."""


def chart(release: Release, table: str, lang: str | None = None) -> Chart:
    """Return the picture of a table as a Vega-Lite chart; raise PlotError or ExportError for what is not there."""
    return _chart(Reader.of(release, chosen_locale(release, lang)), _table(release, table))


def _chart(reader: Reader, table: Table) -> Chart:
    content = picture(reader, table)
    return Chart(_drawable(assembled(drawn(content), font(content.texts, reader.locale))))


def svg(release: Release, table: str, lang: str | None = None) -> str:
    """Return the picture of a table as SVG: texts stay text, nothing is loaded, the same bytes for the same release."""
    return chart(release, table, lang).svg()


def svgs(reader: Reader) -> dict[str, str]:
    """Return the pictures of all tables as SVG, by table, in the locale of `reader`."""
    return {table.id: _chart(reader, table).svg() for table in reader.release.tables}


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
    chosen = [_table(release, name) for name in tables] or [*release.tables]
    reader = Reader.of(release, locale)
    return [path for table in chosen for path in _written(reader, table, folder, formats, locale)]


def _written(reader: Reader, table: Table, folder: Path, formats: tuple[str, ...], locale: str) -> list[Path]:
    picture = _chart(reader, table).svg()
    pictures = {ending: picture.encode() if ending == "svg" else png_of(picture) for ending in formats}
    paths = {ending: folder / f"{table.id}-{locale}.{ending}" for ending in pictures}
    for ending, path in paths.items():
        write_file(path, pictures[ending])
    return list(paths.values())


def _table(release: Release, name: str) -> Table:
    table = release.table(name)
    if table is None:
        raise PlotError(f"the release has no table {name}: it has {', '.join(other.id for other in release.tables)}")
    return table
