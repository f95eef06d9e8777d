"""Judges every sentence of a report about a number against the truth; every fault is a line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from survey.plan.plan import PlanTable
from truth.claims import Claim, Judge, Judged
from truth.number_text import ParsedNumber
from truth.sentences import MeasureSentences, PairSentences, Verdict, measures_told, pairs_told
from truth.simulated_survey import SimulatedStudy
from truth.truth_check import DISPERSED, TURN, Outputs, fault_of_people, faults_of_numbers, faults_of_words, most_missed

SOURCE = "report"


@dataclass(frozen=True)
class Sentence:
    """One sentence beside the truth; without a number where it says that it is too uncertain to say."""

    number: Judged | None
    verdicts: tuple[Verdict, ...]
    faults: tuple[str, ...]


def sentences_of(study: SimulatedStudy, outputs: Outputs) -> list[Sentence]:
    """Return every sentence of the report about a number: each once, though findings repeat what hypotheses say."""
    findings, release = study.findings, outputs.sample.release
    if findings is None:
        return []
    judge = Judge(study, outputs.sample)
    distinct: list[MeasureSentences] = []
    for one in measures_told(outputs.report, findings, release):
        distinct += [] if one in distinct else [one]
    every = [sentence for one in distinct for sentence in _measure(one, judge)]
    return every + [part for one in pairs_told(outputs.report, findings, release) for part in _pair(one, judge)]


def faults_of_sentences(sentences: Sequence[Sentence]) -> Iterator[str]:
    """Yield what the sentences of many reports say wrongly, and verdicts that are wrong more often than they may be."""
    yield from (fault for one in sentences for fault in one.faults)
    yield from faults_of_numbers(one.number for one in sentences if one.number)
    yield from faults_of_words(one.number for one in sentences if one.number)
    verdicts = [(one.number, verdict) for one in sentences if one.number for verdict in one.verdicts]
    wrong = [(number, verdict) for number, verdict in verdicts if verdict.wrong_for(number.truth)]
    allowed = most_missed(len(verdicts), TURN, DISPERSED) if verdicts else 0
    if len(wrong) > allowed:
        yield f"{len(wrong)} of {len(verdicts)} verdicts are wrong, {allowed:.0f} may be: {wrong}"


def _measure(one: MeasureSentences, judge: Judge) -> Iterator[Sentence]:
    """Judge all that is said of one measure: its number, and the one beside it where there are weights."""
    table = judge.table(one.table)
    number = _judged(one, one.number, judge, weighted=one.weighted)
    faults = [*_choice(one, judge, table), *_people(one, judge, table), *_weights(one, judge)]
    faults += [
        f"{one.number}: {verdict}" for verdict in one.verdicts if one.number and not verdict.follows_from(one.number)
    ]
    if (one.part or one.uncertain or one.number is None) and one.verdicts:
        faults.append(f"{one.measure.words}: a verdict on a number that is not of everyone, or not to be relied on")
    yield Sentence(number, one.verdicts, tuple(faults))
    if one.other:
        yield Sentence(_judged(one, one.other, judge, weighted=not one.weighted), (), ())


def _judged(one: MeasureSentences, number: ParsedNumber | None, judge: Judge, *, weighted: bool) -> Judged | None:
    if number is None:
        return None
    measure = one.measure
    kind = "mean" if measure.codes is None else "share"
    whom = ((), measure.of, measure.codes or (), one.base)
    claim = Claim(SOURCE, one.table, f"weighted {kind}" if weighted else kind, *whom, *number.ends, number.slack)
    if weighted or measure.codes is None:
        return Judged(claim, judge.truth(claim))
    truth, levels = judge.study.truth, {measure.of: measure.codes, **(measure.joint_with or {})}
    return Judged(claim, truth.share(truth.inside(judge.table(one.table).population), levels, one.base))


def _weights(one: MeasureSentences, judge: Judge) -> Iterator[str]:
    """Yield a fault for a weighted number that is given without what the release says of its classes."""
    weighted = judge.sample.release.table(one.table).weighted
    if one.other is None or weighted is None:
        return
    due = ("holds" if weighted.covers_population else "does not hold") if weighted.joined else ""
    if one.joined != due:
        yield f"{one.measure.words}: of joined classes the margin {due or 'has none'}, and the report: {one.joined}"


def _people(one: MeasureSentences, judge: Judge, table: PlanTable) -> Iterator[str]:
    """Yield numbers of people in a sentence that noise does not explain; of joint cells a wider reach holds."""
    people, names = judge.sample.drawn, [one.measure.of, *(one.measure.joint_with or {})]
    if table.dimensions[0] != one.measure.of or one.measure.joint_with:
        names = [name for name in table.dimensions if name in names]
    asked, inside = (
        np.logical_and.reduce([people.inside(table.population), *(people.within(name, base) for name in names)])
        for base in ("asked", one.base)
    )
    whole, part = people.number(asked), people.number(inside)
    first = Claim(SOURCE, one.table, "size", (), table.dimensions[0], (), one.base, *(one.total,) * 3, 0.5)
    yield from fault_of_people(first, part, judge)
    left = Claim(SOURCE, one.table, "left out", (), table.dimensions[0], (), one.base, *(one.left,) * 3, 0.5)
    yield from fault_of_people(left, whole - part, judge)


def _choice(one: MeasureSentences, judge: Judge, table: PlanTable) -> Iterator[str]:
    """Yield a fault where a part is given as everyone, or is given although a table of everyone was released."""
    part = table.population is not None
    if part != one.part:
        yield f"{one.measure.words}: table {table.id} is {'not ' if part else ''}of everyone, and the report says else"
    alone = one.measure.joint_with is None
    of_all = [
        other.id
        for other in judge.study.plan.tables
        if other.population is None and alone and other.dimensions[0] == one.measure.of
    ]
    if part and of_all:
        yield f"{one.measure.words}: told of a part of the people, where {of_all} hold everyone"


def _pair(one: PairSentences, judge: Judge) -> Iterator[Sentence]:
    """Judge both numbers of a comparison, and their difference with its verdict."""
    comparison, tables = one.comparison, judge.study.plan.tables
    fitting = [table for table in tables if table.dimensions[:2] == (comparison.of, one.by)]
    table = min(fitting, key=lambda each: (each.population is not None, each.id))
    faults = () if one.part == (table.population is not None) else (f"{comparison.words}: of a part of the people?",)
    codes = () if comparison.code is None else (comparison.code,)
    kind = "share" if codes else "mean"
    truths = []
    for group, number in zip(one.groups, one.numbers, strict=True):
        whom = (((one.by, group),), comparison.of, codes, one.base)
        truths.append(judge.truth(Claim(SOURCE, table.id, kind, *whom, 0.0, 0.0, 0.0)))
        if number:
            claim = Claim(SOURCE, table.id, kind, *whom, *number.ends, number.slack)
            yield Sentence(Judged(claim, truths[-1]), (), ())
    # Where nothing is said to be higher, the sentence tells the size of the difference alone.
    size = truths[0] - truths[1]
    size = abs(size) if one.verdict.standing == "open" else size
    whom = ((), comparison.of, codes, one.base)
    claim = Claim(SOURCE, table.id, "pair", *whom, *one.value.ends, one.value.slack) if one.value else None
    yield Sentence(Judged(claim, size) if claim else None, (one.verdict,), faults)
