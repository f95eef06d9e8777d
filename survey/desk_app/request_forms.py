"""The forms by which staff ask the operator for something, and the request that one is; no browser is believed."""

import base64
import secrets
from collections.abc import Mapping
from datetime import date

from flask import g
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from flask_wtf.file import FileField  # type: ignore[import-untyped]  # it has no types
from pydantic import ValidationError
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from crypto.canonical import CanonicalError, digest, parse
from crypto.errors import SottoError
from survey.desk_app.forms import LONGEST_CREDENTIAL
from survey.desk_app.signed_in import office
from survey.document import DocumentError, today
from survey.office_db.request_days import is_fresh, newest_value
from survey.office_db.request_document import FORMAT, Approval, Cancellation, RequestDocument
from survey.office_db.requests import RequestStatus

UPLOADS: Mapping[str, tuple[str, ...]] = {
    "open-wave": ("manifest", "drill"), "close-wave": (), "close-batch": (), "publish": ("document",),
    "register-plan": ("plan", "registration"),
    "new-study": ("questionnaire",),
}  # fmt: skip
"""The documents that go with each kind of request."""
FORMATS: Mapping[str, str] = {name: f"sotto-{name}-" for name in ("manifest", "drill", "plan", "registration")}
"""What the format of an uploaded document begins with, where only one can be meant: files are easily exchanged."""
LONGEST_REQUEST = 4096
"""Characters of a request as text; the longest has under 1,000 bytes."""


class AskFaultError(SottoError):
    """A form cannot become a request; the text is the name of what is wrong (templates/desk/ask.html)."""


class AskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What every kind of request asks for; each uses its part."""

    typed = StringField()
    on = StringField()
    batch = StringField()
    manifest = FileField()
    drill = FileField()
    document = FileField()
    plan = FileField()
    registration = FileField()


class SignedRequestForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A request and its documents, as text, which wait in the browser until its passkey has signed the request."""

    request = HiddenField(validators=[InputRequired(), Length(max=LONGEST_REQUEST)])
    manifest = HiddenField()
    drill = HiddenField()
    document = HiddenField()
    plan = HiddenField()
    registration = HiddenField()
    questionnaire = HiddenField()
    credential = HiddenField(validators=[Length(max=LONGEST_CREDENTIAL)])


def asked_by(form: AskForm, study: str, wave: int, kind: str) -> tuple[RequestDocument, dict[str, bytes]]:
    """Return the request that a form is, with its documents; raise AskFaultError for what is wrong."""
    if not form.validate():
        raise AskFaultError("form")
    if (form.typed.data or "").strip() != study:
        raise AskFaultError("typed")
    files = {name: _upload(form[name].data, name) for name in UPLOADS[kind]}
    asks: dict[str, object] = {"kind": kind, "typed": study}
    asks |= {name: digest(content) for name, content in files.items()}
    if kind in {"open-wave", "close-wave"}:
        asks["on"] = _day(form.on.data or "")
    if kind == "close-batch":
        asks["batch"] = (form.batch.data or "").strip()
    return new_request(study, wave, asks), files


def new_request(study: str, wave: int, asks: Mapping[str, object]) -> RequestDocument:
    """
    Return a new request of whoever is signed in.

    Raises AskFaultError where a batch cannot be called so, and where no day of late has a value.
    """
    with office() as database:
        fresh = newest_value(database, today())
    if fresh is None:
        raise AskFaultError("operator")
    try:
        return RequestDocument.model_validate(
            {
                "format": FORMAT, "study": study, "wave": wave, "asks": asks, "asked_by": g.person,
                "day": today().isoformat(), "fresh": fresh, "nonce": secrets.token_hex(16),
            }
        )  # fmt: skip
    except ValidationError:
        raise AskFaultError("batch") from None


# Decision 149.
def form_to_sign(asked: RequestDocument, files: Mapping[str, bytes]) -> SignedRequestForm:
    """Return the form that brings a request and its documents back, signed."""
    texts = {name: base64.urlsafe_b64encode(content).decode("ascii") for name, content in files.items()}
    text = base64.urlsafe_b64encode(asked.to_bytes()).decode("ascii")
    return SignedRequestForm(formdata=None, data={"request": text, **texts})


def brought_back(form: SignedRequestForm, study: str, wave: int, kind: str) -> tuple[RequestDocument, dict[str, bytes]]:
    """Return the request and the documents of a signed form; raise AskFaultError where they are not the page's."""
    asked, files = own_request(form, kind)
    if (asked.study, asked.wave) != (study, wave):
        raise AskFaultError("form")
    return asked, files


def own_request(form: SignedRequestForm, kind: str) -> tuple[RequestDocument, dict[str, bytes]]:
    """Return the request and the documents of a signed form; raise AskFaultError unless it is this person's own."""
    if not form.validate():
        raise AskFaultError("form")
    try:
        asked = RequestDocument.from_bytes(_bytes(form.request.data))
        files = {name: _bytes(form[name].data) for name in UPLOADS.get(kind, ())}
    except (DocumentError, ValueError):
        raise AskFaultError("form") from None
    if (asked.asks.kind, asked.asked_by) != (kind, g.person):
        raise AskFaultError("form")
    if asked.files != {name: digest(content) for name, content in files.items()} or not _is_of_late(asked):
        raise AskFaultError("form")
    return asked, files


def _is_of_late(asked: RequestDocument) -> bool:
    """Say whether a page was not left open for so long that the operator would refuse what it brings."""
    with office() as database:
        return is_fresh(database, asked.fresh, today())


def about_another(form: SignedRequestForm, other: RequestStatus, kind: str) -> RequestDocument:
    """Return the cancellation or approval of a signed form; raise AskFaultError where it is not that of `other`."""
    if other.asked is None:
        raise AskFaultError("form")
    asked, _ = brought_back(form, other.asked.study, other.asked.wave, kind)
    if not isinstance(asked.asks, Cancellation | Approval) or asked.asks.request != other.hash:
        raise AskFaultError("form")
    return asked


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "", altchars="-_", validate=True)


def _upload(sent: object, name: str) -> bytes:
    """Return an uploaded document; raise AskFaultError for none, and for a file that is no document of ours."""
    read = getattr(sent, "read", None)
    content: bytes = read() if read else b""
    if not content:
        raise AskFaultError(name)
    try:
        written = str(parse(content).get("format"))
    except CanonicalError:
        raise AskFaultError("content") from None
    if name in FORMATS and not written.startswith(FORMATS[name]):
        raise AskFaultError("other")
    return content


def _day(text: str) -> str | None:
    """Return a day to come as it stands in a request, None for as soon as possible."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise AskFaultError("day") from None
    if day < today():
        raise AskFaultError("day")
    return day.isoformat()
