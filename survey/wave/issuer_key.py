"""The public half of a wave's issuer key, carried from the collection host to the ceremony and into the manifest."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from crypto.canonical import from_base64url
from crypto.tokens import TokenError, TokenVerifier
from survey.document import Document, DocumentError
from survey.names import Slug

FORMAT: Literal["sotto-issuer-1"] = "sotto-issuer-1"
ID_DIGITS = 16


def _checked(key: str) -> str:
    """Return a valid issuer's public key; raise ValueError, which pydantic reports without the key, otherwise."""
    try:
        TokenVerifier.of(key)
    except TokenError as error:
        raise ValueError(str(error)) from None
    return key


IssuerKey = Annotated[str, AfterValidator(_checked)]
"""Unpadded base64url of an RSA modulus of 256 bytes."""


class IssuerDocument(Document):
    """A wave's issuer key (`sotto-issuer-1`): `sotto issuer new` writes it, `sotto key ceremony --issuer` reads it."""

    format: Literal["sotto-issuer-1"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    key: IssuerKey

    @classmethod
    def of(cls, study: str, wave: int, key: str) -> Self:
        """Return the document of a wave's issuer key."""
        return cls(format=FORMAT, study=study, wave=wave, key=key)

    @property
    def id(self) -> str:
        """The first 16 hex digits of the SHA-256 of the modulus: the name of the private half's file."""
        return issuer_id(self.key)

    def check(self, study: str, wave: int) -> None:
        """Raise DocumentError unless this is the issuer key of `wave` of `study`."""
        if (self.study, self.wave) != (study, wave):
            raise DocumentError(
                f"this issuer key is for wave {self.wave} of {self.study}, not for wave {wave} of {study}: "
                f"run `sotto issuer new {study} --wave {wave}` on the collection host"
            )


def issuer_id(key: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of an issuer key's modulus."""
    return hashlib.sha256(from_base64url(key)).hexdigest()[:ID_DIGITS]
