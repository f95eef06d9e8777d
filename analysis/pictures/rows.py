"""What a table's picture holds, before anything is drawn: blocks of bars, averages and silences in reading order. Pure.

Every level of the table's question is a block with its whole text above; the rows of a block are everyone, everyone
weighted to public margins, and the groups. So no legend is needed, and nothing is told by colour alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from analysis.pictures.wording import Reader, interval
from survey.release.release import Estimate, Mean, Share, Table, group_codes

NANO = 1_000_000_000
REACHES = ((0.3, 0.1), (0.5, 0.25), (0.75, 0.25), (1.0, 0.25))
"""Where a scale of shares may end, and the steps of its grid."""
MANY = 11
"""A scale with more scores than these shows its two ends alone."""
Tone = Literal["all", "weighted", "group", "faint"]


@dataclass(frozen=True)
class Row:
    """One number: its words, and where bar and whisker end on the scale of its section; `few` where it abstains."""

    label: str
    told: str
    tone: Tone
    at: float = 0.0
    low: float = 0.0
    high: float = 0.0
    few: bool = False


@dataclass(frozen=True)
class Block:
    """Rows under one head; without one where the section's title says it all."""

    head: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Section:
    """Blocks on one scale: shares from 0 up as bars, or values as points between two ends."""

    title: str
    blocks: tuple[Block, ...]
    kind: Literal["bars", "points"]
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Picture:
    """All that a table's picture says, in one locale."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    demo: str

    @property
    def texts(self) -> Iterator[str]:
        """Yield every text in it."""
        yield from (self.title, self.subtitle, *self.notes, self.demo)
        for section in self.sections:
            yield section.title
            for block in section.blocks:
                yield block.head
                yield from (text for row in block.rows for text in (row.label, row.told))


def picture(reader: Reader, table: Table) -> Picture:
    """Return what the picture of a table holds."""
    first, *others = table.dimensions
    by = " × ".join(reader.question(axis.id) for axis in others)
    return Picture(
        title=reader.question(first.id),
        subtitle=reader.say("chart-by", names=by) if by else "",
        sections=tuple(_sections(reader, table)),
        notes=tuple(_notes(reader, table)),
        demo=reader.say("chart-demo") if reader.release.demo else "",
    )


def _sections(reader: Reader, table: Table) -> Iterator[Section]:
    first = table.dimensions[0]
    if first.list:
        yield _differences(reader, table)
    elif any(estimate.row for estimate in table.estimates):
        yield from _grid(reader, table)
    elif first.score:
        whole = [estimate for estimate in table.estimates if estimate.group is None]
        yield _shares(reader, "", _blocks(reader, table, whole))
        yield from _means(reader, table)
    else:
        yield _shares(reader, "", _blocks(reader, table, shown(table)))


def shown(table: Table) -> list[Estimate]:
    """Return the estimates that are drawn: everyone and groups; with a third dimension only its finest groups."""
    finest = max((len(group_codes(estimate)) for estimate in table.estimates), default=0)
    return [estimate for estimate in table.estimates if len(group_codes(estimate)) in {0, finest}]


def _shares(reader: Reader, title: str, blocks: tuple[Block, ...]) -> Section:
    highest = max((row.high for block in blocks for row in block.rows if not row.few), default=1.0)
    high, step = next((end, step) for end, step in REACHES if highest <= end)
    return Section(title, blocks, "bars", 0.0, high, _percents(reader, high, step))


def _percents(reader: Reader, high: float, step: float) -> tuple[tuple[float, str], ...]:
    return tuple((place * step, reader.percent(place * step)) for place in range(round(high / step) + 1))


def _blocks(reader: Reader, table: Table, estimates: list[Estimate]) -> tuple[Block, ...]:
    """Return a block for each level; if nobody can be described one block says so."""
    first = table.dimensions[0]
    if estimates and all(estimate.abstained for estimate in estimates):
        return (Block("", tuple(_few(reader, table, estimate) for estimate in estimates)),)
    return tuple(
        Block(reader.level(first.id, code), tuple(_level(reader, table, estimates, code))) for code in first.substantive
    )


def _level(reader: Reader, table: Table, estimates: list[Estimate], code: int) -> Iterator[Row]:
    weighted = [share for share in table.weighted.shares if share.code == code] if table.weighted else []
    several = len(estimates) > 1 or bool(weighted)
    for estimate in estimates:
        name = group_name(reader, table, estimate) if several else ""
        if estimate.abstained:
            yield _few(reader, table, estimate)
        yield from (
            _bar(reader, share, name, "all" if estimate.group is None else "group")
            for share in estimate.shares
            if share.code == code
        )
        if estimate.group is None:
            yield from (_bar(reader, share, reader.say("chart-weighted"), "weighted") for share in weighted)


def _bar(reader: Reader, share: Share, name: str, tone: Tone) -> Row:
    low, high = interval(share)
    told = reader.share(share.share, share.margin)
    at = min(max(share.share, 0.0), 1.0)
    return Row(name, told if share.reliable else f"({told})", tone if share.reliable else "faint", at, low, high)


def _few(reader: Reader, table: Table, estimate: Estimate) -> Row:
    return Row(group_name(reader, table, estimate), reader.say("chart-too-few"), "faint", few=True)


def group_name(reader: Reader, table: Table, estimate: Estimate) -> str:
    """Return what a group is called, or everyone."""
    pairs = zip(table.dimensions[1:], group_codes(estimate), strict=False)
    return " · ".join(reader.level(axis.id, code) for axis, code in pairs) or reader.say("chart-everyone")


def _means(reader: Reader, table: Table) -> Iterator[Section]:
    rows = []
    for estimate in shown(table):
        if estimate.abstained:
            rows.append(_few(reader, table, estimate))
        if estimate.mean:
            tone: Tone = "all" if estimate.group is None else "group"
            rows.append(_point(reader, group_name(reader, table, estimate), estimate.mean, tone))
        if estimate.group is None and table.weighted and table.weighted.mean:
            rows.append(_point(reader, reader.say("chart-weighted"), table.weighted.mean, "weighted"))
    if rows:
        axis = table.dimensions[0]
        low, high = min(axis.substantive), max(axis.substantive)
        ticks = tuple((float(code), reader.number(code)) for code in sorted(axis.substantive))
        shown_ticks = ticks if len(ticks) <= MANY else (ticks[0], ticks[-1])
        title = reader.say("chart-average")
        yield Section(title, (Block("", tuple(rows)),), "points", float(low), float(max(high, low + 1)), shown_ticks)


def _point(reader: Reader, name: str, mean: Mean, tone: Tone) -> Row:
    return Row(
        name, reader.mean(mean.value, mean.margin), tone, mean.value, mean.value - mean.margin, mean.value + mean.margin
    )


def _differences(reader: Reader, table: Table) -> Section:
    """Return a list experiment as one scale: the share of people whom the line concerns that one arm alone saw."""
    rows = []
    for estimate in shown(table):
        name, found = group_name(reader, table, estimate), estimate.difference
        if found is None:
            rows.append(_few(reader, table, estimate))
        else:
            ends = (max(found.value - found.margin, 0.0), min(found.value + found.margin, 1.0))
            told = reader.share(found.value, found.margin)
            tone: Tone = "all" if estimate.group is None else "group"
            rows.append(Row(name, told, tone, min(max(found.value, 0.0), 1.0), *ends))
    return Section(
        reader.say("chart-difference"), (Block("", tuple(rows)),), "points", 0.0, 1.0, _percents(reader, 1.0, 0.25)
    )


def _grid(reader: Reader, table: Table) -> Iterator[Section]:
    """Yield a section for everyone and one for each group; in it a block a row of the grid, its levels in order."""
    told = sorted(shown(table), key=lambda estimate: (len(group_codes(estimate)), group_codes(estimate)))
    for _, members in groupby(told, group_codes):
        estimates = list(members)
        title = group_name(reader, table, estimates[0]) if len(table.dimensions) > 1 else ""
        blocks = tuple(Block(reader.row(one.row or ""), tuple(_grid_row(reader, table, one))) for one in estimates)
        yield _shares(reader, title, blocks)


def _grid_row(reader: Reader, table: Table, estimate: Estimate) -> Iterator[Row]:
    if estimate.abstained:
        yield Row("", reader.say("chart-too-few"), "faint", few=True)
    name = table.dimensions[0].id
    tone: Tone = "all" if estimate.group is None else "group"
    yield from (_bar(reader, share, reader.level(name, share.code), tone) for share in estimate.shares)


def _notes(reader: Reader, table: Table) -> Iterator[str]:
    """Yield what stands under every picture: how many, what whiskers mean, noise and price, where it is from."""
    whole = next((one for one in table.estimates if one.group is None), None)
    if whole is not None:
        total, margin = reader.number(max(whole.total, 0)), reader.number(whole.total_margin)
        yield reader.say("chart-n", total=total, margin=margin)
    yield reader.say("chart-margin")
    if any(not share.reliable for estimate in table.estimates for share in estimate.shares):
        yield reader.say("chart-faint")
    yield from _kinds(reader, table)
    release = reader.release
    price = {"sigma": reader.number(table.sigma, 1), "rho": reader.significant(table.nano_rho / NANO)}
    yield reader.say("chart-price", table=table.id, study=release.study, wave=release.wave, day=release.day, **price)
    if "duplicates-possible" in release.notes:
        yield reader.say("chart-envelopes")


def _kinds(reader: Reader, table: Table) -> Iterator[str]:
    if table.dimensions[0].multi:
        yield reader.say("chart-several", cap=table.l2_squared)
    if table.population is not None:
        yield reader.say("chart-some")
    if "debiased" in table.notes:
        yield reader.say("chart-debiased")
    if table.weighted:
        names = ", ".join(reader.question(name) for name in table.weighted.by)
        yield reader.say("chart-lost" if table.weighted.abstained else "chart-weights", names=names)
