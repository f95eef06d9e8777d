"""The public half of a wave's issuer key, as it travels from the collection host to the ceremony and its manifest."""

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
    """Return an issuer's public key; a ValueError, which pydantic reports without the key, where it is none."""
    try:
        TokenVerifier.of(key)
    except TokenError as error:
        raise ValueError(str(error)) from None
    return key


IssuerKey = Annotated[str, AfterValidator(_checked)]
"""Unpadded base64url of an RSA modulus of 256 bytes."""


class IssuerDocument(Document):
    """What `sotto issuer new` writes and `sotto key ceremony --issuer` reads (`sotto-issuer-1`)."""

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
        """Raise DocumentError unless this is the issuer of `wave` of `study`."""
        if (self.study, self.wave) != (study, wave):
            raise DocumentError(
                f"this issuer key is for wave {self.wave} of {self.study}, not for wave {wave} of {study}: "
                f"run `sotto issuer new {study} --wave {wave}` on the collection host"
            )


def issuer_id(key: str) -> str:
    """Return the 16 hex digits that name an issuer key."""
    return hashlib.sha256(from_base64url(key)).hexdigest()[:ID_DIGITS]
