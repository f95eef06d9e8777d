"""The pairing attack: a host that secretly notes the times of requests guesses which invitation gave which answer.

The attacker sees when each code was redeemed and when each answer was handed in, no addresses, and knows the law of how
long interviews take. Of several ways of guessing the one that finds most counts, as if it knew which that is.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

DAY_S = 12 * 3600.0
"""People open the survey within twelve hours."""
SILENT = 0.15
"""Of those who open it so many hand nothing in."""
IMPOSSIBLE = 1e6

Guess = list[int]
"""For each hand-in, in order, the place of the redeemed code that it is said to belong to; -1: no guess."""


@dataclass(frozen=True)
class Law:
    """A log-normal law of the seconds between redeeming a code and handing in: its median, and its spread."""

    median: float
    sigma: float

    def cost(self, seconds: np.ndarray) -> np.ndarray:
        """Return minus the logarithm of the density at each time, up to a constant."""
        logs = np.log(np.where(seconds > 0, seconds, 1.0))
        costs = logs + (logs - math.log(self.median)) ** 2 / (2 * self.sigma**2)
        return np.where(seconds > 0, costs, IMPOSSIBLE)


INTERVIEW = Law(9 * 60.0, 0.5)
"""Between the code screen and Send."""
AT_SEND = Law(0.025, 0.5)
"""Between two requests that one press makes."""


@dataclass(frozen=True)
class Visit:
    """When one person's code is redeemed and when the answer is handed in, in seconds; None: never."""

    redeemed: float
    handed_in: float | None


def drawn_day(seed: int, people: int, law: Law) -> list[Visit]:
    """Return a day's visits: people come at any time of it, answer by the law, and some hand nothing in."""
    drawn = random.Random(seed)
    visits = []
    for _ in range(people):
        came, lasted = drawn.uniform(0, DAY_S), drawn.lognormvariate(math.log(law.median), law.sigma)
        visits.append(Visit(came, came + lasted if drawn.random() >= SILENT else None))
    return visits


def guesses(redeemed: Sequence[float], handed_in: Sequence[float], law: Law) -> list[Guess]:
    """Return what the attacker guesses from the times of both kinds of request, each in order, in all its ways."""
    return [
        likeliest(redeemed, handed_in, law),
        by_order(redeemed, handed_in, newest=True),
        by_order(redeemed, handed_in, newest=False),
    ]


def likeliest(redeemed: Sequence[float], handed_in: Sequence[float], law: Law) -> Guess:
    """Return the pairs that are together most likely under the law."""
    lasted = np.subtract.outer(np.asarray(handed_in), np.asarray(redeemed))
    rows, columns = linear_sum_assignment(law.cost(lasted))
    guess = [-1] * len(handed_in)
    for row, column in zip(rows, columns, strict=True):
        guess[row] = int(column)
    return guess


def by_order(redeemed: Sequence[float], handed_in: Sequence[float], *, newest: bool) -> Guess:
    """Return for each hand-in the newest, or the oldest, code that was redeemed before it and is not guessed yet."""
    waiting: list[int] = []
    coming = list(enumerate(redeemed))
    guess = []
    for moment in handed_in:
        while coming and coming[0][1] < moment:
            waiting.append(coming.pop(0)[0])
        guess.append(waiting.pop(-1 if newest else 0) if waiting else -1)
    return guess


def share_paired(guessed: Sequence[Guess], truth: Sequence[int]) -> float:
    """Return which share of all hand-ins the best of the guesses gives to the code that was theirs."""
    return max(sum(map(int.__eq__, guess, truth)) for guess in guessed) / len(truth)


def paired_of(visits: Sequence[Visit], law: Law) -> float:
    """Return which share of a day's hand-ins the attacker pairs rightly, had it seen the visits' own times."""
    opened = sorted(range(len(visits)), key=lambda at: visits[at].redeemed)
    sent = sorted((visit.handed_in, opened.index(at)) for at, visit in enumerate(visits) if visit.handed_in is not None)
    redeemed = [visits[at].redeemed for at in opened]
    return share_paired(guesses(redeemed, [moment for moment, _ in sent], law), [at for _, at in sent])
