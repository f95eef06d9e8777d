"""What a release cost, in rho, delta and epsilon, of all that was spent so far and of a study's whole life. Pure."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from survey.document import Count, Document, Positive
from survey.release.estimate import Margin

Delta = Literal["1e-5", "1e-6", "1e-9"]
DELTAS: tuple[Delta, ...] = ("1e-5", "1e-6", "1e-9")
PLAIN_DELTA: Delta = "1e-6"
"""The delta at which a price is explained in plain words."""


class DeltaBudget(Document):
    """Prices in atto-delta (10^-18): of this release, of all so far, of the study's whole life."""

    cost: Count
    spent: Count
    total: Count

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if not self.cost <= self.spent <= self.total:
            raise ValueError("cost <= spent <= total does not hold")
        return self


class Curve(Document):
    """Epsilon of all that was spent, by the noise's own privacy curve; `least_sigma`: of all that was paid for so far.

    It is never above the conversion from rho alone.
    """

    least_sigma: Annotated[float, Field(allow_inf_nan=False, gt=0)]
    epsilon: dict[Delta, Margin]


class Budget(Document):
    """Prices in nano-rho (zCDP): of this release, of all so far, of the study's whole life.

    `epsilon`: of `spent`, by OpenDP's conversion from rho alone; `curve`: by the noise's own privacy curve. Only tables
    of open words cost any delta.
    """

    cost: Count
    spent: Count
    total: Positive
    epsilon: dict[Delta, Margin]
    atto_delta: DeltaBudget
    curve: Curve

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if not self.cost <= self.spent <= self.total:
            raise ValueError("cost <= spent <= total does not hold")
        own = self.curve.epsilon
        if not set(DELTAS) == set(self.epsilon) == set(own):
            raise ValueError("epsilon is given at 1e-5, 1e-6 and 1e-9")
        if any(own[delta] > self.epsilon[delta] for delta in DELTAS):
            raise ValueError("the epsilon of the noise's own curve is above that of the conversion")
        return self

    @property
    def epsilons(self) -> tuple[dict[Delta, Margin], dict[Delta, Margin]]:
        """Epsilon at each delta, the tighter first: by the noise's own curve, then by OpenDP's conversion."""
        return self.curve.epsilon, self.epsilon
