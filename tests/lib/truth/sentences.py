"""Every sentence of a report about a number, read off its HTML in English: what it says, of whom, and its verdict."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from scipy.stats import beta

from survey.authoring.findings_compiler import Comparison, Findings, Hypothesis, Measure, PilotShare
from survey.release.level_labels import label
from survey.release.release import Release
from truth.html_tree import those, words
from truth.number_text import BASES, UNSAID, ParsedNumber, parse_number, people

LOCALE = "en"
Standing = Literal["larger", "smaller", "open"]
_TOLD = re.compile(r"(?:^|; )(?P<base>of [^;]+?): about (?P<total>[\d,]+) people \(table (?P<table>\w+)\)")
_LEFT = re.compile(r"about (?P<left>[\d,]+) more were asked and are left out")
_NUMBER = rf"\(?-?[\d.,]+%? ± [\d.,]+\)?|\(?{UNSAID}\)?"
UNCERTAIN = "Too uncertain to rely on."
UNSAID_PAIR = f"Cannot be told apart: the difference is {UNSAID}."
_PLAIN = re.compile(rf"weighted to the public figures by .+?; (?P<other>{_NUMBER}) as answered(?:;|$)")
_WEIGHTED = re.compile(
    rf"as answered; weighted to the public figures by .+?(?:, which is less certain)?: (?P<other>{_NUMBER})"
)
_JOINED = re.compile(r"for the weights these count as one group: .+?; the margin (?P<holds>holds|does not hold) what")
_DIFFERENCE = re.compile(r"(?:by|difference) (?P<value>-?[\d.,]+)(?P<points> points)?(?: \(±| ±) (?P<margin>[\d.,]+)\)")
_CHANCE = re.compile(r" ?By itself it would stand; among the [\d,]+ comparisons of this report it may be chance\.")
_NARROWER = re.compile(r"The range is now (?P<times>[\d,]+) times narrower\.")


@dataclass(frozen=True)
class Verdict:
    """What a sentence says of how a number stands to the range from `low` to `high`.

    `chance`: beside it stands that the range alone would say more, and all comparisons of the report do not.
    """

    sentence: str
    standing: Standing
    low: float
    high: float
    chance: bool = False

    def reversed_by(self, truth: float) -> bool:
        """Say whether the truth is on the other side of what the sentence says."""
        return (
            truth < self.low
            if self.standing == "larger"
            else truth > self.high
            if self.standing == "smaller"
            else False
        )

    def wrong_for(self, truth: float) -> bool:
        """Say whether the truth does not stand so."""
        return not {"larger": truth > self.high, "smaller": truth < self.low, "open": True}[self.standing]

    def follows_from(self, number: ParsedNumber) -> bool:
        """Say whether the interval that is printed beside it says the same, as far as it is printed."""
        _, low, high = number.ends
        above, below = low + number.slack > self.high, high - number.slack < self.low
        if self.chance:
            return self.standing == "open" and (above or below)
        return {
            "larger": above,
            "smaller": below,
            "open": low - number.slack <= self.high and high + number.slack >= self.low,
        }[self.standing]


@dataclass(frozen=True)
class MeasureSentences:
    """All that a report says of one measure.

    `weighted`: the number that is shown large is; `other`: the number beside it, as answered or weighted. `joined`:
    what is said of joined classes: "holds", "does not hold", or "" for nothing.
    """

    hypothesis: Hypothesis
    measure: Measure
    table: str
    number: ParsedNumber | None
    base: str
    total: float
    left: float
    weighted: bool
    other: ParsedNumber | None
    joined: str
    part: bool
    uncertain: bool
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class PairSentences:
    """All that a report says of two groups beside each other; `value` is the first less the second, as printed."""

    comparison: Comparison
    by: str
    groups: tuple[int, int]
    numbers: tuple[ParsedNumber | None, ParsedNumber | None]
    base: str
    value: ParsedNumber | None
    verdict: Verdict
    part: bool


def measures_told(page: Element, findings: Findings, release: Release) -> Iterator[MeasureSentences]:
    """Yield every measure that the report has a number for, under its finding and under its hypothesis."""
    by_title = {finding.title[LOCALE]: finding.hypotheses for finding in findings.findings}
    for article in those(page, "finding"):
        title = next(words(one)[len(words(one[0])) :].strip() for one in article.iter("h3"))
        hypotheses = [findings.hypothesis(name) for name in by_title[title]]
        yield from _measures(article, hypotheses, release)
    for article in those(page, "hypothesis"):
        yield from _measures(article, [findings.hypothesis(article.get("id", ""))], release)


def pairs_told(page: Element, findings: Findings, release: Release) -> Iterator[PairSentences]:
    """Yield every comparison of two groups in the report."""
    for article in those(page, "hypothesis"):
        hypothesis = findings.hypothesis(article.get("id", ""))
        name = ""
        for item in (item for part in those(article, "pairs") for item in part.iter("li")):
            name = next((words(one) for one in those(item, "what")), name)
            pair = _pair(item, name, hypothesis, release)
            if pair:
                yield pair


def _measures(article: Element, hypotheses: list[Hypothesis], release: Release) -> Iterator[MeasureSentences]:
    for one in those(article, "measure"):
        values = those(one, "value")
        of = " ".join(words(line) for line in those(one, "of"))
        if not values:
            continue
        name, head = words(those(one, "words")[0]), _TOLD.search(words(those(one, "of")[0]))
        assert head, f"nothing says what {name} is of: {of}"
        hypothesis, measure = _meant(name, hypotheses, release, head["table"])
        verdict = " ".join(words(line) for line in those(one, "verdict"))
        yield _sentences(hypothesis, measure, words(values[0]), words(those(one, "of")[0]), verdict)


def _sentences(hypothesis: Hypothesis, measure: Measure, value_text: str, of: str, verdict: str) -> MeasureSentences:
    head, left, plain = _TOLD.search(of), _LEFT.search(of), _PLAIN.search(of)
    other, joined = plain or _WEIGHTED.search(of), _JOINED.search(of)
    assert head
    number, (verdicts, rest) = parse_number(value_text), _verdicts(measure, verdict)
    part, uncertain = "Not of everyone." in rest, UNCERTAIN in rest
    for known in ("Not of everyone.", UNCERTAIN):
        rest = rest.replace(known, "")
    assert not rest.strip(), f"a sentence that nobody judges: {rest}"
    assert part == of.startswith("only of those who said: "), of
    return MeasureSentences(
        hypothesis, measure, head["table"], number, BASES[head["base"]], people(head["total"]),
        people(left["left"]) if left else 0.0, plain is not None, parse_number(other["other"]) if other else None,
        joined["holds"] if joined else "", part, uncertain, verdicts,
    )  # fmt: skip


def _meant(name: str, hypotheses: list[Hypothesis], release: Release, table: str) -> tuple[Hypothesis, Measure]:
    """Return the measure with these words: of alternatives the first whose dimensions the named table has."""
    there = {axis.id for axis in release.table(table).dimensions}
    for hypothesis in hypotheses:
        for measure in hypothesis.measures:
            if measure.words[LOCALE] == name and {measure.of, *(measure.joint_with or {})} <= there:
                return hypothesis, measure
    raise AssertionError(f"table {table} does not hold what {name} is about")


def _verdicts(measure: Measure, text: str) -> tuple[tuple[Verdict, ...], str]:
    """Return the verdicts in a text, and what of it is none."""
    verdicts = []
    for sentence, standing, low, high in _possible(measure):
        if sentence in text:
            before, _, after = text.partition(sentence)
            chance = _CHANCE.match(after)
            text = before + (after[chance.end() :] if chance else after)
            verdicts.append(Verdict(sentence, standing, low, high, chance is not None))
    return tuple(verdicts), _NARROWER.sub("", text)


def _possible(measure: Measure) -> Iterator[tuple[str, Standing, float, float]]:
    """Yield every sentence that a verdict of this measure may be, with what it means."""
    if measure.against is not None:
        against = float(measure.against)
        for sentence, standing in _against(measure, against):
            yield sentence, standing, against, against
    if measure.pilot is not None:
        low, high = pilot_range(measure.pilot)
        for people_text in ("seven", *map(str, range(1, 10))):
            yield f"Larger than what {people_text} people could suggest.", "larger", low, high
            yield f"Smaller than what {people_text} people could suggest.", "smaller", low, high
            yield f"Cannot be told apart from what the {people_text} said.", "open", low, high


def _against(measure: Measure, against: float) -> Iterator[tuple[str, Standing]]:
    if measure.verdicts is not None:
        for standing in ("larger", "smaller", "open"):
            yield getattr(measure.verdicts, standing)[LOCALE], standing
        return
    if measure.codes is not None and against == 0.5:
        yield "More than half.", "larger"
        yield "Less than half.", "smaller"
        yield "Cannot be told apart from half.", "open"
        return
    value = f"{against:g}" if measure.codes is None else f"{100 * against:g}%"
    yield f"Above {value}.", "larger"
    yield f"Below {value}.", "smaller"
    yield f"Cannot be told apart from {value}.", "open"


def pilot_range(pilot: PilotShare) -> tuple[float, float]:
    """Return the exact 95 % range of a few people's share (Clopper and Pearson); open above of "at least" so many."""
    count, of = pilot.said, pilot.of
    low = float(beta.ppf(0.025, count, of - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, of - count)) if count < of else 1.0
    return low, 1.0 if pilot.at_least else high


def _pair(item: Element, name: str, hypothesis: Hypothesis, release: Release) -> PairSentences | None:
    verdict = words(next(item.iter("b")))
    if verdict.endswith(": too few for a private answer."):
        return None
    whole = words(item).removeprefix(name)
    chance = _CHANCE.search(whole)
    text = _CHANCE.sub("", whole).strip().removesuffix(verdict).strip()
    plain, _, who = name.partition(": only of those who said: ")
    for comparison in (one for one in hypothesis.comparisons if one.words[LOCALE] == plain):
        for by, groups in comparison.by.items():
            first, second = (label(release, by, code, LOCALE) for code in groups) if _known(release, by) else ("", "")
            match = re.fullmatch(
                rf"{re.escape(first)}: (?P<one>.+?)\. {re.escape(second)}: (?P<other>.+) \((?P<base>of .+)\)\.", text
            )
            if match and first:
                numbers = parse_number(match["one"]), parse_number(match["other"])
                value, standing = _difference(verdict, first)
                doubtful = any(number.startswith("(") for number in match.group("one", "other"))
                assert not doubtful or value is None, f"a verdict on a number not to be relied on: {text} {verdict}"
                return PairSentences(
                    comparison, by, groups, numbers, BASES[match["base"]], value,
                    Verdict(verdict, standing, 0.0, 0.0, chance is not None), bool(who),
                )  # fmt: skip
    raise AssertionError(f"no comparison says this: {name}: {text}")


def _known(release: Release, name: str) -> bool:
    return any(axis.id == name for table in release.tables for axis in table.dimensions[1:])


def _difference(verdict: str, first: str) -> tuple[ParsedNumber | None, Standing]:
    """Return the difference of the first group less the second, where a verdict says which is higher."""
    if verdict in {UNSAID_PAIR, UNCERTAIN}:
        return None, "open"
    match = _DIFFERENCE.search(verdict)
    assert match, verdict
    unit = " %" if match["points"] else ""
    value = parse_number(f"{match['value']}{unit.strip()} ± {match['margin']}")
    if verdict.startswith("Cannot be told apart"):
        return value, "open"
    if verdict.startswith(f"Higher for “{first}”"):
        return value, "larger"
    return ParsedNumber(-value.value, value.margin, value.slack), "smaller"
