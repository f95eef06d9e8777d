"""The forms of an author's file; it waits in the page between two steps, as the desk keeps nothing of it."""

import base64
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from flask_wtf.file import FileField  # type: ignore[import-untyped]  # it has no types
from wtforms import HiddenField

from crypto.canonical import digest
from survey.desk_app.authoring.reader import AuthorFile
from survey.desk_app.request_forms import AskFaultError
from survey.names import HASH, LOCALE

MOST_BYTES: Mapping[str, int] = {
    ".yaml": 1024**2, ".yml": 1024**2, ".xlsx": 3 * 1024**2, ".xls": 3 * 1024**2,
}  # fmt: skip
"""Bytes of a file by how its name ends; real forms have a tenth."""
TRANSLATIONS = "translations"
_NAME = "form"
_LONGEST_NAME = 40


class UploadForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The author's file."""

    file = FileField()


class WaitingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """
    A questionnaire that waits in the page (URL-safe base64 of its YAML), and the page of it that is wanted.

    `replaces` is the hash of the questionnaire that the study had when this was shown, empty for none.
    """

    questionnaire = HiddenField()
    page = HiddenField()
    replaces = HiddenField()


def uploaded(form: UploadForm, language: str) -> AuthorFile:
    """Return the file that was sent, by a name of ours; raise AskFaultError for none, another kind or too large."""
    if not form.validate():
        raise AskFaultError("form")
    sent = form.file.data
    if not sent or not sent.filename:
        raise AskFaultError("file")
    ending = PurePath(sent.filename).suffix.lower()
    if ending not in MOST_BYTES:
        raise AskFaultError("kind")
    content = sent.read(MOST_BYTES[ending] + 1)
    if not content:
        raise AskFaultError("file")
    if len(content) > MOST_BYTES[ending]:
        raise AskFaultError("large")
    return AuthorFile(f"{_plain(PurePath(sent.filename).stem)}{ending}", content, language)


def waiting(questionnaire: str, source: bytes | None) -> WaitingForm:
    """Return the form in which a questionnaire waits, beside the one that its study has now."""
    text = base64.urlsafe_b64encode(questionnaire.encode()).decode("ascii")
    return WaitingForm(formdata=None, data={"questionnaire": text, "replaces": digest(source) if source else ""})


def replaced(form: WaitingForm) -> str | None:
    """Return the hash of the questionnaire that is replaced, None for none; raise AskFaultError for anything else."""
    name = form.replaces.data or ""
    if name and not HASH.fullmatch(name):
        raise AskFaultError("form")
    return name or None


def brought(form: WaitingForm, language: str) -> AuthorFile:
    """Return the questionnaire that waited, and the page that is wanted; raise AskFaultError for anything else."""
    if not form.validate():
        raise AskFaultError("form")
    page = form.page.data or ""
    try:
        content = base64.b64decode(form.questionnaire.data or "", altchars="-_", validate=True)
    except ValueError:
        raise AskFaultError("form") from None
    if not content or (page and page != TRANSLATIONS and not LOCALE.fullmatch(page)):
        raise AskFaultError("form")
    if len(content) > MOST_BYTES[".yaml"]:
        raise AskFaultError("large")
    return AuthorFile("questionnaire.yaml", content, language, page)


def _plain(stem: str) -> str:
    """Return a name for a file of ours: what a stranger called theirs never reaches a path."""
    letters = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST_NAME].strip("-") or _NAME
