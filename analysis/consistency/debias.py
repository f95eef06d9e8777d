"""Debiases answers randomised on the phone by their known matrix, and list experiments by a difference of means.

Both are post-processing of consistent tables and cost no budget.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.noisy_sums import Noisy
from crypto.errors import PublicTextError
from survey.plan.dimension import Dimension
from survey.questionnaire.codes import NOT_ASKED, UNREADABLE
from survey.questionnaire.items import LIST_BASES
from survey.questionnaire.randomised_response import SPACE

Array = NDArray[np.float64]


class DebiasError(PublicTextError):
    """A randomised dimension whose matrix cannot be inverted; the message names it."""


def unbiased(axis: Dimension) -> Array:
    """Return the matrix (levels, levels) that turns counts of sent answers into estimates of true answers.

    Its row j are the weights of the readable levels in the estimate of level j; the identity for an axis that is not
    randomised. k-ary randomised response keeps an answer with q = T / 2^32 and else sends one of the k - 1 others
    alike, r = (1 - q) / (k - 1); the inverse gives each sent code (delta_ij - r) / (q - r). "Not asked" is no answer
    and stays. Source: Warner 1965 (JASA 60); Kairouz, Bonawitz & Ramage 2016 (ICML, arXiv 1602.07387), section 2.
    """
    levels = [code for code in axis.codes if code != UNREADABLE]
    matrix = np.eye(len(levels))
    if axis.threshold is None:
        return matrix
    drawn = [position for position, code in enumerate(levels) if code != NOT_ASKED]
    truthful = axis.threshold / SPACE
    if len(drawn) < 2 or truthful * len(drawn) <= 1:  # noqa: PLR2004 - one code cannot be randomised
        raise DebiasError(f"{axis.id}: a threshold of {axis.threshold} keeps nothing of {len(drawn)} codes")
    other = (1 - truthful) / (len(drawn) - 1)
    matrix[np.ix_(drawn, drawn)] = (np.eye(len(drawn)) - other) / (truthful - other)
    return matrix


@dataclass(frozen=True)
class Arms:
    """The two arms of a list experiment: positions of their substantive levels, and each level's count."""

    places: tuple[NDArray[np.intp], NDArray[np.intp]]
    counts: tuple[Array, Array]

    @classmethod
    def of(cls, codes: tuple[int, ...]) -> "Arms":
        """Read the arms off the codes: 10 + count without the sensitive lines, 40 + count with them."""
        numbers = np.array(codes)
        second = numbers >= LIST_BASES[1]
        places = np.flatnonzero(~second), np.flatnonzero(second)
        return cls(places, (numbers[places[0]] - float(LIST_BASES[0]), numbers[places[1]] - float(LIST_BASES[1])))


def list_difference(codes: tuple[int, ...], noisy: Noisy) -> tuple[float, float] | None:
    """Return mean count of the longer list less that of the shorter, and its variance; None where an arm is lost.

    With one sensitive line the difference estimates the share of people for whom it holds. Source: Miller 1984;
    Blair & Imai 2012 (Political Analysis 20), difference in means. The arms are different people; their noise is
    correlated where the table was made consistent, which the covariance holds.
    """
    arms = Arms.of(codes)
    slopes = np.zeros(len(codes))
    value, sampling = 0.0, 0.0
    for places, counts, sign in zip(arms.places, arms.counts, (-1.0, 1.0), strict=True):
        arm = noisy.part(places)
        if arm.few:
            return None
        mean = float(arm.cells @ counts) / arm.total
        slopes[places] = sign * (counts - mean) / arm.total
        value += sign * mean
        apart = counts - mean
        spread = apart**2 @ arm.cells if arm.spread is None else apart @ arm.spread @ apart
        sampling += max(float(spread), 0.0) / arm.total**2
    return value, sampling + max(float(slopes @ noisy.noise @ slopes), 0.0)
