"""The witnesses that a manifest names: whose cosignatures a log's head needs, and how many of them."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from crypto.cosignatures import CosignatureError, WitnessKey
from survey.document import Document, DocumentError, Positive, error_paths

MOST_KEYS = 16


def _checked(key: str) -> str:
    """Return a valid witness's key; raise ValueError, which pydantic reports without the key, otherwise."""
    try:
        WitnessKey.from_text(key)
    except CosignatureError as error:
        raise ValueError(str(error)) from None
    return key


WitnessText = Annotated[str, AfterValidator(_checked)]
"""A vkey of C2SP tlog-cosignature: `name+id+base64(type | public key)`, type 04 or 06."""


class Witnesses(Document):
    """The witnesses' keys, and how many of them (`quorum`) must stand under the newest head.

    More than half, so that two logs under one key need 2 * quorum - len(keys) dishonest witnesses.
    """

    keys: Annotated[tuple[WitnessText, ...], Field(min_length=1, max_length=MOST_KEYS)]
    quorum: Positive

    @classmethod
    def of(cls, keys: Sequence[str], quorum: int | None = None) -> Self:
        """Return these witnesses, with the smallest majority where no quorum is given; raise DocumentError."""
        try:
            return cls(keys=tuple(keys), quorum=len(keys) // 2 + 1 if quorum is None else quorum)
        except ValidationError as error:
            raise DocumentError(error_paths(error)) from None

    @model_validator(mode="after")
    def _require_majority(self) -> Self:
        """Require a quorum of more than half, and of each key and name one."""
        if not len(self.keys) < 2 * self.quorum <= 2 * len(self.keys):
            raise ValueError("the quorum of witnesses is more than half of their keys, and not more than all")
        for part in ("name", "public"):
            if len({getattr(key, part) for key in self.witness_keys}) != len(self.keys):
                raise ValueError("two of the witnesses have one key or one name")
        return self

    @property
    def witness_keys(self) -> tuple[WitnessKey, ...]:
        """The keys, read."""
        return tuple(WitnessKey.from_text(key) for key in self.keys)
