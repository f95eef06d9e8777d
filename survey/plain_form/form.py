"""The form without JavaScript: one page of a study that allows it, sealed in memory on arrival and marked as such.

Nothing of the request is kept but the sealed record: no cookie, no session, no copy; the body is read into memory, up
to LIMIT bytes, and is written nowhere. What cannot be sealed is refused, never stored.
"""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import brotli
from flask import Blueprint, Response, abort, current_app, render_template, request
from markupsafe import Markup
from wtforms import Field, Form

from survey.admission.host import respond_host
from survey.answers_db import insert_only, store_errors
from survey.plain_form.css_routing import rules
from survey.plain_form.fields import LIMIT, NO, READY, YES, FormRefusedError, filled, form_class
from survey.plain_form.question_blocks import Choice, Section, consent, sections
from survey.plain_form.reading import FieldFault, read
from survey.plain_form.sealing import PlainFormError, Wave, read_wave
from survey.publication.folder import StudyState
from survey.questionnaire.items import NO_CONSENT
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Texts
from survey.web.headers import plain_form_policy
from survey.web.responses import compressed
from survey.wording.catalogues import Wording, Wordings, in_locale
from survey.wording.routing_words import Speaker

bp = Blueprint("plainform", __name__)

HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
TRY_AGAIN = {
    store_errors.StoreFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    store_errors.StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.RecordRefusedError: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True)
class PlainForm:
    """What the plain form adds to the respond app: its stylesheet and its words."""

    style: str
    wordings: Wordings


@dataclass(frozen=True)
class Visit:
    """One request for one study's form in one locale."""

    state: StudyState
    locale: str
    words: Wording


@dataclass(frozen=True)
class Sheet:
    """A form, empty or as it was sent, with what it says in its locale."""

    visit: Visit
    speaker: Speaker
    form: Form


@dataclass(frozen=True)
class FormPage:
    """What the form's template gets; `faults` are (where, what is said), `again` a text on what went wrong."""

    study: str
    locale: str
    dir: str
    languages: tuple[tuple[str, str], ...]
    style: Markup
    texts: Texts
    hidden: tuple[Markup, ...]
    neither: Markup
    consent: tuple[Choice, ...]
    ready: Markup
    sections: tuple[Section, ...]
    faults: tuple[tuple[str, str], ...] = ()
    again: str | None = None


@dataclass(frozen=True)
class SaidPage:
    """What a page that only says something gets."""

    study: str
    locale: str
    dir: str
    style: Markup
    title: str
    paragraphs: tuple[str, ...]
    debrief: str | None = None
    receipt: str | None = None
    again: str | None = None


@bp.get("/f/<study>")
def form(study: str) -> Response:
    """Show the form, the same for everyone who asks for it in this language."""
    visit = _visit(study, request.args.get("lang", ""))
    if visit.state.state == "closed":
        return _said(visit, "closed", HTTPStatus.GONE)
    try:
        wave = _wave(visit)
    except PlainFormError as error:
        return _unavailable(visit, error)
    speaker = Speaker(wave.questionnaire, wave.texts, visit.words)
    empty = _asked(Sheet(visit, speaker, form_class(speaker, wave.manifest.pin)()), HTTPStatus.OK)
    return _packed(empty)


# Decision 25.
@bp.post("/f/<study>")
def take(study: str) -> Response:
    """Seal and store a filled-in form, or say what is to be mended; what was sent stays in memory alone."""
    visit = _visit(study, "")
    _require_honest_request()
    body = request.get_data(cache=False)
    if len(body) > LIMIT:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    visit = _visit(study, _sent(body, b"lang"))
    if visit.state.state == "closed":
        return _said(visit, "closed", HTTPStatus.GONE)
    if _sent(body, b"pin") != visit.state.pin:
        return _said(visit, "changed", HTTPStatus.CONFLICT)
    try:
        return _taken(visit, body)
    except FormRefusedError:
        abort(HTTPStatus.BAD_REQUEST)
    except PlainFormError as error:
        return _unavailable(visit, error)


def _taken(visit: Visit, body: bytes) -> Response:
    wave = _wave(visit)
    speaker = Speaker(wave.questionnaire, wave.texts, visit.words)
    form = filled(form_class(speaker, wave.manifest.pin), body)
    sheet = Sheet(visit, speaker, form)
    agreed = form["consent"].data
    if agreed == NO:
        return _ended(visit, wave.texts.endings[NO_CONSENT])
    reading = read(speaker, form)
    if reading.ending is not None:
        return _ended(visit, wave.texts.endings[reading.ending])
    before = () if agreed == YES else (FieldFault("consent", visit.words("e-missing")),)
    after = () if form[READY].data else (FieldFault(READY, visit.words("e-ready")),)
    faults = (*before, *reading.faults, *after)
    if faults:
        return _asked(sheet, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return _stored(sheet, wave, encode(wave.questionnaire, reading.answers))


def _stored(sheet: Sheet, wave: Wave, payload: bytes) -> Response:
    """Seal and store: each try seals anew, so that a form sent twice is two envelopes, which the page says."""
    visit, record = sheet.visit, wave.sealed(payload)
    try:
        insert_only.insert_record(
            respond_host().engine, bytes.fromhex(wave.manifest.key_id), record.row_key, record.to_bytes()
        )
    except store_errors.WaveClosedError:
        return _said(visit, "closed", HTTPStatus.GONE)
    except store_errors.StoreError as error:
        _log(error)
        return _asked(sheet, TRY_AGAIN[type(error)], again=visit.words("full-text"))
    words = visit.words
    return _saying(
        visit,
        HTTPStatus.CREATED,
        title=words("stored-title"),
        paragraphs=(words("stored-text"), words("stored-once"), *wave.texts.thanks),
        debrief=wave.texts.debrief,
        receipt=hashlib.sha256(record.envelope).hexdigest(),
    )


def _asked(sheet: Sheet, status: HTTPStatus, faults: tuple[FieldFault, ...] = (), again: str | None = None) -> Response:
    visit, speaker, form = sheet.visit, sheet.speaker, sheet.form
    style = f"{_own().style}\n{rules(speaker.questionnaire)}"
    neither, both = consent(form)
    page = FormPage(
        study=visit.state.study,
        locale=visit.locale,
        dir=speaker.texts.dir,
        languages=tuple((locale, visit.state.names[locale]) for locale in visit.state.locales),
        style=Markup(style),  # noqa: S704 - our stylesheet and rules of ids and codes, whose hash the policy names
        texts=speaker.texts,
        hidden=(form["pin"](id=False), form["lang"](id=False)),
        neither=neither,
        consent=both,
        ready=_unmarked(form[READY]),
        sections=tuple(sections(speaker, form, {fault.place: fault.said for fault in faults})),
        faults=tuple((f"q-{fault.place}", _named(visit.words, speaker, fault)) for fault in faults),
        again=again,
    )
    return _shown(render_template("respond/plain.html", page=page, words=visit.words), style, status)


def _unmarked(field: Field) -> Markup:
    """Return the last mark before Send, never made for anybody: also not when the form comes back with faults."""
    return Markup(field(value=YES, required=True, checked=False))  # noqa: S704 - WTForms escapes


def _named(words: Wording, speaker: Speaker, fault: FieldFault) -> str:
    """Return what is to be mended, after the number of its question where it has one."""
    number = speaker.numbers.get(fault.place)
    return fault.said if number is None else f"{words('question', n=number)}{words('colon')}{fault.said}"


def _ended(visit: Visit, text: str) -> Response:
    """Say that nothing was kept of a form that should not have been sent."""
    words = visit.words
    return _saying(visit, HTTPStatus.OK, title=words("ended-title"), paragraphs=(text, words("not-kept")))


def _unavailable(visit: Visit, error: PlainFormError) -> Response:
    _log(error)
    return _said(visit, "unavailable", HTTPStatus.SERVICE_UNAVAILABLE)


def _said(visit: Visit, what: str, status: HTTPStatus) -> Response:
    again = None if what == "closed" else visit.words("again")
    paragraphs = (visit.words(f"{what}-text"),)
    return _saying(visit, status, title=visit.words(f"{what}-title"), paragraphs=paragraphs, again=again)


def _saying(
    visit: Visit,
    status: HTTPStatus,
    *,
    title: str,
    paragraphs: tuple[str, ...],
    debrief: str | None = None,
    receipt: str | None = None,
    again: str | None = None,
) -> Response:
    style = _own().style
    page = SaidPage(
        study=visit.state.study,
        locale=visit.locale,
        dir=visit.state.directions[visit.locale],
        style=Markup(style),  # noqa: S704 - our own stylesheet, whose hash the policy names
        title=title,
        paragraphs=paragraphs,
        debrief=debrief,
        receipt=receipt,
        again=again,
    )
    return _shown(render_template("respond/plain_said.html", page=page, words=visit.words), style, status)


def _packed(empty: Response) -> Response:
    """Return an empty form compressed; one with answers never is, since its size would tell more of them."""
    content = empty.get_data()
    packed = compressed({"": content, "br": brotli.compress(content, quality=5)}, HTML)
    packed.headers.update({name: empty.headers[name] for name in ("Content-Security-Policy", "Referrer-Policy")})
    return packed


def _shown(html: str, style: str, status: HTTPStatus) -> Response:
    response = Response(html, int(status), content_type=HTML)
    response.headers["Content-Security-Policy"] = plain_form_policy(style)
    # With no-referrer a browser would send `Origin: null` with the form; this way it tells its own origin to itself.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _visit(study: str, language: str) -> Visit:
    """Return the study and the language; 404 unless it is a study whose answers a server may lock."""
    state = respond_host().published.study(study)
    if state is None or state.epoch is None or (state.mode, state.sealing) != ("open", "phone-or-server"):
        abort(HTTPStatus.NOT_FOUND)
    locale = language if language in state.locales else state.locales[0]
    return Visit(state, locale, in_locale(_own().wordings, locale))


def _wave(visit: Visit) -> Wave:
    return read_wave(respond_host().published, visit.state, visit.locale)


def _require_honest_request() -> None:
    """Refuse what no page of ours sends: a form of another site, of another kind, or packed."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = (
        site != "same-origin" if site is not None else origin is not None and urlsplit(origin).netloc != request.host
    )
    if foreign:
        abort(HTTPStatus.FORBIDDEN)
    if request.mimetype != FORM or request.headers.get("Content-Encoding"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _sent(body: bytes, name: bytes) -> str:
    """Return one of the two hidden fields, which need no unpacking; "" where it is not there."""
    part_found = next((part for part in body.split(b"&") if part.startswith(name + b"=")), b"")
    return part_found.partition(b"=")[2].decode("ascii", "replace")


def _log(error: Exception) -> None:
    # For whoever runs the host; the exception's words are ours and hold nothing of the request.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)


def _own() -> PlainForm:
    own: PlainForm = current_app.extensions["plainform"]
    return own
