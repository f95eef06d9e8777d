"""When a noisy number is described, widened or greyed: the rules that releases keep and plan checks promise. Pure."""

Z95 = 1.959963984540054
"""The half-width of a normal 95 % interval in standard deviations."""
FEW = 5.0
"""A group whose noisy total is at most this many of its standard deviations is not described."""
DROWNED = 3.0
"""A share is greyed where its noisy count is under this many standard deviations of the noise."""
COARSE = 0.30
"""A share is greyed where its coefficient of variation, the margin over Z95 times the share, is above this."""
VAGUE = 0.25
"""A number is not given where its margin is over this part of all that it could be: its range would be over half."""
# Decision 50.
MIN_ANSWERS = 300
"""With fewer answers nothing is released but that there were too few (docs/numbers.md, "What ρ means in ε")."""
# Decision 43.
WEAK, WIDEST = 8.5, 4.0
"""Under WEAK standard deviations a group was perhaps described by luck: its margins are widened, up to 1 + WIDEST."""


def too_few(total: float, deviation: float) -> bool:
    """Say whether a total is lost in its noise; `deviation`: its standard deviation, in records like the total."""
    return total <= FEW * deviation


def lost_in_noise(count: float, deviation: float) -> bool:
    """Say whether a noisy count is lost in its noise; `deviation`: the noise's standard deviation, in records."""
    return count < DROWNED * deviation


def coarse(share: float, margin: float) -> bool:
    """Say whether a share's 95 % half-width is too wide to rely on the share; both are parts of 1."""
    return margin > Z95 * COARSE * share


def vague(margin: float, span: float) -> bool:
    """Say whether a 95 % half-width leaves nothing worth a number; `span`: from the least to the most it could be.

    The span of a share is 1, of a mean from the lowest to the highest score, of a difference of two numbers twice
    theirs. Words then stand in the number's place: it would be read before its margin.
    """
    return margin > VAGUE * span


# Decision 100.
def weights_help(plain: tuple[float, float], weighted: tuple[float, float]) -> bool:
    """Say whether a weighted number has the smaller total error; each is a value with its 95 % half-width.

    Squared error is variance and squared bias. The bias that weights take away shows in the difference d of the two
    numbers, whose own variance is what weighting adds (Hausman 1978, Econometrica 46), so that d^2 less that variance
    estimates it without bias, as in Mallows' C_p. Weights then help where d^2 is over twice what they add.
    """
    added = (weighted[1] ** 2 - plain[1] ** 2) / Z95**2
    return added <= 0 or (weighted[0] - plain[0]) ** 2 > 2 * added


def design_effect(share: float, margin: float, people: float) -> float:
    """Return how many times fewer `people` would give a share this half-width in a simple sample without noise."""
    return people * (margin / Z95) ** 2 / (share * (1 - share))


def widening(strength: float) -> float:
    """Return how much wider margins are of a group `strength` standard deviations above zero.

    1 from 8.5 standard deviations on, up to 5 at the threshold of five. Of groups that are in truth under the threshold
    those are described whose total is too large by chance; the ordinary margin would then cover far less than it says
    (bench/coverage.py measures with and without).
    """
    return 1 + WIDEST * min(max((WEAK - strength) / (WEAK - FEW), 0.0), 1.0) ** 2
