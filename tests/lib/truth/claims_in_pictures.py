"""Every number of the pictures of a report, read off the rows beside each, and whether the SVG says the same."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from xml.etree.ElementTree import Element

from survey.plan.dimension import Dimension
from survey.release.level_labels import label, row_label
from survey.release.release import Release, Table
from truth.claims import Claim
from truth.html_tree import those, words
from truth.number_text import BASES, ParsedNumber, parse_number, people
from truth.plain_truth import Group

SOURCE, LOCALE = "picture", "en"
TOO_FEW = "too few for a private answer"
LISTS = "How many the hidden line concerns (difference of the two lists)"
_SIZE = re.compile(r"Shares are (?P<base>.+?): about (?P<total>[\d,]+) people \(± (?P<margin>[\d,]+)\)\.")
_ROWS = re.compile(
    r"Shares are (?P<base>.+?): in each row about (?P<low>[\d,]+) to (?P<high>[\d,]+) people \(± (?P<margin>[\d,]+)\)\."
)
_SCORED = re.compile(
    r"The average is (?P<base>.+?): about (?P<total>[\d,]+) people\.(?: About (?P<left>[\d,]+) more were asked\.)?"
)

Key = tuple[str, str, tuple[int, ...], str]
"""What a head says: a measure, the name of the item (of a grid its row), codes, and the base."""


def claims_in_pictures(release: Release, page: Element) -> Iterator[Claim]:
    """Yield every number of each table's picture: its rows, and what its notes say that they are of."""
    figures = {one.get("id"): one for one in those(page, "chart")}
    for table in release.tables:
        yield from _picture(release, table, figures[table.id])


def texts_that_are_not_drawn(page: Element) -> list[tuple[str, str]]:
    """Return (table, text) of every number of the rows that the SVG beside them lacks."""
    missing = []
    for figure in those(page, "chart"):
        drawn = [words(one) for one in figure.iter("text")]
        rows = [words(row[2]) for row in figure.iter("tr") if row[0].tag == "td"]
        missing += [(figure.get("id", ""), number_text) for number_text in rows if number_text not in drawn]
    return missing


def says_it_is_of_a_part(page: Element, table: str) -> bool:
    """Return whether a picture says that it is not of everyone."""
    figure = next(one for one in those(page, "chart") if one.get("id") == table)
    return "Only of those who said: " in _drawn(figure)


def size_told(page: Element, table: str) -> bool:
    """Return whether a picture's notes say about how many people it is of."""
    figure = next(one for one in those(page, "chart") if one.get("id") == table)
    return (_ROWS.search(_drawn(figure)) or _SIZE.search(_drawn(figure))) is not None


def _picture(release: Release, table: Table, figure: Element) -> Iterator[Claim]:
    text, first = _drawn(figure), table.dimensions[0]
    size, scored = _ROWS.search(text) or _SIZE.search(text), _SCORED.search(text)
    base = BASES[size["base"]] if size else first.base
    if size:
        yield from _sizes(table, size, base)
    if scored:
        for measure, name in (("size", "total"), ("left out", "left")):
            number = (people(scored[name] or "0"),) * 3
            yield Claim(SOURCE, table.id, measure, (), first.id, (), BASES[scored["base"]], *number, 0.5)
    heads, groups = dict(_heads(release, first, base)), dict(_groups(release, table))
    for row in (row for row in figure.iter("tr") if row[0].tag == "td"):
        head, who, number_text = (words(cell) for cell in row)
        number = None if number_text == TOO_FEW else parse_number(number_text)
        if number:
            yield _row(table, _read(heads, groups, head, who), number)


def _sizes(table: Table, size: re.Match[str], base: str) -> Iterator[Claim]:
    """Yield about how many people the shares are of: of a grid each row's number lies between two."""
    rows, numbers = table.dimensions[0].rows, size.groupdict()
    assert bool(rows) == ("low" in numbers), f"a grid has a number for each row: {size[0]}"
    low, high = (people(numbers[name]) for name in (("low", "high") if rows else ("total", "total")))
    margin = people(size["margin"])
    for name in rows or (table.dimensions[0].id,):
        yield Claim(SOURCE, table.id, "size", (), name, (), base, (low + high) / 2, low - margin, high + margin, 1.0)


def _row(table: Table, place: tuple[Key, Group, bool], number: ParsedNumber) -> Claim:
    (measure, name, codes, base), group, weighted = place
    kind = f"weighted {measure}" if weighted else measure
    return Claim(SOURCE, table.id, kind, group, name, codes, base, *number.ends, number.slack)


def _read(
    heads: Mapping[str, Key], groups: Mapping[str, Group], head: str, who: str
) -> tuple[tuple[str, str, tuple[int, ...], str], Group, bool]:
    """Return what a row is about: a head names the level and the row the group, of a grid the other way round."""
    if head in heads:
        return heads[head], groups.get(who, ()), who == "Everyone, weighted"
    *group, row = head.split(" · ")
    return heads[f"{row} · {who}"], groups.get(" · ".join(group), ()), False


def _heads(release: Release, first: Dimension, base: str) -> Iterator[tuple[str, Key]]:
    """Yield every head that a picture of this dimension may have."""
    yield "Average", ("mean", first.id, (), "substantive")
    yield LISTS, ("difference", first.id, (), "substantive")
    spoken_bases = {"": base} | {f" ({text})": name for text, name in BASES.items()}
    for code, (text, own) in product(first.codes, spoken_bases.items()):
        name = label(release, first.id, code, LOCALE)
        yield f"{name}{text}", ("share", first.id, (code,), own)
        for row in first.rows or ():
            yield f"{row_label(release, row, LOCALE)} · {name}{text}", ("share", row, (code,), own)


def _groups(release: Release, table: Table) -> Iterator[tuple[str, Group]]:
    """Yield what each group is called in a picture."""
    others = table.dimensions[1:]
    for number in range(1, len(others) + 1):
        for codes in product(*(axis.codes for axis in others[:number])):
            pairs = tuple((axis.id, code) for axis, code in zip(others, codes, strict=False))
            yield " · ".join(label(release, name, code, LOCALE) for name, code in pairs), pairs


def _drawn(figure: Element) -> str:
    """Return the texts of a picture in one line, as people read over broken lines."""
    return " ".join(words(one) for one in figure.iter("text"))
