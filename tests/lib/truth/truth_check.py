"""Checks all outputs of the releases of one study against the truth; every fault is a line.

What may go wrong by chance is bounded: a number lies outside of its 95 % interval one time in twenty, so of many
numbers so many may be missed as a binomial variable exceeds with a chance of `ALARM`. Numbers of one release hang
together (one noisy cell stands in many shares), so the binomial variable has fewer trials than there are numbers: their
number is divided by `DISPERSION`, the variance of the misses in one release over that of independent ones, as measured.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from hosts.results_host import results_page
from scipy.stats import binom

from analysis.report.report import html
from truth import claims_in_pictures, claims_on_pages
from truth.claims import Claim, Judge, Judged
from truth.claims_in_files import claims_in_long_rows, claims_in_tables
from truth.html_tree import html_tree, words
from truth.simulated_survey import Sample, SimulatedStudy

ALARM = 1e-9
"""Of one kind of number in one test; some hundred kinds are judged."""
MISS, TURN = 0.05, 0.025
"""How often a 95 % interval misses the truth, and how often it lies wholly on the wrong side of a value."""
DISPERSION = {"size": 16, "cell": 5}
DISPERSED = 2.5
"""Of all other numbers. Measured: see docs/testing.md."""
FAR = 3.0
"""So many half-widths outside of its interval lies no truth: 7.8 standard errors from the number."""

FILES = ("table CSV", "long rows")
"""Files hold every number; pages, pictures and reports say "too uncertain to say" instead of one that means nothing."""
WIDEST_TOLD = 0.25


@dataclass(frozen=True)
class Outputs:
    """All that is made of one release for people, read once."""

    sample: Sample
    page: Element
    report: Element

    @classmethod
    def of(cls, study: SimulatedStudy, sample: Sample, home: Path) -> "Outputs":
        """Publish the release, and write its report in English."""
        page = html_tree(results_page(home, sample.release))
        return cls(sample, page, html_tree(html(sample.release, study.findings, "en")))

    def claims(self) -> Iterator[Claim]:
        """Yield every number of files, results page and pictures."""
        release = self.sample.release
        yield from claims_in_tables(release)
        yield from claims_in_long_rows(release)
        yield from claims_on_pages.claims_on_page(release, self.page)
        yield from claims_in_pictures.claims_in_pictures(release, self.report)


def most_missed(number: int, chance: float, dispersion: float) -> float:
    """Return how many of `number` may miss, each with `chance`, before chance alone explains it no more."""
    trials = max(int(number / dispersion), 1)
    return float(binom.isf(ALARM, trials, chance)) / trials * number


def faults_of_numbers(judged: Iterable[Judged]) -> Iterator[str]:
    """Yield the kinds of numbers that miss the truth more often than they may, and each that is far from it."""
    kinds = defaultdict(list)
    for one in judged:
        if one.claim.low < one.claim.high or one.claim.measure == "median":
            kinds[one.claim.kind].append(one)
    for kind, members in kinds.items():
        missed = sum(one.missed for one in members)
        allowed = most_missed(len(members), MISS, DISPERSION.get(members[0].claim.measure, DISPERSED))
        if missed > allowed:
            yield f"{kind}: {missed} of {len(members)} miss the truth, {allowed:.0f} may"
        yield from (f"{kind}: far from the truth: {one}" for one in members if _far(one))


def faults_of_words(judged: Iterable[Judged]) -> Iterator[str]:
    """Yield shares that are given although their range is over half of all that they could be."""
    for claim in (one.claim for one in judged if one.claim.measure.endswith("share")):
        if claim.source not in FILES and (claim.high - claim.low) / 2 > WIDEST_TOLD + claim.slack:
            yield f"{claim.kind}: told with a margin that leaves no number: {claim}"


def faults_of_people(judged: Iterable[Judged], judge: Judge) -> Iterator[str]:
    """Yield numbers of people that are given without a margin, and are farther off than the noise can move them."""
    for one in judged:
        if one.claim.low == one.claim.high and one.claim.measure in ("size", "left out"):
            yield from fault_of_people(one.claim, one.truth, judge)


def fault_of_people(claim: Claim, truth: float, judge: Judge) -> Iterator[str]:
    """Yield a fault where a number of people is farther from the truth than the noise of its two sizes allows."""
    reach = (1 + FAR) * sum(size_margins(claim, judge.sample))
    if abs(claim.value - truth) > reach + claim.slack:
        yield f"{claim.kind}: about {claim.value:.0f} people, and {truth:.0f} they are: {claim}"


def size_margins(claim: Claim, sample: Sample) -> tuple[float, float]:
    """Return the released margins of the sizes of all asked and of a claim's base, in its group."""
    codes = tuple(code for _, code in claim.group)
    group = None if not codes else codes[0] if len(codes) == 1 else codes
    estimates = sample.release.table(claim.table).estimates
    sizes = next(one.sizes for one in estimates if one.group == group and (one.row or claim.name) == claim.name)
    return sizes.asked.margin, getattr(sizes, claim.base).margin


def faults_of_parts(study: SimulatedStudy, outputs: Outputs) -> Iterator[str]:
    """Yield tables of a part of the people that pages or pictures give as everyone's, or the other way round."""
    for table in study.plan.tables:
        part = table.population is not None
        if claims_on_pages.says_it_is_of_a_part(outputs.page, table.id) != part:
            yield f"page: {table.id} is {'not ' if part else ''}of everyone"
        if claims_in_pictures.says_it_is_of_a_part(outputs.report, table.id) != part:
            yield f"picture: {table.id} is {'not ' if part else ''}of everyone"


def faults_of_counts(outputs: Outputs) -> Iterator[str]:
    """Yield where the one exact number, of the records that were sent in, is another on the page or in the report."""
    count = f"{outputs.sample.records:,}"
    if f"{count} sealed envelopes" not in words(outputs.page):
        yield f"page: not {count} sealed envelopes"
    if f"{count} answers were sent in." not in words(outputs.report):
        yield f"report: not {count} answers"


def _far(one: Judged) -> bool:
    return one.claim.measure != "median" and one.beyond > FAR
