"""Both epsilons of a price as one line of text, the tighter first, for terminals, statements and catalogues."""

from collections.abc import Mapping

from survey.release.budget import Delta

BY = ("by the noise's own privacy curve", "by OpenDP's conversion from rho alone")


def epsilon_text(epsilons: tuple[Mapping[Delta, float], Mapping[Delta, float]]) -> str:
    """Return epsilon at each delta as text; `epsilons`: by the curve and by the conversion."""
    written = [", ".join(f"{value} at delta {delta}" for delta, value in by_delta.items()) for by_delta in epsilons]
    return "; ".join(f"{values} {by}" for values, by in zip(written, BY, strict=True))
