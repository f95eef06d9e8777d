"""The delta of a list of phrases: the chance that a phrase of one person is listed, by the exact tail of the noise.

A list publishes every phrase that stands in some record and whose count plus noise X reaches a threshold T; X is
discrete Gaussian, independent from phrase to phrase. A record holds at most m phrases, each once.

Let two boxes differ in one record. At most 2m counts differ, each by one. Of these at most m phrases stand in the first
box and not in the second (only the record that was taken away wrote them, so their count is 1), and at most m in the
second and not in the first. Let E be the event that the first box's list names none of its own m; it depends on the
noise of these alone. Each is named with the chance p = P(1 + X >= T), so by the union bound P(not E) <= m p. Given E
the list is that of the phrases which both boxes hold: at most 2m of their counts differ, by one each, and cutting off
at T is post-processing, so its Renyi divergences from the other list, given the other event, are those of a Gaussian
with squared sensitivity 2m: rho = m / sigma^2. This is m p-approximate rho-zCDP (Bun & Steinke 2016, Definition 8.1),
in both directions. Deltas of several lists add up (section 8 there).

If k records are one person's, their own phrases have counts c_i <= k with a sum of at most k m, so the chance is at
most the sum of P(c_i + X >= T), and that is at most k m times the largest P(c + X >= T) / c of all 1 <= c <= k.

All of it is integer arithmetic, rounded up (docs/numbers.md, "Open words"). The noise's distribution: Canonne, Kamath &
Steinke 2020 (arXiv 2004.00010).
"""

import math
from fractions import Fraction

from survey.plan.privacy_units import ATTO_DELTA

BITS = 256
ONE = 1 << BITS
"""Numbers between 0 and 1 are integers in units of 2^-256."""
TERMS = 4096
"""So many terms of a tail are added one by one; a geometric series bounds the rest."""
NEGLIGIBLE = 64
"""Fewer are added where the next term is below 2^-64 of the sum."""
SERIES = 60
"""So many terms of the exponential's series; those left out are below 2^-270."""
PI_BELOW = Fraction(3141592653589793238462643383279502884, 10**36)


# Decision 94.
def exact_atto_delta(sigma: float, threshold: int, most: int, answers: int = 1) -> int:
    """Return delta of a list in 10^-18, rounded up: never under the chance that a phrase of one person is listed.

    `sigma` in records, as OpenDP is given it; `threshold`: the least noisy count that is listed; `most`: the phrases of
    one record; `answers`: how many records are one person's.
    """
    chance = max(tail_above(sigma, threshold - count) / count for count in range(1, answers + 1))
    return math.ceil(min(Fraction(1), answers * most * chance) * ATTO_DELTA)


def tail_above(sigma: float, least: int) -> Fraction:
    """Return a bound on P(X >= least) of the discrete Gaussian with this sigma, never under it.

    Above it by less than 10^-8 of itself where 1 <= sigma <= 500, and by less than a thirtieth for any larger sigma, at
    six of them and beyond. The sum of exp(-k^2 / 2 sigma^2) over all integers k, by which it divides, is at least
    sigma sqrt(2 pi) by Poisson's summation, and at least its own term for k = 0.
    """
    if least <= 0:
        return Fraction(1)
    variance = Fraction(sigma) ** 2
    whole = max(ONE, math.isqrt(math.floor(2 * PI_BELOW * variance * ONE**2)))
    return min(Fraction(1), Fraction(_terms_above(1 / (2 * variance), least), whole))


def _terms_above(rate: Fraction, least: int) -> int:
    """Return ONE times the sum of exp(-k^2 rate) over k >= least, rounded up.

    From one term to the next it is a factor of exp(-(2k + 1) rate), which falls: after the last term that is added the
    rest is at most a geometric series.
    """
    term, ratio, step = _exp_above(least**2 * rate), _exp_above((2 * least + 1) * rate), _exp_above(2 * rate)
    total = 0
    for _ in range(TERMS):
        total += term
        term, ratio = _product_above(term, ratio), _product_above(ratio, step)
        if term <= max(1, total >> NEGLIGIBLE):
            break
    return total + math.ceil(Fraction(term * ONE, ONE - ratio))


def _exp_above(exponent: Fraction) -> int:
    """Return ONE * exp(-exponent), rounded up: one over the series of exp(part), squared j times.

    `part` is exponent / 2^j < 1; all terms of its series are positive and rounded down.
    """
    halvings = math.floor(exponent).bit_length()
    part = math.floor(exponent * ONE) >> halvings
    series = term = ONE
    for number in range(1, SERIES):
        term = (term * part >> BITS) // number
        series += term
    value = -(-ONE * ONE // series)
    for _ in range(halvings):
        value = _product_above(value, value)
    return value


def _product_above(left: int, right: int) -> int:
    return -(-left * right >> BITS)
