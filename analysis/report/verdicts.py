"""The verdicts of one report, adjusted together: what can still be said after having looked at all of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from scipy.special import ndtr

from analysis.estimates.inference import holm
from analysis.report.answers import Answered, GroupComparison, Interval, Verdict, exact
from survey.release.reliability import Z95

LEVEL = 0.05
"""The chance that any verdict of a report is larger or smaller by chance alone."""
Judged = tuple[Interval, float, float]
"""A number's interval, and the ends of the range that it is compared with."""


# Decision 101.
@dataclass(frozen=True)
class Verdicts:
    """Every comparison of a report with its p-value, adjusted for all of them (Holm 1979, Scand. J. Stat. 6)."""

    adjusted: Mapping[Judged, float]

    @classmethod
    def of(cls, comparisons: Iterable[Judged]) -> Self:
        """Adjust comparisons together; one that a report makes in several places counts once."""
        every = list(dict.fromkeys(comparisons))
        return cls(dict(zip(every, holm([p_value(*one) for one in every]), strict=True)))

    def verdict(self, interval: Interval, low: float, high: float) -> Verdict:
        """Say whether a number lies above or below a range; open where that may be chance among all comparisons."""
        return "open" if self.by_chance(interval, low, high) else interval.compared_with(low, high)

    def by_chance(self, interval: Interval, low: float, high: float) -> bool:
        """Say whether a verdict would stand by itself, but not among all of the report's."""
        return interval.compared_with(low, high) != "open" and self.adjusted[interval, low, high] > LEVEL


def p_value(interval: Interval, low: float, high: float) -> float:
    """Return the two-sided p-value of a number that lies in truth within a range.

    It is the larger of two: that of the 95 % interval's end on that side, carried on as a normal would, so that words
    never speak against the interval that is shown, symmetric or not; and that of the skewed distribution that the end
    of the range gives to the number, which of rare shares is several times larger. The second is left out where the
    interval touches the range: there is no verdict then.
    """
    if low <= interval.value <= high:
        return 1.0
    above = interval.value > high
    distance = interval.value - high if above else low - interval.value
    reach = interval.value - interval.low if above else interval.high - interval.value
    if reach <= 0:
        return 0.0
    normal = float(2 * ndtr(-Z95 * distance / reach))
    if interval.sampled is None or interval.compared_with(low, high) == "open":
        return normal
    return max(normal, interval.sampled.p_value(interval.value, high if above else low))


def judged(answered: Answered) -> Iterator[Judged]:
    """Yield what a measure's number is compared with: the claim, and what the pilot said."""
    measure, best = answered.measure, answered.best
    if best is None or not answered.carries_verdicts:
        return
    if measure.against is not None:
        yield best.interval, float(measure.against), float(measure.against)
    if measure.pilot is not None:
        then = exact(measure.pilot)
        yield best.interval, then.low, then.high


def judged_pair(comparison: GroupComparison) -> Iterator[Judged]:
    """Yield the difference of two groups with zero, where a verdict is given of it."""
    if comparison.interval is not None and comparison.carries_verdict:
        yield comparison.interval, 0.0, 0.0
