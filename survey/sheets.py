"""A released table as rows for a spreadsheet: every estimate with its margin, every noisy count. Pure."""

import csv
import io
from collections.abc import Iterator
from itertools import product

from survey.results import OUTSIDE, Dimension, Release, Table, group_codes

HEADER = ("study", "wave", "table", "kind", "level", "label", "group", "group_label", "value", "margin", "note")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00")

Row = tuple[str, ...]


def table_csv(release: Release, table: Table, locale: str) -> str:
    """
    Return one table as CSV (RFC 4180, UTF-8, no byte order mark).

    `kind` is `share`, `mean`, `total` (of a group) or `count` (one noisy cell); codes and groups of several
    dimensions are joined by `/`. `margin` is the 95 % half-width; of a count it is that of its noise alone.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    labels = _Labels(release, table, locale)
    for row in (*_estimates(table, labels), *_counts(table, labels)):
        writer.writerow([release.study, str(release.wave), table.id, *row])
    return out.getvalue()


class _Labels:
    def __init__(self, release: Release, table: Table, locale: str) -> None:
        self._labels = release.labels[locale if locale in release.labels else next(iter(release.labels))]
        self._dimensions = table.dimensions

    def of(self, codes: tuple[int, ...], start: int = 0) -> str:
        """Return the labels of codes of the dimensions from `start` on; no cell of it begins a formula."""
        axes = self._dimensions[start : start + len(codes)]
        text = " / ".join(self._label(axis, code) for axis, code in zip(axes, codes, strict=True))
        return f"'{text}" if text.startswith(FORMULA) else text

    def _label(self, axis: Dimension, code: int) -> str:
        return self._labels[axis.id].levels.get(str(code), str(code))


def _estimates(table: Table, labels: _Labels) -> Iterator[Row]:
    for estimate in table.estimates:
        codes = group_codes(estimate)
        group = (_joined(codes), labels.of(codes, 1))
        yield "total", "", "", *group, str(estimate.total), str(estimate.total_margin), estimate.abstained or ""
        if estimate.mean:
            yield "mean", "", "", *group, str(estimate.mean.value), str(estimate.mean.margin), ""
        for share in estimate.shares:
            level = (str(share.code), labels.of((share.code,)))
            yield "share", *level, *group, str(share.share), str(share.margin), "" if share.reliable else "unreliable"


def _counts(table: Table, labels: _Labels) -> Iterator[Row]:
    margin = f"{1.959963984540054 * table.sigma:.3f}"
    cells = [*product(*(axis.codes for axis in table.dimensions))]
    for codes, count in zip(cells, table.counts, strict=False):
        yield "count", _joined(codes), labels.of(codes), "", "", str(count), margin, ""
    if table.population is not None:
        yield "count", str(OUTSIDE), "", "", "", str(table.counts[-1]), margin, "outside the population"


def _joined(codes: tuple[int, ...]) -> str:
    return "/".join(map(str, codes))
