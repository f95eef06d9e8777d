"""The base of all documents: frozen, strict, canonical JSON, identified by their hash."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crypto.canonical import CanonicalError, canonical, digest, parse
from crypto.errors import ContentError, RefusedError

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


MADE = date(2026, 11, 1)
"""The month in which this version was made; no right clock says an earlier day."""
_FORMAT = re.compile(r"sotto-[a-z-]+-[0-9]+")
_MOST_FAULTS = 5
"""How many faults a message names: a file of another kind has one in every line."""
ERROR_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "literal_error": "is not {expected}",
    "string_type": "is not text",
    "string_pattern_mismatch": "is not of the form {pattern}",
    "int_type": "is not a whole number",
    "bool_type": "is not true or false",
    "model_type": "is not an object with named members",
    "dict_type": "is not an object with named members",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "too_short": "has fewer than {min_length} members",
    "too_long": "has more than {max_length} members",
    "string_too_short": "is shorter than {min_length} characters",
    "string_too_long": "is longer than {max_length} characters",
}
"""Our words for pydantic's errors, by their type; the others keep pydantic's."""


class ClockError(RefusedError):
    """The clock of this machine cannot be right."""


class DocumentError(ContentError):
    """A document that violates its format; the message gives paths and repeats no values."""


class Document(BaseModel):
    """Frozen data that refuses unknown keys and loose types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read canonical JSON; raise DocumentError for anything else."""
        try:
            value = parse(data)
            return cls.model_validate_json(data)
        except CanonicalError as error:
            fault = str(error) if data else "it is empty"
        except ValidationError as error:
            fault = _other_format(cls, value) or error_paths(error)
        raise DocumentError(f"no valid {_kind(cls)} document: {fault}")

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read canonical JSON from a file; raise DocumentError naming it for anything else, OSError if unreadable."""
        try:
            return cls.from_bytes(path.read_bytes())
        except DocumentError as error:
            raise DocumentError(f"{path}: {error}") from None

    def validated(self) -> Self:
        """Return a draft as it is read from its own bytes; raise DocumentError where it violates its format.

        For one that was constructed without a check. Bytes that were made here are canonical without being compared.
        """
        data = self.to_bytes()
        try:
            return self.model_validate_json(data)
        except ValidationError as error:
            raise DocumentError(f"no valid {_kind(type(self))} document: {error_paths(error)}") from None

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
    """
    Return the day in UTC: nothing that is published or logged is dated more finely.

    Raises ClockError where the clock says a day before this version was made, as a machine says whose battery is empty:
    the day would stand in signed documents and in the public log for ever.
    """
    day = datetime.now(UTC).date()
    if day < MADE:
        raise ClockError(
            f"this machine's clock says {day}, but this version of Sotto was made in {MADE:%B %Y}: set the clock, then "
            "run this again (nothing was changed)"
        )
    return day


def dated_ahead(day: str) -> str:
    """Return why a document of this day (as it is written in it) is not published today; "" for one that may be.

    The log's days never run backwards, and no entry may be older than what it names: one such document would make the
    log false for ever.
    """
    now = today().isoformat()
    if day <= now:
        return ""
    return (
        f"it is dated after today: it says {day}, and this machine's clock {now} (both in UTC). Set the clock that is "
        "wrong; where it is that of the machine that signed, make and sign the document again there"
    )


def error_paths(error: ValidationError) -> str:
    """Return the paths and faults of the first validation errors, without the invalid values."""
    errors = error.errors(include_input=False, include_url=False)
    texts = [f"{'.'.join(map(str, entry['loc'])) or 'document'}: {fault_text(entry)}" for entry in errors]
    more = len(texts) - _MOST_FAULTS
    return "; ".join(texts[:_MOST_FAULTS]) + (f"; and {more} more faults" if more > 0 else "")


def fault_text(entry: Mapping[str, Any]) -> str:
    """Return one validation error in plain words, to stand behind the name of what is invalid."""
    words = ERROR_WORDS.get(entry["type"])
    return entry["msg"].removeprefix("Value error, ") if words is None else words.format(**entry.get("ctx", {}))


def _kind(model: type[BaseModel]) -> str:
    """Return what a person calls a document: the name of its class in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower().removesuffix(" document")


def _other_format(model: type[BaseModel], value: dict[str, Any]) -> str:
    """Return that a document of ours is of another format, where `value` says so; else nothing."""
    field, written = model.model_fields.get("format"), value.get("format")
    wanted = "" if field is None else getattr(field.annotation, "__args__", ("",))[0]
    if not wanted or wanted == written or not isinstance(written, str) or not _FORMAT.fullmatch(written):
        return ""
    return f"its format is {written}, and {wanted} is asked for"
