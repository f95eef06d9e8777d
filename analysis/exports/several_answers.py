"""Epsilon and delta of a person who answered several times on an open link, from what a release says of its budget."""

from analysis.budget.price import delta_text
from analysis.budget.privacy_curve import converted_epsilon, curve_epsilon, delta_left
from survey.plan.threshold_delta import exact_atto_delta
from survey.release.budget import DELTAS, Budget, Delta
from survey.release.phrase_lists import Words

SEVERAL = (1, 2, 3, 5)
"""The numbers of answers of one person for which an open link's statement gives epsilon."""


def epsilons_of_several_answers(budget: Budget) -> dict[str, dict[str, dict[Delta, float]]]:
    """Return epsilon of all that a study has spent, for a person who answered k times: by k, method and delta.

    Group privacy of zCDP: k answers of one person cost k**2 times rho (Bun and Steinke 2016, group privacy).
    """
    return {str(k): epsilons_by_method(budget) if k == 1 else _epsilons_of_answers(budget, k) for k in SEVERAL}


# Decision 48.
def _epsilons_of_answers(budget: Budget, answers: int) -> dict[str, dict[Delta, float]]:
    """Return epsilon by both methods at each delta, for a person who answered `answers` times.

    What phrase lists have spent is subtracted from each delta, as in the release's own epsilon. OpenDP's conversion is
    computed again here, because this folder does not load OpenDP.
    """
    spent, least = budget.spent, budget.curve.least_sigma
    left = {name: delta_left(name, budget.atto_delta.spent) for name in DELTAS}
    converted = {name: converted_epsilon(delta, answers**2 * spent) for name, delta in left.items()}
    own = {name: curve_epsilon(delta, spent, least, answers) for name, delta in left.items()}
    return {"curve": {name: min(own[name], converted[name]) for name in DELTAS}, "conversion": converted}


def delta_of_answers(listed: Words, answers: int) -> int:
    """Return the delta of a phrase list for a person who answered `answers` times, in units of 1e-18.

    For one answer it is the list's price, and for several never less: the price is the larger of our bound of the tail
    and of OpenDP's map (`words_price`), which this folder does not load.
    """
    if answers == 1:
        return listed.atto_delta
    return max(listed.atto_delta, exact_atto_delta(listed.sigma, listed.threshold, listed.most, answers))


def rounded_up(atto_delta: int) -> str:
    """Write a delta, given in units of 1e-18, with two digits, rounded up."""
    unit: int = 10 ** max(0, len(str(atto_delta)) - 2)
    return delta_text(-(-atto_delta // unit) * unit)


def epsilons_by_method(budget: Budget) -> dict[str, dict[Delta, float]]:
    """Return the release's epsilon at each delta: by the noise's own privacy curve, and by the conversion from rho."""
    return dict(zip(("curve", "conversion"), budget.epsilons, strict=True))
