"""Local randomised response, drawn on the phone before sealing: thresholds, the reference draw and its epsilon.

k-ary randomised response (Kairouz, Bonawitz and Ramage 2016, "Discrete distribution estimation under local privacy"):
the answer is kept with probability p = T / 2^32 and is otherwise one of the other k - 1 codes, each as likely, so that
no code tells more than a factor e^epsilon = p (k - 1) / (1 - p) about any answer. T is an integer, so the probability
is exact on every phone.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from crypto.errors import SottoError
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer, Values
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire

SPACE = 2**32
EPSILON_RANGE = (Decimal("0.1"), Decimal(8))
"""Below, an answer is all noise; above, hardly any: at 8 an answer to two options is false once in 3000 times."""
_DIGITS = 40

Draw = Callable[[], int]


class RandomiseError(SottoError):
    """An item that cannot be randomised, or draws that ran out; the message names no answer."""


def threshold(epsilon: str, k: int) -> int:
    """Return T = floor(2^32 e^epsilon / (e^epsilon + k - 1)) for `k` codes, exactly; raise RandomiseError for k < 2.

    e^epsilon is transcendental for every decimal epsilon but 0, so T is settled by bounds that are close enough: the
    quotient grows with e^epsilon, and is worked out from below and from above until both have the same floor. Rounded
    down, the answer is never truer than epsilon allows. Decision 19.
    """
    if k < 2 or Decimal(epsilon) <= 0:  # noqa: PLR2004 - one code alone cannot be hidden among others
        raise RandomiseError("randomised response needs two codes or more and an epsilon above 0")
    digits = _DIGITS
    while (below := _quotient(epsilon, k, digits, ROUND_FLOOR)) != _quotient(epsilon, k, digits, ROUND_CEILING):
        digits *= 2
    return below


def _quotient(epsilon: str, k: int, digits: int, rounding: str) -> int:
    """Return the floor of the quotient for a bound of e^epsilon from below (ROUND_FLOOR) or from above."""
    exact = Context(prec=digits)
    # Decimal.exp is correctly rounded to the nearest, so the neighbours are strict bounds.
    power = exact.exp(Decimal(epsilon))
    bound = exact.next_minus(power) if rounding == ROUND_FLOOR else exact.next_plus(power)
    rounded = Context(prec=digits, rounding=rounding)
    # x / (x + k - 1) = 1 / (1 + (k - 1) / x): one rounding away in each step, always in the direction of the bound.
    opposite = Context(prec=digits, rounding=ROUND_CEILING if rounding == ROUND_FLOOR else ROUND_FLOOR)
    share = opposite.add(1, opposite.divide(Decimal(k - 1), bound))
    return int(rounded.divide(Decimal(SPACE), share).to_integral_value(rounding=ROUND_FLOOR))


def actual_epsilon(threshold: int, k: int) -> Decimal:
    """Return the epsilon that T = `threshold` gives over `k` codes, rounded up: |ln(T (k - 1) / (2^32 - T))|."""
    if not 0 < threshold < SPACE:
        raise RandomiseError("a threshold lies strictly between 0 and 2^32")
    context = Context(prec=_DIGITS)
    ratio = context.divide(Decimal(threshold * (k - 1)), Decimal(SPACE - threshold))
    return context.next_plus(context.ln(ratio).copy_abs())


def thresholds(questionnaire: Questionnaire) -> dict[str, int]:
    """Return T of every randomised item, as the manifest holds it."""
    by_item = {item.id: threshold_of(item) for item in questionnaire.items}
    return {name: value for name, value in by_item.items() if value is not None}


def threshold_of(item: Item) -> int | None:
    """Return T of an item, or None where its answers are sent as they are."""
    return threshold(item.randomise.epsilon, len(item.domain)) if item.randomise else None


def randomised(code: int, domain: tuple[int, ...], threshold: int, draw: Draw) -> int:
    """Return the code that is sealed instead of `code`, one of `domain`; `draw` gives 32-bit numbers.

    The first number keeps the answer where it is below T; else the others (in the order of levels) are drawn by
    numbers below the greatest multiple of their number, the rest being thrown away. Twin: randomise.ts.
    """
    if code not in domain:
        raise RandomiseError("only a code of the item's domain can be randomised")
    if draw() < threshold:
        return code
    alternatives = tuple(alternative for alternative in domain if alternative != code)
    fair = SPACE - SPACE % len(alternatives)
    while (number := draw()) >= fair:
        pass
    return alternatives[number % len(alternatives)]


def with_draws(
    questionnaire: Questionnaire, answers: Values, thresholds: Mapping[str, int], draw: Draw
) -> dict[str, Answer]:
    """Return `answers` as they are sealed: randomised items drawn in questionnaire order, all others as they are."""
    sealed = dict(answers)
    for item in questionnaire.items:
        answer = answers.get(item.id, NOT_ASKED)
        if item.randomise and isinstance(answer, int) and answer != NOT_ASKED:
            sealed[item.id] = randomised(answer, item.domain, thresholds[item.id], draw)
    return sealed


def item_epsilons(questionnaire: Questionnaire) -> dict[str, str]:
    """Return the declared epsilon of every randomised item."""
    return {item.id: item.randomise.epsilon for item in questionnaire.items if item.randomise}


def person_epsilon(questionnaire: Questionnaire) -> str:
    """Return the epsilon of all randomised answers of one person together as a decimal, "0" where there are none.

    By sequential composition it is the sum over the items of one form, the largest of all forms: an upper bound,
    because routing within a form may ask less.
    """
    sums = [_sum(item for item in questionnaire.items if form.id in item.forms) for form in questionnaire.forms]
    return f"{max(sums, default=Decimal(0)).normalize():f}"


def _sum(items: Iterable[Item]) -> Decimal:
    return sum((Decimal(item.randomise.epsilon) for item in items if item.randomise), Decimal(0))
