"""A release's tables on a terminal: shares with margins, weighted beside unweighted, in blocks that fit the width."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.budget.price import delta_text
from survey.plan.plan import rho_text
from survey.release.level_labels import dimension_text, label, row_label
from survey.release.release import Estimate, Release, Share, Weighted, Words
from survey.release.release import Table as Released

LABELS, COLUMN = 20, 12
"""Columns of text that levels and each group need at least: more groups than fit go into a block of their own."""
TOO_FEW = "[dim]too few[/]"
Columns = Sequence[tuple[str, Estimate | Weighted]]


def tables(out: Console, release: Release, locale: str) -> None:
    """Show every table, then every list of words, then how to read them."""
    for released in release.tables:
        out.print(f"[bold]{released.id}  {escape(dimension_text(release, released.dimensions[0].id, locale))}[/]")
        for block in _blocks(out.width, _columns(release, released, locale)):
            out.print(_shown(release, released, block, locale))
        out.print(f"[dim]{escape(_caption(released))}[/]\n")
    for words in release.words or ():
        out.print(_words(release, words, locale))
        out.print(f"[dim]{escape(_words_caption(words))}[/]\n")
    out.print(
        "[dim]±: 95 % margin of sampling and noise. ( ): drowned in noise. a–b: 95 % interval, where a margin would "
        "leave 0 to 100 %. No margin holds who chose to answer.[/]"
    )


def _columns(release: Release, released: Released, locale: str) -> list[tuple[str, Estimate | Weighted]]:
    """Return everyone, everyone weighted, and each group, with their headings."""
    listed = [one for one in released.estimates if not isinstance(one.group, tuple)]
    columns: list[tuple[str, Estimate | Weighted]] = [(_group(release, released, one, locale), one) for one in listed]
    if released.weighted is not None:
        columns.insert(1, ("weighted", released.weighted))
    return columns


def _blocks(width: int, columns: Columns) -> Iterator[Columns]:
    """Yield as many columns as fit beside the labels, in blocks of about one size; at least one block."""
    most = max((width - LABELS) // COLUMN, 1)
    blocks = max(math.ceil(len(columns) / most), 1)
    each = math.ceil(len(columns) / blocks)
    for start in range(0, max(len(columns), 1), max(each, 1)):
        yield columns[start : start + each]


def _shown(release: Release, released: Released, columns: Columns, locale: str) -> Table:
    first = released.dimensions[0]
    shown = Table(box=None, pad_edge=False)
    shown.add_column("% ± 95 % margin", overflow="fold", min_width=15)
    for heading, _ in columns:
        shown.add_column(escape(heading), justify="right", overflow="fold", min_width=7, max_width=COLUMN - 2)
    for code in first.substantive:
        named = escape(label(release, first.id, code, locale))
        shown.add_row(named, *(_share(one, code) for _, one in columns))
    for name, told in (("mean", _mean), ("median", _median), ("difference", _difference)):
        cells = [told(one) for _, one in columns]
        if any(cells):
            shown.add_row(name, *cells)
    shown.add_row("number (noisy)", *(_number(one) for _, one in columns), style="dim")
    return shown


def _group(release: Release, released: Released, estimate: Estimate, locale: str) -> str:
    named = "all"
    if isinstance(estimate.group, int):
        named = label(release, released.dimensions[1].id, estimate.group, locale)
    return named if estimate.row is None else f"{row_label(release, estimate.row, locale)}: {named}"


def _share(one: Estimate | Weighted, code: int) -> str:
    found = next((share for share in one.shares if share.code == code), None)
    if found is None:
        return TOO_FEW
    text = _percent(found)
    return text if found.reliable else f"[dim]({text})[/]"


def _percent(share: Share) -> str:
    if share.bayes is not None:
        return f"{_points(share.bayes[0])}–{_points(share.bayes[1])}"
    return f"{_points(share.share)} ±{_points(share.margin)}"


def _points(share: float) -> int:
    return round(100 * share)


def _mean(one: Estimate | Weighted) -> str:
    return f"{one.mean.value:.2f} ±{one.mean.margin:.2f}" if one.mean else ""


def _median(one: Estimate | Weighted) -> str:
    found = None if isinstance(one, Weighted) else one.median
    if found is None:
        return ""
    return str(found.value) if found.low == found.high else f"{found.value} ({found.low} to {found.high})"


def _difference(one: Estimate | Weighted) -> str:
    found = None if isinstance(one, Weighted) else one.difference
    return "" if found is None else f"{found.value:.2f} ±{found.margin:.2f}"


def _number(one: Estimate | Weighted) -> str:
    if isinstance(one, Weighted):
        return "class lost" if one.kish is None else f"Kish {one.kish:.2f}"
    return f"{one.total:.0f} ±{one.total_margin:.0f}"


def _caption(released: Released) -> str:
    others = " x ".join(axis.id for axis in released.dimensions[1:])
    price = f"rho {rho_text(released.nano_rho)}, sigma {released.sigma:.1f}"
    parts = [f"by {others}"] if others else []
    return "; ".join([*parts, *_weighting(released.weighted), price])


def _weighting(weighted: Weighted | None) -> Iterator[str]:
    """Say by what a table is weighted and which classes were joined for it."""
    if weighted is None:
        return
    pairs = zip(weighted.by, weighted.classes, strict=True)
    joined = [f"{name} {'+'.join(map(str, one))}" for name, codes in pairs for one in codes if len(one) > 1]
    told = f"weighted by {' and '.join(weighted.by)}"
    yield told + (f", joined {', '.join(joined)}" if joined else "") + (", trimmed" if weighted.trimmed else "")


def _words(release: Release, words: Words, locale: str) -> Table:
    title = f"{words.id}  {dimension_text(release, words.item, locale)}"
    shown = Table(title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False)
    shown.add_column("phrases that many wrote", overflow="fold")
    shown.add_column("number (noisy)", justify="right", no_wrap=True)
    for one in words.phrases:
        shown.add_row(escape(one.phrase), f"{one.count} ±{words.margin:.0f}")
    if not words.phrases:
        shown.add_row("[dim]none[/]", "")
    return shown


def _words_caption(words: Words) -> str:
    price = f"rho {rho_text(words.nano_rho)}, delta {delta_text(words.atto_delta)}, sigma {words.sigma:.1f}"
    return f"from a noisy number of {words.threshold} on, up to {words.most} phrases a person; {price}"
