"""Checks what a release says of its wave's fieldwork against the file that the collection host wrote beside the box."""

from collections.abc import Iterator
from pathlib import Path

from analysis.verification.tokens import Check
from crypto.errors import public_text
from survey.document import DocumentError
from survey.questionnaire.study_metadata import Fieldwork, fieldwork_path
from survey.release.release import Release

FIELD = "fieldwork"
STATEMENT = "the days and numbers in the file that the collection host wrote beside the box"


def fieldwork_checks(release: Release, box: Path | None) -> Iterator[Check]:
    """Yield the check of a release's fieldwork; nothing where it has none.

    The file is not signed: it shows an edited release, and not a file that was edited before the release was made. That
    is refused by the host, which compares its own days and numbers before it publishes.
    """
    if release.fieldwork is None:
        return
    path = fieldwork_path(box) if box else None
    if path is None or not path.is_file():
        yield FIELD, None, "give --box with its fieldwork file beside it to compare days and numbers of people"
        return
    try:
        written = Fieldwork.from_bytes(path.read_bytes())
    except (DocumentError, OSError) as error:
        yield FIELD, False, public_text(error)
        return
    yield FIELD, written.to_json() == release.fieldwork.to_json(), STATEMENT
