"""Puts a release and its findings into the words of one language; nothing is counted here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from analysis.pictures.rows import Picture, picture
from analysis.pictures.wording import Reader
from analysis.report.answers import Answered, GroupComparison, Interval, ReportAnswers, ReportedNumber, exact
from analysis.report.report_parts import (
    ComparisonView,
    FindingView,
    HypothesisView,
    MeasureView,
    PictureView,
    ReportView,
    Strip,
)
from analysis.report.verdicts import Verdicts, judged, judged_pair
from survey.authoring.findings_compiler import Findings, Hypothesis, Measure
from survey.release.estimate import Weighted
from survey.release.level_labels import base_text
from survey.release.reader import Amount, number_of_people, percent_of_width
from survey.release.release import Table

NARROWER = 1.5
"""From so many times on it is said how much narrower a range became."""
HALF = 0.5
DIGITS_OF_PERCENT = 2
"""A proportion with so many decimals is a whole number of percent."""
FAINTEST = 0.01
"""An end of a range under it has a decimal: it is not nothing."""


HEADLINES = 3
"""How many numbers stand under a finding; all others stand with their hypotheses."""


def view(reader: Reader, findings: Findings | None, pictures: dict[str, str]) -> ReportView:
    """Return the report of a release; `pictures` are the SVG of each table in the reader's locale."""
    release = reader.release
    pictures_by_table = {table.id: picture_view(reader, table, pictures[table.id]) for table in release.tables}
    title = release.title[reader.locale]
    if findings is None:
        return ReportView(title, "", "", (), (), tuple(pictures_by_table.values()), ())
    answers = ReportAnswers.of(release)
    answered = {one.id: tuple(answers.measures(one)) for one in findings.hypotheses}
    compared = {
        one.id: tuple(comparison for pair in one.comparisons for comparison in answers.comparisons(pair, one))
        for one in findings.hypotheses
    }
    numbers = (pair for every in answered.values() for one in every for pair in judged(one))
    differences = (pair for every in compared.values() for one in every for pair in judged_pair(one))
    verdicts = Verdicts.of([*numbers, *differences])
    writer = _ReportWriter(reader, findings, answered, compared, verdicts, pictures_by_table)
    hypotheses = tuple(writer.hypothesis(one) for one in findings.hypotheses)
    return ReportView(
        title=title,
        before=findings.before[reader.locale],
        people=reader.number(findings.people),
        findings=tuple(writer.findings()),
        hypotheses=hypotheses,
        others=tuple(one for name, one in pictures_by_table.items() if name not in writer.placed),
        sources=tuple((one.text, one.url or "") for one in findings.sources),
    )


def picture_view(reader: Reader, table: Table, svg: str) -> PictureView:
    """Return a table's picture with its numbers as rows."""
    content = picture(reader, table)
    title = f"{content.title} ({content.subtitle})" if content.subtitle else content.title
    title = " ".join(part for part in (title, content.population) if part)
    return PictureView(table.id, title, svg, tuple(_rows(content)))


def _rows(content: Picture) -> Iterator[tuple[str, str, str]]:
    for section in content.sections:
        for block in section.blocks:
            for row in block.rows:
                yield " · ".join(part for part in (section.title, block.head) if part), row.label, row.value_text


@dataclass
class _ReportWriter:
    """Puts findings and answers into words, and remembers where each picture was placed."""

    reader: Reader
    written: Findings
    answered: Mapping[str, tuple[Answered, ...]]
    compared: Mapping[str, tuple[GroupComparison, ...]]
    judgement: Verdicts
    shown: dict[str, PictureView]
    placed: dict[str, str] = field(default_factory=dict)

    @property
    def people(self) -> str:
        return self.reader.number(self.written.people)

    def findings(self) -> Iterator[FindingView]:
        locale = self.reader.locale
        for finding in self.written.findings:
            measures = [one for name in finding.hypotheses for one in self.headlines(self.written.hypothesis(name))]
            first = [one for one in measures if one.value_text][:HEADLINES] or measures[:1]
            yield FindingView(
                finding.title[locale], finding.before[locale], tuple(first), tuple(sorted(finding.hypotheses))
            )

    def headlines(self, hypothesis: Hypothesis) -> list[MeasureView]:
        """Return the first number of a hypothesis that the release has, or the first measure where it has none."""
        every = self.measures(hypothesis)
        return [one for one in every if one.value_text][:1] or every[:1]

    def measures(self, hypothesis: Hypothesis) -> list[MeasureView]:
        """Return its measures as text, one of each set of alternatives."""
        return [self.measure(answered) for answered in self.answered[hypothesis.id]]

    def hypothesis(self, written: Hypothesis) -> HypothesisView:
        locale, release = self.reader.locale, self.reader.release
        tables = [one.id for one in release.tables if one.id in written.tables or written.id in one.hypotheses]
        here = [name for name in tables if self.placed.setdefault(name, written.id) == written.id]
        away = [name for name in tables if name not in here]
        return HypothesisView(
            id=written.id,
            claim=written.claim[locale],
            before=written.before[locale],
            now=written.now[locale] if written.now else "",
            measures=tuple(self.measures(written)),
            comparisons=tuple(self.comparison(one) for one in self.compared[written.id]),
            pictures=tuple(self.shown[name] for name in here),
            elsewhere=tuple(self.reader.say("report-picture-at", table=name, place=self.placed[name]) for name in away),
            nothing=self.reader.say(f"report-nothing-{unanswered(self.answered[written.id])}"),
        )

    def measure(self, answered: Answered) -> MeasureView:
        """Return one measure as text."""
        words = answered.measure.words[self.reader.locale]
        pilot = self.pilot(answered)
        if answered.best is None:
            state = "report-too-few" if answered.state == "too-few" else "report-not-asked"
            return MeasureView(words, "", (), (self.reader.say(state),), pilot, None, faint=False)
        best = self.amount_text(answered.best, mean=answered.mean)
        of, verdicts = tuple(self.base(answered)), tuple(self.verdicts(answered, answered.best))
        return MeasureView(
            words,
            best,
            of,
            verdicts,
            pilot,
            strip(answered),
            faint=not answered.best.reliable,
        )

    def amount_text(self, number: ReportedNumber, *, mean: bool) -> str:
        """Return a number as in the pictures."""
        return self.reader.amount_text(number.amount, mean=mean)

    def base(self, answered: Answered) -> Iterator[str]:
        """Yield what a number is of: how many answers, which table, which weights."""
        if answered.number is None:
            return
        if answered.population is not None:
            yield self.population(answered.table)
        number = answered.number
        declared, base = self.reader.release.box.count, base_text(number.base, self.reader.locale)
        total, asked = (number_of_people(size, declared) for size in (number.total, number.asked))
        yield self.reader.say("report-base", base=base, total=self.reader.number(total), table=answered.table)
        if round(asked - total) > 0:
            yield self.reader.say("report-left-out", left=self.reader.number(asked - total))
        if answered.weighted and answered.weights:
            yield from self.weights(answered, answered.weighted, answered.weights)

    def population(self, name: str) -> str:
        """Return the population of a table as text."""
        table = self.reader.release.table(name)
        return "" if table is None else self.reader.population(table)

    def weights(self, answered: Answered, number: ReportedNumber, weights: Weighted) -> Iterator[str]:
        """Yield which of the plain and the weighted number is shown large, the other, and what the weights leave out.

        A weighted number that is not for the population is never large.
        """
        names = ", ".join(self.reader.question(name) for name in weights.by)
        if answered.weights_help and answered.number:
            yield self.reader.say(
                "report-weighted", names=names, plain=self.amount_text(answered.number, mean=answered.mean)
            )
        else:
            number_text = self.amount_text(number, mean=answered.mean)
            key = "report-unweighted" if weights.covers_population else "report-unweighted-part"
            yield self.reader.say(key, names=names, weighted=number_text)
        if weights.joined:
            key = "report-joined" if weights.covers_population else "report-joined-uncovered"
            yield self.reader.say(key, names="; ".join(self.reader.joined_classes(weights)))
        elif weights.trimmed:
            yield self.reader.say("report-trimmed")

    def verdicts(self, answered: Answered, best: ReportedNumber) -> Iterator[str]:
        """Yield in plain words of whom a number is, if not of all, and how it stands to the claim and to the pilot."""
        if answered.population is not None:
            yield self.reader.say("report-part")
        if not best.amount.reliable and not best.amount.vague:
            yield self.reader.say("report-uncertain")
        if not answered.carries_verdicts:
            return
        against, pilot = answered.measure.against, answered.measure.pilot
        if against is not None:
            yield self.claimed(answered.measure, best, against)
            yield from self.chance(best.interval, float(against), float(against))
        if pilot is not None:
            yield from self.pilot_comparison(best, exact(pilot), opened=bool(pilot.at_least))

    def chance(self, interval: Interval, low: float, high: float) -> Iterator[str]:
        """Yield that a comparison would stand by itself, where it does not among all of the report."""
        if self.judgement.by_chance(interval, low, high):
            yield self.reader.say("report-chance", number=self.reader.number(len(self.judgement.adjusted)))

    def claimed(self, measure: Measure, best: ReportedNumber, against: str) -> str:
        """Return how a number stands to what a hypothesis claims: in the study's own words where it has any."""
        verdict = self.judgement.verdict(best.interval, float(against), float(against))
        if measure.verdicts is not None:
            return str(getattr(measure.verdicts, verdict)[self.reader.locale])
        mean = measure.codes is None
        kind = "half" if float(against) == HALF and not mean else "value"
        return self.reader.say(f"report-{kind}-{verdict}", value=self.value_as_written(against, mean=mean))

    def value_as_written(self, against: str, *, mean: bool) -> str:
        """Return the value of a claim with all its digits: "above 2" is another claim than "above 2.5"."""
        digits = len(against.partition(".")[2].rstrip("0"))
        if mean:
            return self.reader.number(float(against), digits)
        return self.reader.percent(float(against), max(digits - DIGITS_OF_PERCENT, 0))

    def pilot_comparison(self, best: ReportedNumber, then: Interval, *, opened: bool) -> Iterator[str]:
        """Yield how a number stands to what a few people said, and how much narrower its range is.

        Of "at least" so many that is said only where it is smaller: nothing lies above a range that is open.
        """
        verdict = self.judgement.verdict(best.interval, then.low, then.high)
        if opened and verdict == "open":
            return
        yield self.reader.say(f"report-pilot-{verdict}", people=self.people)
        yield from self.chance(best.interval, then.low, then.high)
        times = then.margin / best.interval.margin if best.interval.margin > 0 else 0.0
        if verdict == "open" and times >= NARROWER:
            yield self.reader.say("report-pilot-narrower", times=self.reader.number(times))

    def pilot(self, answered: Answered) -> str:
        """Return what the few people said, with the exact range, or nothing."""
        pilot = answered.measure.pilot
        if pilot is None:
            return ""
        then = exact(pilot)
        ends = {
            name: self.reader.percent(value, 1 if 0 < value < FAINTEST else 0)
            for name, value in (("low", then.low), ("high", then.high))
        }
        share = self.reader.percent(then.value)
        key = "report-pilot-least" if pilot.at_least else "report-pilot"
        sentence = self.reader.say(key, said=pilot.said, of=pilot.of, share=share, **ends)
        name = self.reader.say("report-pilot-strip", people=self.people)
        return self.reader.say("named", name=name, value=sentence)

    def comparison(self, compared: GroupComparison) -> ComparisonView:
        """Return a comparison as text."""
        words = compared.comparison.words[self.reader.locale]
        if compared.population is not None:
            words = self.reader.say("named", name=words, value=self.population(compared.table))
        first, second = (self.reader.level(compared.by, code) for code in compared.groups)
        if compared.values is None or compared.difference is None:
            return ComparisonView(words, "", self.reader.say("report-pair-few", first=first, second=second))
        mean = compared.comparison.code is None
        first_value, second_value = (self.amount_text(number, mean=mean) for number in compared.values)
        base = base_text(compared.values[0].base, self.reader.locale)
        named = {"first": first, "second": second, "base": base}
        pair = self.reader.say("report-pair", **named, one=first_value, other=second_value)
        if compared.vague:
            return ComparisonView(words, pair, self.reader.say("report-pair-vague"))
        if not compared.carries_verdict:
            return ComparisonView(words, pair, self.reader.say("report-uncertain"))
        verdict, chance = self.judged_pair(compared, (first, second))
        return ComparisonView(words, pair, verdict, chance)

    def judged_pair(self, compared: GroupComparison, names: tuple[str, str]) -> tuple[str, str]:
        """Return which of two groups is higher, or that they cannot be told apart, and whether many comparisons did."""
        if compared.interval is None:
            return "", ""
        zero = compared.interval, 0.0, 0.0
        verdict = self.judgement.verdict(*zero)
        higher = names[0] if verdict == "larger" else names[1]
        size = self.difference(compared, mean=compared.comparison.code is None)
        return self.reader.say(f"report-pair-{verdict}", higher=higher, **size), "".join(self.chance(*zero))

    def difference(self, compared: GroupComparison, *, mean: bool) -> dict[str, str]:
        """Return the size of a difference and its margin: percentage points, or points of a score."""
        if compared.difference is None:
            return {}
        size = Amount.around(abs(compared.difference.value), compared.difference.margin)
        difference, margin = self.reader.mean(size) if mean else self.reader.points(size)
        text = difference if mean else self.reader.say("report-points", number=difference)
        return {"difference": text, "margin": margin}


def unanswered(measures: Iterable[Answered]) -> Literal["not-asked", "too-few", "both"]:
    """Return why a hypothesis whose measures have no number has none; one without measures has no table either."""
    few = {one.state == "too-few" for one in measures}
    if len(few) > 1:
        return "both"
    return "too-few" if True in few else "not-asked"


def strip(answered: Answered) -> Strip | None:
    """Return where both ranges of a share stand; nothing for a mean."""
    if answered.mean or answered.best is None or answered.best.amount.vague:
        return None
    pilot = None if answered.population is not None else answered.measure.pilot
    then = exact(pilot) if pilot else None
    return Strip(_ends(then) if then else None, _ends(answered.best.interval))


def _ends(interval: Interval) -> tuple[float, float, float]:
    """Return where low, value and high stand on a scale from 0 to 100."""
    return percent_of_width(interval.low), percent_of_width(interval.value), percent_of_width(interval.high)
