"""A plan's registration: that these tables were decided on this day, signed by the study's key; pure. Decision 27."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crypto.canonical import canonical
from crypto.signing import Signature, SignatureError, VerifyingKey
from survey.document import Document
from survey.plan.plan import NanoRho, Plan
from survey.questionnaire.questionnaire import Sha256, Slug
from survey.release.release import KeyPair

PURPOSE = "plan"


class RegistrationError(ValueError):
    """A registration that is not of this plan or whose signature does not hold; the message says what to do."""


class Registration(Document):
    """The plan by its hash, the day it was registered, and the study's signature over both (`sotto-registration-1`)."""

    format: Literal["sotto-registration-1"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    plan: Sha256
    parent: Sha256 | None
    nano_rho: NanoRho
    day: str
    signer: KeyPair
    signature: KeyPair | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        date.fromisoformat(self.day)
        return self

    def unsigned_bytes(self) -> bytes:
        """Return what the signature covers: the canonical JSON of this document without `signature`."""
        return canonical({key: value for key, value in self.to_json().items() if key != "signature"})

    def check(self, plan: Plan) -> VerifyingKey:
        """Return the key that signed; raise RegistrationError unless it signed the registration of this very plan."""
        held = (self.study, self.wave, self.plan, self.parent, self.nano_rho)
        if held != (plan.study, plan.wave, plan.digest, plan.parent, plan.nano_rho):
            raise RegistrationError("the registration is of another plan: take both files from one folder")
        try:
            signer = VerifyingKey.from_json(self.signer.to_json())
            signature = Signature.from_json(self.signature.to_json() if self.signature else None)
            signer.verify(signature, self.unsigned_bytes(), PURPOSE)
        except SignatureError:
            raise RegistrationError(
                "the registration's signature does not hold: it was edited; copy it again from the study folder"
            ) from None
        return signer
