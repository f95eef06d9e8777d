"""The layout of a picture, in pixels: words, bars, points and whiskers set line by line. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any

from analysis.pictures.rows import Picture, PictureRow, PictureSection
from analysis.pictures.wording import wide, wrapped
from survey.release.reader import part_of_one

WIDTH = 360.0
"""Pixels; at 96 to the inch 9.5 cm, a column of a journal."""
LABELS, FIGURES, GAP = 118.0, 64.0, 6.0
TITLE, SECTION, HEAD, TEXT, NOTE = 13.0, 11.5, 10.0, 9.5, 8.0
LINE = 1.32
BAR, CAP = 7.0, 3.0
INK, QUIET, RULE, DEMO, HEADING = "#16202a", "#5b6670", "#d5dbdf", "#9b1c1c", "#0a5c66"
# Told apart by lightness alone, so that paper and colour-blind eyes lose nothing.
FILLS = {"all": "#0a5c66", "weighted": "#ffffff", "group": "#86b3b8", "faint": "#e3e7e9"}
STROKES = FILLS | {"weighted": "#0a5c66"}
MOST_LINES = 2
COLON = re.compile("[:\uff1a]")
Line = tuple[float, float, float, float]


# Decision 69.
@dataclass
class Canvas:
    """What is drawn so far, as rows of data by kind of mark, and how far down the page it reaches."""

    y: float = 0.0
    texts: list[dict[str, Any]] = field(default_factory=list)
    bars: list[dict[str, Any]] = field(default_factory=list)
    grid: list[dict[str, Any]] = field(default_factory=list)
    whiskers: list[dict[str, Any]] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)

    def text(self, x: float, text: str, size: float, color: str = INK, **kind: Any) -> None:  # noqa: ANN401 - bold, align
        """Set one line at the current height; `bold` and `align` as in `kind`."""
        mark = {"x": round(x, 2), "y": round(self.y, 2), "text": text, "size": size, "color": color}
        self.texts.append(mark | {"bold": False, "align": "left"} | kind)

    def lines(self, text: str, size: float, color: str = INK, *, bold: bool = False) -> None:
        """Set a text over the whole width and move below it."""
        for line in wrapped(text, WIDTH, size, bold=bold) if text else ():
            self.text(0, line, size, color, bold=bold)
            self.y += size * LINE


def drawn(picture: Picture) -> Canvas:
    """Return everything of a picture at its place."""
    canvas = Canvas()
    canvas.lines(picture.title, TITLE, bold=True)
    canvas.lines(picture.subtitle, HEAD, QUIET)
    canvas.lines(picture.population, HEAD, bold=True)
    for section in picture.sections:
        canvas.y += GAP
        _section(canvas, section)
    canvas.y += GAP
    canvas.lines(picture.demo, HEAD, DEMO, bold=True)
    for note in picture.notes:
        canvas.lines(note, NOTE, QUIET)
    return canvas


@dataclass(frozen=True)
class _Scale:
    """A section's scale over the pixels between two ends."""

    section: PictureSection
    left: float
    right: float

    def __call__(self, value: float) -> float:
        part = part_of_one((value - self.section.low) / (self.section.high - self.section.low))
        return round(self.left + part * (self.right - self.left), 2)


def _section(canvas: Canvas, section: PictureSection) -> None:
    canvas.lines(section.title, SECTION, HEADING, bold=True)
    rows = [row for block in section.blocks for row in block.rows]
    scale = _Scale(section, LABELS if any(row.label for row in rows) else 0.0, WIDTH - FIGURES)
    top = canvas.y
    for block in section.blocks:
        canvas.lines(block.head, HEAD, bold=True)
        for row in block.rows:
            _row(canvas, row, scale)
        canvas.y += GAP / 2
    if not all(row.few for row in rows):
        _axis(canvas, scale, top)


def _row(canvas: Canvas, row: PictureRow, scale: _Scale) -> None:
    lines = _labelled(row.label)
    height = max(len(lines), 1) * TEXT * LINE + 1.5
    top, middle = canvas.y, canvas.y + height / 2
    canvas.y = middle - TEXT * (LINE * len(lines) - LINE + 1) / 2
    for line in lines:
        canvas.text(0, line, TEXT, QUIET if row.few else INK)
        canvas.y += TEXT * LINE
    canvas.y = middle - TEXT / 2
    if row.few:
        canvas.text(scale.left, row.value_text, TEXT, QUIET)
    else:
        canvas.text(WIDTH, row.value_text, TEXT, QUIET if row.tone == "faint" else INK, align="right")
        _mark(canvas, row, scale, middle)
    canvas.y = top + height


def _labelled(label: str) -> list[str]:
    """Return a row's label in at most two lines: one that is too long for one loses what stands after a colon."""
    lines = wrapped(label, LABELS - GAP, TEXT) if label else []
    if len(lines) > 1:
        lines = wrapped(COLON.split(label)[0], LABELS - GAP, TEXT)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]


def _mark(canvas: Canvas, row: PictureRow, scale: _Scale, middle: float) -> None:
    if scale.section.kind == "bars":
        ends = {"x": scale.left, "x2": scale(row.at), "y": round(middle - BAR / 2, 2), "y2": round(middle + BAR / 2, 2)}
        canvas.bars.append(ends | {"fill": FILLS[row.tone], "stroke": STROKES[row.tone]})
    else:
        canvas.points.append({"x": scale(row.at), "y": round(middle, 2), "fill": FILLS[row.tone]})
    color = QUIET if row.tone == "faint" else INK
    low, high = scale(row.low), scale(row.high)
    canvas.whiskers += [_line((low, middle, high, middle), color, 0.9)]
    canvas.whiskers += [_line((x, middle - CAP, x, middle + CAP), color, 0.9) for x in (low, high)]


def _line(ends: Line, color: str, width: float) -> dict[str, Any]:
    places = dict(zip(("x", "y", "x2", "y2"), (round(place, 2) for place in ends), strict=True))
    return {**places, "color": color, "width": width}


def _axis(canvas: Canvas, scale: _Scale, top: float) -> None:
    for value, text in scale.section.ticks:
        x, half = scale(value), wide(text, NOTE) / 2
        canvas.grid.append(_line((x, top, x, canvas.y), RULE, 0.7))
        canvas.text(min(max(x, half), WIDTH - half), text, NOTE, QUIET, align="center")
    canvas.y += NOTE * LINE
