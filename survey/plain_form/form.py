"""The form without JavaScript, for studies that allow it: answers are sealed by the server and marked as such.

Nothing of the request is stored but the sealed record: no cookie, no session, no copy; the body is read into memory,
up to LIMIT bytes, and never written to disk. Answers that cannot be sealed are refused.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import brotli
from flask import Blueprint, Response, abort, current_app, render_template, request
from markupsafe import Markup
from wtforms import Field, Form

from survey.admission.respond_resources import respond_resources
from survey.answers_db import insert_only, store_errors
from survey.plain_form.css_routing import rules
from survey.plain_form.endings import NOTICES, MessagePages, Said, Visit, ended, notice, stored
from survey.plain_form.fields import LIMIT, NO, READY, YES, FormRefusedError, bound_form, clear, form_class, is_clear
from survey.plain_form.question_blocks import Choice, QuestionBlock, consent, sections
from survey.plain_form.reading import FieldFault, read
from survey.plain_form.sealing import PinnedWave, PlainFormError, read_wave
from survey.questionnaire.items import NO_CONSENT
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Texts
from survey.web.headers import plain_form_policy, plain_text
from survey.web.responses import compressed_response
from survey.wording.catalogues import Wording, in_locale
from survey.wording.routing_words import ConditionRenderer

bp = Blueprint("plainform", __name__)

HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
TRY_AGAIN = {
    store_errors.StoreFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    store_errors.StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.RecordRefusedError: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True)
class LocalisedForm:
    """A form, empty or with submitted values, with the texts of its locale."""

    visit: Visit
    renderer: ConditionRenderer
    form: Form


@dataclass(frozen=True)
class FirstPage:
    """The data of the page before the questions: nothing of the study but its name and languages."""

    study: str
    locale: str
    dir: str
    languages: tuple[tuple[str, str], ...]
    style: Markup


@dataclass(frozen=True)
class FormPage:
    """
    The template's data; `faults` are (element id, message), `again` is a message why the form is shown again.

    Shown again it has every control, and shows those of the items `shown` alone, which have no answer: in a browser
    that keeps the page to go back to, nothing that was given can be seen.
    """

    study: str
    locale: str
    dir: str
    style: Markup
    texts: Texts
    hidden: tuple[Markup, ...]
    neither: Markup
    consent: tuple[Choice, ...]
    ready: Markup
    sections: tuple[QuestionBlock, ...]
    faults: tuple[tuple[str, str], ...] = ()
    again: str | None = None
    shown: frozenset[str] = frozenset()


@bp.get("/f/<study>")
def first_page(study: str) -> Response:
    """Show what to know before the questions, and the press that asks for them; the same for everyone."""
    visit = _visit(study, request.args.get("lang", ""))
    return _opening_response(visit, _first_page_response)


# Decision 124.
@bp.post("/f/<study>/questions")
def questions(study: str) -> Response:
    """Answer the press with the empty form, the same for everyone who uses this language; 400 for a body."""
    visit = _visit(study, request.args.get("lang", ""))
    if request.get_data(cache=False):
        abort(HTTPStatus.BAD_REQUEST)
    return _opening_response(visit, _empty_form_response)


@bp.get("/f/<study>/questions")
def address_of_questions(study: str) -> Response:
    """Lead whoever opens this address without the press, as from a list of visited pages, to the first page."""
    visit = _visit(study, request.args.get("lang", ""))
    response = plain_text(HTTPStatus.SEE_OTHER, "")
    response.location = f"/f/{study}?lang={visit.locale}"
    return response


# Decision 25.
@bp.post("/f/<study>")
def take(study: str) -> Response:
    """Seal and store a filled-in form, or show it again with its faults; the body stays in memory only."""
    visit = _visit(study, "")
    _require_honest_request()
    body = request.get_data(cache=False)
    if len(body) > LIMIT:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    visit = _visit(study, _hidden_field(body, b"lang"))
    if visit.state.state == "closed":
        return _notice_response(visit, "closed")
    # A form that was fetched before a correction has the same fields: what was filled in is not asked again.
    if _hidden_field(body, b"pin") not in {visit.state.pin, *visit.state.earlier_pins}:
        return _notice_response(visit, "changed")
    try:
        return _submission_response(visit, body)
    except FormRefusedError:
        abort(HTTPStatus.BAD_REQUEST)
    except PlainFormError as error:
        return _unavailable_response(visit, error)


def _opening_response(visit: Visit, show: Callable[[Visit, PinnedWave], Response]) -> Response:
    """Return a page that nobody has filled in, compressed; where nothing can be taken, what is said there."""
    if visit.state.state == "closed":
        return _notice_response(visit, "closed")
    try:
        wave = _wave(visit)
    except PlainFormError as error:
        return _unavailable_response(visit, error)
    return _compressed(show(visit, wave))


def _first_page_response(visit: Visit, _: PinnedWave) -> Response:
    style = _plain_form().style
    page = FirstPage(
        study=visit.state.study,
        locale=visit.locale,
        dir=visit.state.directions[visit.locale],
        languages=tuple((locale, visit.state.names[locale]) for locale in visit.state.locales),
        style=Markup(style),  # noqa: S704 - our own stylesheet, whose hash the policy names
    )
    return _page_response(render_template("respond/plain_first.html", page=page, words=visit.words), style)


def _empty_form_response(visit: Visit, wave: PinnedWave) -> Response:
    renderer = ConditionRenderer(wave.questionnaire, wave.texts, visit.words)
    return _form_response(LocalisedForm(visit, renderer, form_class(renderer, wave.pin)()), HTTPStatus.OK)


def _submission_response(visit: Visit, body: bytes) -> Response:
    wave = _wave(visit)
    renderer = ConditionRenderer(wave.questionnaire, wave.texts, visit.words)
    form = bound_form(form_class(renderer, wave.pin), body)
    localised = LocalisedForm(visit, renderer, form)
    agreed = form["consent"].data
    if agreed == NO:
        return _message_response(visit, ended(visit.words, wave.texts.endings[NO_CONSENT]))
    reading = read(renderer, form)
    if reading.ending is not None:
        return _message_response(visit, ended(visit.words, wave.texts.endings[reading.ending]))
    before = () if agreed == YES else (FieldFault("consent", visit.words("e-missing")),)
    after = () if form[READY].data else (FieldFault(READY, visit.words("e-ready")),)
    faults = (*before, *reading.faults, *after)
    if faults:
        return _form_to_mend_response(localised, faults, reading.undecided)
    return _store(localised, wave, encode(wave.questionnaire, reading.answers))


# Decision 124.
def _form_to_mend_response(
    localised: LocalisedForm, faults: tuple[FieldFault, ...], undecided: tuple[str, ...]
) -> Response:
    """Show the form again: what is at fault, cleared, and what may follow from it and has no answer yet."""
    renderer, form = localised.renderer, localised.form
    named = {fault.field for fault in faults}
    named |= {name for group in renderer.questionnaire.groups if group.id in named for name in group.items}
    asked = [item for item in renderer.questionnaire.items if item.id in named]
    for item in asked:
        clear(form, item, renderer)
    asked += [renderer.questionnaire.item(name) for name in undecided]
    shown = frozenset(item.id for item in asked if is_clear(form, item, renderer))
    return _form_response(localised, HTTPStatus.UNPROCESSABLE_ENTITY, faults, shown=shown)


def _store(localised: LocalisedForm, wave: PinnedWave, payload: bytes) -> Response:
    """Seal and store the payload. Each submission is sealed anew: a form sent twice is two records."""
    visit, record = localised.visit, wave.seal(payload)
    try:
        insert_only.insert_record(
            respond_resources().engine, bytes.fromhex(wave.manifest.key_id), record.row_key, record.to_bytes()
        )
    except store_errors.WaveClosedError:
        return _notice_response(visit, "closed")
    except store_errors.StoreError as error:
        _log(error)
        return _form_response(localised, TRY_AGAIN[type(error)], again=visit.words("full-text"))
    receipt = hashlib.sha256(record.envelope).hexdigest()
    return _message_response(visit, stored(visit.words, wave.texts, receipt))


def _form_response(
    localised: LocalisedForm,
    status: HTTPStatus,
    faults: tuple[FieldFault, ...] = (),
    again: str | None = None,
    shown: frozenset[str] = frozenset(),
) -> Response:
    visit, renderer, form = localised.visit, localised.renderer, localised.form
    style = f"{_plain_form().style}\n{rules(renderer.questionnaire)}"
    neither, both = consent(form)
    page = FormPage(
        study=visit.state.study,
        locale=visit.locale,
        dir=renderer.texts.dir,
        style=Markup(style),  # noqa: S704 - our stylesheet and rules of ids and codes, whose hash the policy names
        texts=renderer.texts,
        hidden=(form["pin"](id=False), form["lang"](id=False)),
        neither=neither,
        consent=both,
        ready=_unmarked(form[READY]),
        sections=tuple(sections(renderer, form, {fault.field: fault for fault in faults})),
        faults=tuple((fault.place, _fault_text(visit.words, renderer, fault)) for fault in faults),
        again=again,
        shown=shown,
    )
    return _page_response(render_template("respond/plain.html", page=page, words=visit.words), style, status)


def _unmarked(field: Field) -> Markup:
    """Return the confirmation before Send, unchecked also when the form is shown again with faults."""
    return Markup(field(value=YES, required=True, checked=False))  # noqa: S704 - WTForms escapes


def _fault_text(words: Wording, renderer: ConditionRenderer, fault: FieldFault) -> str:
    """Return the message of a fault, after the number of its question where it has one."""
    number = renderer.numbers.get(fault.field)
    return fault.message if number is None else f"{words('question', n=number)}{words('colon')}{fault.message}"


def _unavailable_response(visit: Visit, error: PlainFormError) -> Response:
    _log(error)
    return _notice_response(visit, "unavailable")


def _notice_response(visit: Visit, key: str) -> Response:
    return _message_response(visit, notice(visit.words, key), NOTICES[key])


def _message_response(visit: Visit, said: Said, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a page that only says something: one status for all endings and one length for all pages of a study."""
    pages = _plain_form()
    content = pages.padded(visit, said, lambda locale: read_wave(respond_resources().published, visit.state, locale))
    return _page_response(content, pages.style, status)


def _compressed(empty: Response) -> Response:
    """Return an empty form compressed; a form with answers never is, since its compressed size would depend on them."""
    content = empty.get_data()
    packed = compressed_response({"": content, "br": brotli.compress(content, quality=5)}, HTML)
    packed.headers.update({name: empty.headers[name] for name in ("Content-Security-Policy", "Referrer-Policy")})
    return packed


def _page_response(html: str | bytes, style: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = Response(html, int(status), content_type=HTML)
    response.headers["Content-Security-Policy"] = plain_form_policy(style)
    # With no-referrer a browser would send `Origin: null` with the form; with this policy it sends our own origin.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _visit(study: str, language: str) -> Visit:
    """Return the study and the language; 404 unless the study allows sealing by the server."""
    state = respond_resources().require_study(study)
    if (state.mode, state.sealing) != ("open", "phone-or-server"):
        abort(HTTPStatus.NOT_FOUND)
    locale = language if language in state.locales else state.locales[0]
    return Visit(state, locale, in_locale(_plain_form().wordings, locale))


def _wave(visit: Visit) -> PinnedWave:
    return read_wave(respond_resources().published, visit.state, visit.locale)


def _require_honest_request() -> None:
    """Refuse a form from another site, of another content type, or compressed."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = (
        site != "same-origin" if site is not None else origin is not None and urlsplit(origin).netloc != request.host
    )
    if foreign:
        abort(HTTPStatus.FORBIDDEN)
    if request.mimetype != FORM or request.headers.get("Content-Encoding"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _hidden_field(body: bytes, name: bytes) -> str:
    """Return one of the two hidden fields, whose values need no decoding; "" where it is missing."""
    part_found = next((part for part in body.split(b"&") if part.startswith(name + b"=")), b"")
    return part_found.partition(b"=")[2].decode("ascii", "replace")


def _log(error: Exception) -> None:
    # For the operator; the exception's message is our own text and contains nothing of the request.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)


def _plain_form() -> MessagePages:
    plain_form: MessagePages = current_app.extensions["plainform"]
    return plain_form
