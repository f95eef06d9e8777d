"""A release's tables on a terminal: shares with margins, weighted beside unweighted, in blocks that fit the width."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.budget.price import delta_text
from survey.plan.dimension import Dimension
from survey.plan.plan import rho_text
from survey.questionnaire.bases import OF_SCORES
from survey.release.estimate import Weighted
from survey.release.note_codes import CLASS_LOST, MARGINS_UNMET
from survey.release.phrase_lists import Words
from survey.release.reader import Amount, GroupCells, ReleaseReader, hidden_lines
from survey.release.release import Release
from survey.release.release import Table as Released

LABELS, COLUMN = 20, 12
"""The least width, in characters, of the levels and of each group; groups that do not fit go into another block."""
TOO_FEW = "[dim]too few[/]"
UNSURE = "[dim]unsure[/]"
PAIR = 2
"""Groups of this many dimensions are not shown for lack of space."""
Columns = Sequence[tuple[str, GroupCells]]


def tables(out: Console, release: Release, locale: str) -> None:
    """Show every table, then every list of words, then how to read them."""
    reader = ReleaseReader.read(release, locale)
    for released in release.tables:
        out.print(f"[bold]{released.id}  {escape(reader.question(released.dimensions[0].id))}[/]")
        for block in _blocks(out.width, _columns(reader, released)):
            out.print(_grid(reader, released, block))
        first = released.dimensions[0]
        of_whom = [part for part in (reader.population(released), reader.base(first, first.base)) if part]
        out.print(f"[dim]{escape('; '.join(of_whom))}[/]")
        out.print(f"[dim]{escape(_caption(released))}[/]\n")
    for words in release.words or ():
        out.print(_words(reader, words))
        out.print(f"[dim]{escape(_words_caption(words))}[/]\n")
    out.print(
        "[dim]±: 95 % margin of sampling and noise. ( ): drowned in noise. a–b: 95 % interval, where a margin would "
        "leave 0 to 100 %. unsure: a margin of over a quarter of what could be. No margin holds who chose to answer.[/]"
    )


def _columns(reader: ReleaseReader, released: Released) -> list[tuple[str, GroupCells]]:
    """Return everyone, everyone weighted, and each group, with their headings."""
    columns = [(_heading(group), group) for group in reader.groups(released) if len(group.codes) < PAIR]
    if released.weighted is not None:
        columns.insert(1, ("weighted", reader.weighted(released, released.weighted)))
    return columns


def _blocks(width: int, columns: Columns) -> Iterator[Columns]:
    """Yield blocks of similar size with as many columns as fit beside the labels; at least one block."""
    most = max((width - LABELS) // COLUMN, 1)
    blocks = max(math.ceil(len(columns) / most), 1)
    each = math.ceil(len(columns) / blocks)
    for start in range(0, max(len(columns), 1), max(each, 1)):
        yield columns[start : start + each]


def _grid(reader: ReleaseReader, released: Released, columns: Columns) -> Table:
    first = released.dimensions[0]
    grid = Table(box=None, pad_edge=False)
    grid.add_column("% ± 95 % margin", overflow="fold", min_width=15)
    for heading, _ in columns:
        grid.add_column(escape(heading), justify="right", overflow="fold", min_width=7, max_width=COLUMN - 2)
    for code in first.asked:
        grid.add_row(escape(_level(reader, first, code, columns)), *(_share(group, code) for _, group in columns))
    apart = _points if first.list and hidden_lines(first) == 1 else _mean
    for name, cells in (
        ("mean", [TOO_FEW if group.mean_lost else _mean(group.mean) for _, group in columns]),
        ("median", [_median(group) for _, group in columns]),
        ("difference", [apart(group.difference) for _, group in columns]),
    ):
        if any(cells):
            grid.add_row(name, *cells)
    grid.add_row("number (noisy)", *(_number(reader, released, group) for _, group in columns), style="dim")
    if any(cells := [_left_out(group) for _, group in columns]):
        grid.add_row("not in the mean", *cells, style="dim")
    return grid


def _level(reader: ReleaseReader, axis: Dimension, code: int, columns: Columns) -> str:
    """Return what a level is called, and what its share is of where the others are of another base."""
    cell = next((cell for _, group in columns if (cell := group.cell(code))), None)
    return reader.level(axis.id, code) + (f" ({cell.other})" if cell and cell.other else "")


def _left_out(group: GroupCells) -> str:
    """Return about how many of those asked have no score; nothing without a mean, or where weighted."""
    return f"{group.left_out(OF_SCORES):.0f}" if group.mean and group.sizes else ""


def _heading(group: GroupCells) -> str:
    name = group.names[0] if group.names else "all"
    return f"{group.row_name}: {name}" if group.row else name


def _share(group: GroupCells, code: int) -> str:
    cell = group.cell(code)
    if cell is None:
        # Weighted shares are of one base: levels of a wider one have none.
        return "" if group.sizes is None and not group.silence else TOO_FEW
    text = _points(cell.share)
    return text if cell.share.reliable or cell.share.vague else f"[dim]({text})[/]"


def _points(amount: Amount | None) -> str:
    """Return a share in whole points."""
    if amount is None:
        return ""
    if amount.vague:
        return UNSURE
    value, margin, low, high = (round(100 * one) for one in (amount.value, amount.margin, amount.low, amount.high))
    return f"{low}–{high}" if amount.bayes else f"{value} ±{margin}"


def _mean(amount: Amount | None) -> str:
    if amount is None:
        return ""
    return UNSURE if amount.vague else f"{amount.value:.2f} ±{amount.margin:.2f}"


def _median(group: GroupCells) -> str:
    median = group.median
    if median is None:
        return ""
    return str(median.value) if median.low == median.high else f"{median.value} ({median.low} to {median.high})"


def _number(reader: ReleaseReader, released: Released, group: GroupCells) -> str:
    if group.total is not None:
        return f"{group.count():.0f} ±{group.total.margin:.0f}"
    if released.weighted is None or released.weighted.abstained:
        return "class lost" if group.silence == CLASS_LOST else "unmet"
    effect = reader.design_effect(released, released.weighted)
    return "" if effect is None else f"deff {effect:.1f}"


def _caption(released: Released) -> str:
    others = " x ".join(axis.id for axis in released.dimensions[1:])
    price = f"rho {rho_text(released.nano_rho)}, sigma {released.sigma:.1f}"
    parts = [f"by {others}"] if others else []
    return "; ".join([*parts, *_weighting(released.weighted), price])


def _weighting(weighted: Weighted | None) -> Iterator[str]:
    """Yield the dimensions that a table is weighted by and the classes that were joined."""
    if weighted is None:
        return
    pairs = zip(weighted.by, weighted.classes, strict=True)
    joined = [f"{name} {'+'.join(map(str, one))}" for name, codes in pairs for one in codes if len(one) > 1]
    if weighted.abstained == MARGINS_UNMET:
        yield f"no weights meet the margins of {' and '.join(weighted.by)}"
        return
    text = f"weighted by {' and '.join(weighted.by)}"
    yield text + (f", joined {', '.join(joined)}" if joined else "") + (", trimmed" if weighted.trimmed else "")
    if weighted.abstained is None:
        yield "deff: of weights and noise together"
        if not weighted.covers_population:
            yield "weighted margins do not hold what joined classes and cut weights leave out"


def _words(reader: ReleaseReader, words: Words) -> Table:
    title = f"{words.id}  {reader.question(words.item)}"
    grid = Table(title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False)
    grid.add_column("phrases that many wrote", overflow="fold")
    grid.add_column("number (noisy)", justify="right", no_wrap=True)
    for phrase in words.phrases:
        grid.add_row(escape(phrase.phrase), f"{phrase.count} ±{words.margin:.0f}")
    if not words.phrases:
        grid.add_row("[dim]none[/]", "")
    return grid


def _words_caption(words: Words) -> str:
    price = f"rho {rho_text(words.nano_rho)}, delta {delta_text(words.atto_delta)}, sigma {words.sigma:.1f}"
    return f"from a noisy number of {words.threshold} on, up to {words.most} phrases a person; {price}"
