"""What a table's picture holds, before anything is drawn: blocks of bars, averages and silences in reading order. Pure.

Every level of the table's question is a block with its whole text above; the rows of a block are everyone, everyone
weighted to public margins, and the groups. So no legend is needed, and nothing is told by colour alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from analysis.pictures.wording import Reader
from survey.plan.dimension import Dimension
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.bases import OF_SCORES
from survey.release.estimate import Weighted
from survey.release.note_codes import CLASS_LOST, DEBIASED, DUPLICATES_POSSIBLE, MARGINS_UNMET
from survey.release.reader import Amount, Cell, GroupCells, hidden_lines
from survey.release.release import Table

REACHES = ((0.3, 0.1), (0.5, 0.25), (0.75, 0.25), (1.0, 0.25))
"""Where a scale of shares may end, and the steps of its grid."""
MANY = 11
"""A scale with more scores than these shows its two ends alone."""
Tone = Literal["all", "weighted", "group", "faint"]
Groups = tuple[GroupCells, ...]
Ticks = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class PictureRow:
    """One number: its words, where bar and whisker end on its section's scale; `few` where words stand alone."""

    label: str
    value_text: str
    tone: Tone
    at: float = 0.0
    low: float = 0.0
    high: float = 0.0
    few: bool = False


@dataclass(frozen=True)
class PictureBlock:
    """Rows under one head; without one where the section's title says it all."""

    head: str
    rows: tuple[PictureRow, ...]


@dataclass(frozen=True)
class PictureSection:
    """Blocks on one scale: shares from 0 up as bars, or values as points between two ends."""

    title: str
    blocks: tuple[PictureBlock, ...]
    kind: Literal["bars", "points"]
    low: float
    high: float
    ticks: Ticks


@dataclass(frozen=True)
class Picture:
    """All that a table's picture says, in one locale; `population` is "" where the table is of everyone."""

    title: str
    subtitle: str
    population: str
    sections: tuple[PictureSection, ...]
    notes: tuple[str, ...]
    demo: str

    @property
    def texts(self) -> Iterator[str]:
        """Yield every text in it."""
        yield from (self.title, self.subtitle, self.population, *self.notes, self.demo)
        for section in self.sections:
            yield section.title
            for block in section.blocks:
                yield block.head
                yield from (text for row in block.rows for text in (row.label, row.value_text))


def picture(reader: Reader, table: Table) -> Picture:
    """Return what the picture of a table holds."""
    first, *others = table.dimensions
    by = " × ".join(reader.question(axis.id) for axis in others)
    return Picture(
        title=reader.question(first.id),
        subtitle=reader.say("chart-by", names=by) if by else "",
        population=reader.population_sentence(table),
        sections=tuple(_sections(reader, table)),
        notes=tuple(_notes(reader, table)),
        demo=reader.say("chart-demo") if reader.release.demo else "",
    )


def _sections(reader: Reader, table: Table) -> Iterator[PictureSection]:
    first, groups = table.dimensions[0], reader.groups(table)
    if first.list:
        yield _differences(reader, table, groups)
    elif any(group.row for group in groups):
        yield from _grid(reader, table, groups)
    elif first.score:
        yield _shares(reader, "", _blocks(reader, table, [group for group in groups if not group.codes]))
        yield from _means(reader, table, groups)
    else:
        yield _shares(reader, "", _blocks(reader, table, _drawn(groups)))


def _drawn(groups: Groups) -> list[GroupCells]:
    """Return what is drawn: everyone and groups; with a third dimension only its finest groups."""
    finest = max((len(group.codes) for group in groups), default=0)
    return [group for group in groups if len(group.codes) in {0, finest}]


def _shares(reader: Reader, title: str, blocks: tuple[PictureBlock, ...]) -> PictureSection:
    highest = max((row.high for block in blocks for row in block.rows if not row.few), default=1.0)
    high, step = next((end, step) for end, step in REACHES if highest <= end)
    return PictureSection(title, blocks, "bars", 0.0, high, _percents(reader, high, step))


def _percents(reader: Reader, high: float, step: float) -> Ticks:
    return tuple((number * step, reader.percent(number * step)) for number in range(round(high / step) + 1))


def _blocks(reader: Reader, table: Table, groups: list[GroupCells]) -> tuple[PictureBlock, ...]:
    """Return a block for each level; if nobody can be described one block says so."""
    first = table.dimensions[0]
    if groups and all(group.silence for group in groups):
        return (PictureBlock("", tuple(_few(reader, group) for group in groups)),)
    weighted = reader.weighted(table, table.weighted) if table.weighted else None
    return tuple(
        PictureBlock(_head(reader, groups, first, code), tuple(_level(reader, groups, weighted, code)))
        for code in first.asked
    )


def _head(reader: Reader, groups: list[GroupCells], axis: Dimension, code: int) -> str:
    """Return what a level is called, and what its share is of where that is another base than the picture's."""
    cell = next((cell for group in groups if (cell := group.cell(code))), None)
    name = reader.level(axis.id, code)
    return reader.say("with-base", name=name, base=cell.other) if cell and cell.other else name


def _level(reader: Reader, groups: list[GroupCells], weighted: GroupCells | None, code: int) -> Iterator[PictureRow]:
    apart = weighted.cell(code) if weighted else None
    several = len(groups) > 1 or weighted is not None
    for group in groups:
        name, cell = _group_name(reader, group) if several else "", group.cell(code)
        if group.silence:
            yield _few(reader, group)
        if cell:
            yield _bar(reader, cell, name, _tone(group))
        if apart and not group.codes:
            yield _bar(reader, apart, reader.say("chart-weighted"), "weighted")


def _tone(group: GroupCells) -> Tone:
    return "group" if group.codes else "all"


def _bar(reader: Reader, cell: Cell, name: str, tone: Tone) -> PictureRow:
    share = cell.share
    if share.vague:
        return PictureRow(name, reader.amount_text(share, mean=False), "faint", few=True)
    return PictureRow(name, reader.amount_text(share, mean=False), tone if share.reliable else "faint", *share.shown)


def _few(reader: Reader, group: GroupCells) -> PictureRow:
    return PictureRow(_group_name(reader, group), reader.say("chart-too-few"), "faint", few=True)


def _group_name(reader: Reader, group: GroupCells) -> str:
    """Return what a group is called, or everyone."""
    return " · ".join(group.names) or reader.say("chart-everyone")


def _means(reader: Reader, table: Table, groups: Groups) -> Iterator[PictureSection]:
    weighted = reader.weighted(table, table.weighted) if table.weighted else None
    rows = []
    for group in _drawn(groups):
        if group.silence or group.mean_lost:
            rows.append(_few(reader, group))
        if group.mean:
            rows.append(_point(reader, _group_name(reader, group), group.mean, _tone(group)))
        if weighted and weighted.mean and not group.codes:
            rows.append(_point(reader, reader.say("chart-weighted"), weighted.mean, "weighted"))
        if weighted and weighted.mean_lost and not group.codes:
            rows.append(PictureRow(reader.say("chart-weighted"), reader.say("chart-too-few"), "faint", few=True))
    if rows:
        yield _scale_of_scores(reader, table, tuple(rows))


def _scale_of_scores(reader: Reader, table: Table, rows: tuple[PictureRow, ...]) -> PictureSection:
    scores = sorted(table.dimensions[0].options)
    low, high = float(scores[0]), float(max(scores[-1], scores[0] + 1))
    ticks = tuple((float(score), reader.number(score)) for score in scores)
    marks = ticks if len(ticks) <= MANY else (ticks[0], ticks[-1])
    return PictureSection(reader.say("chart-average"), (PictureBlock("", rows),), "points", low, high, marks)


def _point(reader: Reader, name: str, mean: Amount, tone: Tone) -> PictureRow:
    if mean.vague:
        return PictureRow(name, reader.amount_text(mean, mean=True), "faint", few=True)
    return PictureRow(name, reader.amount_text(mean, mean=True), tone, mean.value, mean.low, mean.high)


def _differences(reader: Reader, table: Table, groups: Groups) -> PictureSection:
    """Return a list experiment as one scale: of people where one list has one line more, else of lines a person."""
    lines = hidden_lines(table.dimensions[0])
    rows = tuple(_difference(reader, group, lines) for group in _drawn(groups))
    ticks = _percents(reader, 1.0, 0.25)
    if lines > 1:
        ticks = tuple((float(line), reader.number(line)) for line in range(lines + 1))
    return PictureSection(reader.say("chart-difference"), (PictureBlock("", rows),), "points", 0.0, float(lines), ticks)


def _difference(reader: Reader, group: GroupCells, lines: int) -> PictureRow:
    difference = group.difference
    if difference is None:
        return _few(reader, group)
    if difference.vague:
        return PictureRow(_group_name(reader, group), reader.amount_text(difference, mean=lines > 1), "faint", few=True)
    at, low, high = (min(max(end, 0.0), float(lines)) for end in (difference.value, difference.low, difference.high))
    return PictureRow(
        _group_name(reader, group), reader.amount_text(difference, mean=lines > 1), _tone(group), at, low, high
    )


def _grid(reader: Reader, table: Table, groups: Groups) -> Iterator[PictureSection]:
    """Yield a section for everyone and one for each group; in it a block a row of the grid, its levels in order."""
    ordered = sorted(_drawn(groups), key=lambda group: (len(group.codes), group.codes))
    for _, members in groupby(ordered, lambda group: group.codes):
        rows = list(members)
        title = _group_name(reader, rows[0]) if len(table.dimensions) > 1 else ""
        yield _shares(
            reader, title, tuple(PictureBlock(member.row_name, tuple(_grid_row(reader, member))) for member in rows)
        )


def _grid_row(reader: Reader, group: GroupCells) -> Iterator[PictureRow]:
    if group.silence:
        yield PictureRow("", reader.say("chart-too-few"), "faint", few=True)
    for cell in group.cells:
        name = reader.say("with-base", name=cell.label, base=cell.other) if cell.other else cell.label
        yield _bar(reader, cell, name, _tone(group))


def _notes(reader: Reader, table: Table) -> Iterator[str]:
    """Yield what stands under every picture: how many, what whiskers mean, noise and price, where it is from."""
    groups = reader.groups(table)
    whole = next((candidate for candidate in groups if not candidate.codes), None)
    yield from _people(reader, table, [candidate for candidate in groups if not candidate.codes])
    if whole and whole.mean:
        total, left = reader.number(whole.count(OF_SCORES)), whole.left_out(OF_SCORES)
        yield reader.say("chart-scored", base=reader.base(table.dimensions[0], OF_SCORES), total=total)
        if round(left) > 0:
            yield reader.say("chart-left", left=reader.number(left))
    yield reader.say("chart-margin")
    if any(not cell.share.reliable for group in groups for cell in group.cells):
        yield reader.say("chart-faint")
    yield from _kinds(reader, table)
    release = reader.release
    price = {"sigma": reader.number(table.sigma, 1), "rho": reader.significant(table.nano_rho / NANO_RHO)}
    yield reader.say("chart-price", table=table.id, study=release.study, wave=release.wave, day=release.day, **price)
    if DUPLICATES_POSSIBLE in release.notes:
        yield reader.say("chart-envelopes")


def _people(reader: Reader, table: Table, everyone: list[GroupCells]) -> Iterator[str]:
    """Yield about how many people the shares are of; in each row of a grid others answered."""
    sizes = [(group.count(), group.total.margin) for group in everyone if group.total]
    if not sizes:
        return
    margin = reader.number(max(margin for _, margin in sizes))
    numbers = [reader.number(number) for number in (min(sizes)[0], max(sizes)[0])]
    words = {"base": reader.base(table.dimensions[0], everyone[0].base), "margin": margin}
    if len(everyone) > 1:
        yield reader.say("chart-n-rows", low=numbers[0], high=numbers[1], **words)
    else:
        yield reader.say("chart-n", total=numbers[0], **words)


def _kinds(reader: Reader, table: Table) -> Iterator[str]:
    if table.dimensions[0].multi:
        yield reader.say("chart-several", cap=table.l2_squared)
    if DEBIASED in table.notes:
        yield reader.say("chart-debiased")
    if table.weighted:
        names = ", ".join(reader.question(name) for name in table.weighted.by)
        keys = {None: "chart-weights", CLASS_LOST: "chart-lost", MARGINS_UNMET: "chart-unmet"}
        yield reader.say(keys[table.weighted.abstained], names=names)
        yield from _classes(reader, table.weighted)


def _classes(reader: Reader, weighted: Weighted) -> Iterator[str]:
    """Yield which classes were joined, and that margins leave something out where they do."""
    if weighted.abstained:
        return
    if weighted.joined:
        yield reader.say("chart-joined", names="; ".join(reader.joined_classes(weighted)))
    if not weighted.covers_population:
        yield reader.say("chart-uncovered")
