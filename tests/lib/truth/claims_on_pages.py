"""Every number of the public results page, read off its HTML as a visitor reads it, as claims."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from survey.plan.dimension import Dimension
from survey.release.level_labels import label, row_label
from survey.release.release import Release, Table
from truth.claims import Claim
from truth.html_tree import classes, those, words
from truth.number_text import BASES, parse_number, people
from truth.plain_truth import Group

SOURCE, LOCALE = "page", "en"
_SIZE = re.compile(r"Shares are (?P<base>.+?): about (?P<total>[\d,]+) people \(± (?P<margin>[\d,]+)\)\.")
_SCORED = re.compile(
    r"The average is (?P<base>.+?): about (?P<total>[\d,]+) people\.(?: About (?P<left>[\d,]+) more were asked\.)?"
)
_TOP = re.compile(r"The highest answers together: (?P<number>[^ ]+ ± [\d,]+(?:\.\d+)?)")
_MEDIAN = re.compile(r"Middle answer: (?P<value>.+?)(?: \(from (?P<low>.+?) to (?P<high>.+?)\))?\.(?: |$)")
_LISTS = re.compile(r"Difference between the two lists: (?P<number>.+?)\.$")


@dataclass(frozen=True)
class _Place:
    """The place of a part of the page: its table, group and row of a grid."""

    release: Release
    table: Table
    group: Group = ()
    row: str = ""

    @property
    def first(self) -> Dimension:
        return self.table.dimensions[0]

    @property
    def name(self) -> str:
        return self.row or self.first.id

    def claim(self, measure: str, codes: tuple[int, ...], base: str, ends: tuple[float, ...], slack: float) -> Claim:
        return Claim(SOURCE, self.table.id, measure, self.group, self.name, codes, base, *ends, slack)

    def at(self, axis: int, text: str) -> tuple[tuple[str, int], ...]:
        """Return the level of a later dimension that is called so."""
        name = self.table.dimensions[axis].id
        return ((name, code_of(self.release, self.table.dimensions[axis], text)),)


def claims_on_page(release: Release, page: Element) -> Iterator[Claim]:
    """Yield every number of every table on the results page in English."""
    sections = {one.get("id"): one for one in those(page, "result")}
    for table in release.tables:
        yield from _table(_Place(release, table), sections[table.id])


def says_it_is_of_a_part(page: Element, table: str) -> bool:
    """Return whether the page says of a table that it is not of everyone."""
    section = next(one for one in those(page, "result") if one.get("id") == table)
    return "Only of those who said: " in words(section)


def code_of(release: Release, axis: Dimension, text: str) -> int:
    """Return the one level of a dimension that is called `text`."""
    (code,) = [code for code in axis.codes if label(release, axis.id, code, LOCALE) == text]
    return code


def _table(place: _Place, section: Element) -> Iterator[Claim]:
    part = ""
    for element in section:
        if "section" in classes(element):
            part = words(element)
        elif "whole" in classes(element):
            yield from _group(place, element[0])
        elif "beside" in classes(element):
            yield from _group(place, element[0])
            yield from _weighted(place, element[1])
        elif "groups" in classes(element):
            for group in element:
                yield from _group(_placed(place, part, words(group[0]) if group[0].tag == "h3" else ""), group)


def _placed(place: _Place, part: str, name: str) -> _Place:
    """Return the place of a group: `part` is the heading before it, `name` its own heading."""
    group = () if name in ("", "Everyone") else place.at(1, name)
    if place.first.rows:
        (row,) = [row for row in place.first.rows if row_label(place.release, row, LOCALE) == part]
        return _Place(place.release, place.table, group, row)
    return _Place(place.release, place.table, (*group, *(place.at(2, part) if part else ())))


def _group(place: _Place, group: Element) -> Iterator[Claim]:
    text = words(group)
    if "Too few answers to say anything here" in text:
        return
    size = _SIZE.search(text)
    assert size, f"{place}: nothing says what the shares are of: {text}"
    base, total, margin = BASES[size["base"]], people(size["total"]), people(size["margin"])
    yield place.claim("size", (), base, (total, total - margin, total + margin), 1.0)
    yield from _bars(place, group, base, "share")
    yield from _mean(place, group, "mean")
    yield from _scored(place, text)
    yield from _figures(place, group)


def _bars(place: _Place, group: Element, base: str, measure: str) -> Iterator[Claim]:
    for bar in those(group, "bars")[0]:
        name, other = those(bar, "label")[0], those(bar, "of")
        own = BASES[words(other[0]).strip("()")] if other else base
        code = code_of(place.release, place.first, words(next(name.iter("bdi"))))
        number = parse_number(words(those(bar, "figure")[0]))
        if number:
            yield place.claim(measure, (code,), own, number.ends, number.slack)


def _mean(place: _Place, group: Element, measure: str) -> Iterator[Claim]:
    for one in those(group, "mean"):
        number = parse_number(words(those(one, "figure")[0]))
        if number:
            yield place.claim(measure, (), "substantive", number.ends, number.slack)


def _scored(place: _Place, text: str) -> Iterator[Claim]:
    """Yield the number of people of an average, which has no margin on the page."""
    scored = _SCORED.search(text)
    if scored:
        total, left = people(scored["total"]), people(scored["left"] or "0")
        yield place.claim("size", (), BASES[scored["base"]], (total,) * 3, 0.5)
        yield place.claim("left out", (), BASES[scored["base"]], (left,) * 3, 0.5)


def _figures(place: _Place, group: Element) -> Iterator[Claim]:
    for one in those(group, "figures"):
        top, median = _TOP.search(words(one)), _MEDIAN.search(words(one))
        if top and (number := parse_number(top["number"])):
            scores = sorted(place.first.options)
            codes = tuple(scores[-2:] if len(scores) >= 5 else scores[-1:])
            yield place.claim("top", codes, "substantive", number.ends, number.slack)
        if median:
            names = median["value"], median["low"] or median["value"], median["high"] or median["value"]
            ends = tuple(float(code_of(place.release, place.first, name)) for name in names)
            yield place.claim("median", (), "substantive", ends, 0.0)
    for one in group.iter("strong"):
        lists = _LISTS.search(words(one))
        if lists and (number := parse_number(lists["number"])):
            yield place.claim("difference", (), "substantive", number.ends, number.slack)


def _weighted(place: _Place, group: Element) -> Iterator[Claim]:
    weighted = place.table.weighted
    assert weighted
    if those(group, "bars"):
        yield from _bars(place, group, weighted.base, "weighted share")
        yield from _mean(place, group, "weighted mean")
