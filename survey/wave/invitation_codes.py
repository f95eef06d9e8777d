"""The codes file: the only file with invitation codes, written with a batch, taken to the printer, then destroyed."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from crypto.invitation_codes import CodeError, read_code
from survey.document import Document
from survey.names import Slug
from survey.wave.batch_sizes import MAXIMUM, MINIMUM

FORMAT: Literal["sotto-codes-1"] = "sotto-codes-1"


def _checked(code: str) -> str:
    """Return a valid code; raise ValueError, which pydantic reports without the code, for anything else."""
    try:
        good = read_code(code) == code
    except CodeError:
        good = False
    if not good:
        raise ValueError("a code in the file is damaged: take the file from the host again, or make a new batch")
    return code


class Codes(Document):
    """A batch of invitation codes (`sotto-codes-1`), in the random order in which they are printed."""

    format: Literal["sotto-codes-1"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    batch: Slug
    stratum: Slug
    codes: tuple[Annotated[str, AfterValidator(_checked)], ...] = Field(
        min_length=MINIMUM, max_length=MAXIMUM, repr=False
    )

    @model_validator(mode="after")
    def _unique(self) -> Self:
        if len(set(self.codes)) != len(self.codes):
            raise ValueError("a code stands in the file twice")
        return self
