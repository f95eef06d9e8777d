"""What the child process found in an author's file, as one document: the one parser of it, for both processes."""

from typing import Annotated, Literal

from pydantic import Field

from survey.document import Count, Document
from survey.names import Locale

FORMAT: Literal["sotto-examination-1"] = "sotto-examination-1"
MOST_FINDINGS = 500
"""Findings that a page lists; a file of another kind has one in every line."""
Words = Annotated[str, Field(max_length=4000)]
"""A sentence, which may quote the file."""
Kind = Literal["problem", "refused", "proposed", "changed", "dropped", "advice", "lacks"]


class FileFinding(Document):
    """One thing to say of a file: a line or a cell ("" for the file as a whole), what is there, and the remedy."""

    kind: Kind
    place: Words
    message: Words
    remedy: Words


class SpokenLanguage(Document):
    """A language of the study, by its own name."""

    locale: Locale
    name: Words
    dir: Literal["ltr", "rtl"]


class Counts(Document):
    """What became of the questions of a form's workbook."""

    questions: Count
    mapped: Count
    changed: Count
    proposed: Count
    refused: Count


class FileChange(Document):
    """One change from the questionnaire before: of which kind, where, and in words."""

    kind: Literal["codes", "routing", "asking", "wording"]
    where: Words
    words: Words


class Examination(Document):
    """
    What a file is: where it compiles, its study and the questionnaire as YAML; else both are empty.

    `more` counts the findings that are left out, `counts` is there for a workbook, `page` is a whole page of HTML where
    one was asked for, `changes` what differs from a questionnaire before, None where none was given. The file's author
    wrote most of the texts: whoever shows them escapes them.
    """

    format: Literal["sotto-examination-1"]
    study: Annotated[str, Field(max_length=48)]
    items: Count
    languages: Annotated[tuple[SpokenLanguage, ...], Field(max_length=64)]
    times: Annotated[tuple[Words, ...], Field(max_length=1000)]
    findings: Annotated[tuple[FileFinding, ...], Field(max_length=MOST_FINDINGS)]
    more: Count
    counts: Counts | None
    changes: Annotated[tuple[FileChange, ...], Field(max_length=MOST_FINDINGS)] | None
    yaml: str
    page: str

    @property
    def compiles(self) -> bool:
        """Whether the file is a study."""
        return bool(self.study)

    @property
    def to_confirm(self) -> int:
        """How many findings an author agrees to by going on: what is refused is missing, what is proposed a guess."""
        return sum(one.kind in {"refused", "proposed"} for one in self.findings)
