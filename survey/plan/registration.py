"""A plan's registration: the signed statement of its hash, its day and what it replaces. Decisions 27 and 102."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crypto.errors import RefusedError
from crypto.signing import SignatureError, VerifyingKey
from survey.names import Sha256, Slug
from survey.plan.plan import NanoRho, Plan
from survey.signed import Purpose, SignedDocument


class RegistrationError(RefusedError):
    """A registration of another plan, or with an invalid signature; the message says what to do."""


class Registration(SignedDocument):
    """The plan by its hash, the day it was registered, and the study's signature over both (`sotto-registration-2`).

    `instead`: the hashes, in order, of registered plans that were not paid for and are withdrawn by this one, for ever.
    """

    purpose = Purpose.PLAN

    format: Literal["sotto-registration-2"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    plan: Sha256
    parent: Sha256 | None
    nano_rho: NanoRho
    instead: tuple[Sha256, ...]
    day: str

    @model_validator(mode="after")
    def _check_day(self) -> Self:
        date.fromisoformat(self.day)
        return self

    @model_validator(mode="after")
    def _check_instead(self) -> Self:
        if list(self.instead) != sorted({*self.instead} - {self.plan}):
            raise ValueError("`instead` names other plans than this one, each once, in the order of their hashes")
        return self

    def check(self, plan: Plan) -> VerifyingKey:
        """Return the key that signed; raise RegistrationError unless this is a valid registration of `plan`."""
        registered = (self.study, self.wave, self.plan, self.parent, self.nano_rho)
        if registered != (plan.study, plan.wave, plan.digest, plan.parent, plan.nano_rho):
            raise RegistrationError("the registration is of another plan: take both files from one folder")
        try:
            return self.verified()
        except SignatureError:
            raise RegistrationError(
                "the registration's signature does not hold: it was edited; copy it again from the study folder"
            ) from None
