"""What the desk gives to whatever reads an author's file, and how that fails; the desk itself reads none."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from survey.desk_app.authoring.examination import Examination
from survey.errors import OfficeError

NO_WORKBOOKS = os.EX_UNAVAILABLE
"""The exit code of what read no file because the part `[xlsform]` is not installed."""


@dataclass(frozen=True)
class AuthorFile:
    """
    A file of our own name for it, its language of messages, and the page that is wanted too, "" for none.

    `before` is the questionnaire that it is compared with, empty for none.
    """

    name: str
    content: bytes
    language: str = "en"
    page: str = ""
    before: bytes = b""


class UnreadFileError(OfficeError):
    """
    No file was read; the text is why.

    `slow`, `failed`, `occupied` where another file is being read, `workbooks` where no library for them is installed,
    or `nowhere` where this desk has nothing that reads.
    """


Examine = Callable[[AuthorFile], Examination]
"""Reads a file in another process; raises UnreadFileError."""


def examine_nowhere(_: AuthorFile) -> Examination:
    """Raise UnreadFileError: a desk that was given nothing that reads files."""
    raise UnreadFileError("nowhere")
