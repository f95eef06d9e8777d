"""The price of a phrase list and how many people must write a phrase for it to be listed, before fieldwork."""

import math
from dataclasses import dataclass

from analysis.noise.noise import words_for
from survey.plan.plan import PhraseList, Plan
from survey.questionnaire.questionnaire import Questionnaire

Z90 = 1.6448536269514722
"""A phrase this many standard deviations above the threshold is listed with a probability of 95 %."""


@dataclass(frozen=True)
class WordsCheck:
    """One list's price and promise: a phrase is listed where its noisy number is at least `threshold`.

    `most`: phrases of one person that count. `sure`: so many people must write a phrase that it is listed with a chance
    of 95 %; `share`: their part of all who are expected. Delta is the chance that a phrase of one person is listed.
    """

    id: str
    item: str
    most: int
    nano_rho: int
    atto_delta: int
    sigma: float
    threshold: int
    sure: int
    share: float


def check_words(plan: Plan, questionnaire: Questionnaire, n: int) -> tuple[WordsCheck, ...]:
    """Price every list of a plan that has no faults, for `n` readable records."""
    return tuple(_check(one, questionnaire, n) for one in plan.words or ())


def _check(one: PhraseList, questionnaire: Questionnaire, n: int) -> WordsCheck:
    most = questionnaire.item(one.item).count or 1
    noise = words_for(one.nano_rho, one.atto_delta, most)
    sure = math.ceil(noise.threshold + Z90 * noise.sigma)
    return WordsCheck(
        one.id, one.item, most, one.nano_rho, one.atto_delta, noise.sigma, noise.threshold, sure, sure / n
    )
