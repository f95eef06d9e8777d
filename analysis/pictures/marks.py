"""Turns placed words and marks into a Vega-Lite specification whose scales are pixels: nothing is laid out twice.

The specification (https://vega.github.io/vega-lite/docs/spec.html) is plain data: assembled by Altair, each of its
objects would be checked, hashed and copied when a picture is drawn, which took four fifths of the time of a picture.
A test checks it against Vega-Lite's schema instead.
"""

from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from analysis.pictures.layout import INK, WIDTH, Canvas

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
EDGE = 6.0
POINT = 34.0
Rows = list[dict[str, Any]]
Specification = dict[str, Any]
Encoding = Mapping[str, Any]
KIND = itemgetter("bold", "align")
ENDS: Encoding = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}


def assembled(canvas: Canvas, family: str) -> Specification:
    """Return the layers in the order in which they cover each other: grid, bars, whiskers, points, words."""
    height = round(canvas.y, 2)
    halo = [whisker | {"color": "#ffffff", "width": 2.4} for whisker in canvas.whiskers]
    layers = [
        *(_rules(rows) for rows in (canvas.grid,) if rows),
        *(_bars(rows) for rows in (canvas.bars,) if rows),
        *(_rules(rows) for rows in (halo, canvas.whiskers) if rows),
        *(_points(rows) for rows in (canvas.points,) if rows),
        *(_texts(list(rows), family) for _, rows in groupby(sorted(canvas.texts, key=KIND), KIND)),
    ]
    sides = {"x": _pixels("x", WIDTH), "y": _pixels("y", height)}
    return {
        "$schema": SCHEMA,
        "config": {"view": {"stroke": None}, "aria": False, "background": "#ffffff", "padding": 0},
        "width": WIDTH + 2 * EDGE,
        "height": height + 2 * EDGE,
        "autosize": {"type": "none"},
        "layer": [layer | {"encoding": {**layer["encoding"], **sides}} for layer in layers],
    }


def _pixels(side: str, size: float) -> Encoding:
    scale = {"domain": [-EDGE, size + EDGE], "range": [0, size + 2 * EDGE], "nice": False, "zero": False}
    return {"field": side, "type": "quantitative", "axis": None, "scale": scale}


def _layer(rows: Rows, mark: Mapping[str, Any], encoding: Encoding) -> Specification:
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _as_is(field: str, kind: str) -> Encoding:
    """Return an encoding by the values of `field` themselves: pixels, colours and sizes."""
    return {"field": field, "type": kind, "scale": None}


def _rules(rows: Rows) -> Specification:
    looks = {"color": _as_is("color", "nominal"), "strokeWidth": _as_is("width", "quantitative")}
    return _layer(rows, {"type": "rule"}, {**looks, **ENDS})


def _bars(rows: Rows) -> Specification:
    tones = {"fill": _as_is("fill", "nominal"), "stroke": _as_is("stroke", "nominal")}
    return _layer(rows, {"type": "rect", "strokeWidth": 0.9}, {**tones, **ENDS})


def _points(rows: Rows) -> Specification:
    mark = {"type": "point", "size": POINT, "stroke": INK, "strokeWidth": 0.9, "opacity": 1}
    return _layer(rows, mark, {"fill": _as_is("fill", "nominal")})


def _texts(rows: Rows, family: str) -> Specification:
    bold, align = KIND(rows[0])
    weight = "bold" if bold else "normal"
    place = {"align": align, "baseline": "top", "limit": 0, "lineBreak": "\n"}
    looks = {"size": _as_is("size", "quantitative"), "color": _as_is("color", "nominal")}
    text = {"field": "text", "type": "nominal"}
    return _layer(rows, {"type": "text", "font": family, "fontWeight": weight, **place}, {"text": text, **looks})
