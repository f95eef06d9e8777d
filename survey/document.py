"""The base of all documents: frozen, strict, canonical JSON, identified by their hash."""

from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crypto.canonical import CanonicalError, canonical, digest, parse
from crypto.errors import RefusedError

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class DocumentError(RefusedError):
    """A document that violates its format; the message gives paths and repeats no values."""


class Document(BaseModel):
    """Frozen data that refuses unknown keys and loose types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read canonical JSON; raise DocumentError for anything else."""
        try:
            parse(data)
            return cls.model_validate_json(data)
        except CanonicalError as error:
            raise DocumentError(f"{cls.__name__}: {error}") from None
        except ValidationError as error:
            raise DocumentError(f"{cls.__name__}: {error_paths(error)}") from None

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of this document; members that are absent stay absent."""
        return canonical(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return this document as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def compact(self) -> Self:
        """Return this document without its optional members that are None: they stay absent from the bytes.

        For a document that is made here; one that was read keeps the members it came with.
        """
        fields = type(self).model_fields
        absent = {name for name, field in fields.items() if not field.is_required() and getattr(self, name) is None}
        whole = self.model_copy()
        whole.model_fields_set.difference_update(absent)
        return whole

    @cached_property
    def digest(self) -> str:
        """The document's name: hex SHA-256 of its canonical bytes."""
        return digest(self.to_bytes())

    def __copy__(self) -> Self:
        """Return a copy without cached properties: `model_copy` and `compact` change it afterwards."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


def today() -> date:
    """Return the day in UTC: nothing that is published or logged is dated more finely."""
    return datetime.now(UTC).date()


def error_paths(error: ValidationError) -> str:
    """Return the paths and messages of validation errors, without the invalid values."""
    errors = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, entry['loc'])) or 'document'}: {entry['msg']}" for entry in errors)
