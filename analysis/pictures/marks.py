"""Turns placed words and marks into an Altair chart whose scales are pixels: nothing is laid out a second time."""

from itertools import groupby
from operator import itemgetter
from typing import Any

import altair as alt

from analysis.pictures.layout import INK, WIDTH, Canvas

EDGE = 6.0
POINT = 34.0
Rows = list[dict[str, Any]]
KIND = itemgetter("bold", "align")


def assembled(canvas: Canvas, family: str) -> alt.LayerChart:
    """Return the layers in the order in which they cover each other: grid, bars, whiskers, points, words."""
    height = round(canvas.y, 2)
    halo = [whisker | {"color": "#ffffff", "width": 2.4} for whisker in canvas.whiskers]
    sides = {
        "x": alt.X("x:Q", scale=_pixels(WIDTH), axis=None),
        "y": alt.Y("y:Q", scale=_pixels(height), axis=None),
    }
    layers = [
        *(_rules(rows, sides) for rows in (canvas.grid,) if rows),
        *(_bars(rows, sides) for rows in (canvas.bars,) if rows),
        *(_rules(rows, sides) for rows in (halo, canvas.whiskers) if rows),
        *(_points(rows, sides) for rows in (canvas.points,) if rows),
        *(_texts(list(rows), family, sides) for _, rows in groupby(sorted(canvas.texts, key=KIND), KIND)),
    ]
    size: dict[str, Any] = {
        "width": WIDTH + 2 * EDGE,
        "height": height + 2 * EDGE,
        "autosize": alt.AutoSizeParams(type="none"),
    }
    framed: alt.LayerChart = (
        alt.LayerChart(layer=layers, **size)
        .configure(padding=0, aria=False, background="#ffffff")
        .configure_view(stroke=None)
    )
    return framed


def _pixels(size: float) -> alt.Scale:
    return alt.Scale(domain=[-EDGE, size + EDGE], range=[0, size + 2 * EDGE], nice=False, zero=False)


def _rules(rows: Rows, sides: dict[str, Any]) -> alt.Chart:
    width, color = alt.StrokeWidth("width:Q", scale=None), alt.Color("color:N", scale=None)
    drawn: alt.Chart = _data(rows).mark_rule().encode(x2="x2:Q", y2="y2:Q", color=color, strokeWidth=width, **sides)
    return drawn


def _bars(rows: Rows, sides: dict[str, Any]) -> alt.Chart:
    tones = {"fill": alt.Fill("fill:N", scale=None), "stroke": alt.Stroke("stroke:N", scale=None)}
    drawn: alt.Chart = _data(rows).mark_rect(strokeWidth=0.9).encode(x2="x2:Q", y2="y2:Q", **tones, **sides)
    return drawn


def _points(rows: Rows, sides: dict[str, Any]) -> alt.Chart:
    mark = _data(rows).mark_point(size=POINT, stroke=INK, strokeWidth=0.9, opacity=1)
    drawn: alt.Chart = mark.encode(fill=alt.Fill("fill:N", scale=None), **sides)
    return drawn


def _texts(rows: Rows, family: str, sides: dict[str, Any]) -> alt.Chart:
    bold, align = KIND(rows[0])
    mark = _data(rows).mark_text(
        font=family, fontWeight="bold" if bold else "normal", align=align, baseline="top", limit=0, lineBreak="\n"
    )
    looks = {"size": alt.Size("size:Q", scale=None), "color": alt.Color("color:N", scale=None)}
    drawn: alt.Chart = mark.encode(text="text:N", **looks, **sides)
    return drawn


def _data(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))
