"""Passkeys at the desk: signing in by one, at the first sign-in too, and adding and removing one's own."""

from http import HTTPStatus

from flask import Blueprint, abort, redirect, session, url_for
from werkzeug.wrappers import Response

from survey.desk_app.account import account_page
from survey.desk_app.challenges import answered
from survey.desk_app.changes import changed
from survey.desk_app.entry import end_browser_session, first_page, sign_in_page, signed_in
from survey.desk_app.forms import FirstPasskeyForm, PasskeyForm, RemovalForm, SignedForm
from survey.desk_app.signed_in import TOKEN, now, staff_only
from survey.office_db.people import own_account
from survey.office_db.people.own_account import AccountOwner
from survey.office_db.people.passkeys import sign_in_by_passkey

bp = Blueprint("passkeys", __name__)


@bp.post("/login/passkey")
def sign_in() -> Response:
    """Begin a session by a passkey; no name is typed, and no lock of a password holds here."""
    form = SignedForm()
    signed = answered(form.credential.data or "") if form.validate() else None
    if signed is None:
        return sign_in_page("passkey")
    token, problem = changed(lambda database: sign_in_by_passkey(database, signed, now()))
    if token is None:
        return sign_in_page(problem)
    end_browser_session()
    return signed_in(token)


@bp.post("/welcome/<token>/passkey")
def first(token: str) -> Response:
    """Add the passkey that somebody chose at the first sign-in, use up the link, and begin a session."""
    form = FirstPasskeyForm()
    signed, label = answered(form.credential.data or "") if form.validate() else None, form.label.data or ""
    if signed is None:
        return first_page(token, "passkey")
    begun, problem = changed(lambda database: own_account.first_passkey(database, token, signed, label, now()))
    if begun is None:
        return first_page(token, problem)
    end_browser_session()
    signed_in(begun)
    return redirect(url_for("account.page"), HTTPStatus.SEE_OTHER)


@bp.post("/account/passkey")
@staff_only
def add() -> Response:
    """Add a passkey; its code is then shown, by which the administrator confirms it."""
    form = PasskeyForm()
    made, label = answered(form.credential.data or "") if form.validate() else None, form.label.data or ""
    if made is None:
        return account_page("passkey")
    asks = _asks(form)
    _, problem = changed(lambda database: own_account.add_own_passkey(database, asks, made, label))
    return account_page(problem) if problem else redirect(url_for("account.page"), HTTPStatus.SEE_OTHER)


@bp.post("/account/passkey/remove")
@staff_only
def remove() -> Response:
    """Remove one of the person's own passkeys."""
    form = RemovalForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    asks, passkey = _asks(form), form.passkey.data or ""
    _, problem = changed(lambda database: own_account.remove_own_passkey(database, asks, passkey))
    if problem == "passkey":
        abort(HTTPStatus.NOT_FOUND)
    return account_page(problem) if problem else redirect(url_for("account.page"), HTTPStatus.SEE_OTHER)


def _asks(form: PasskeyForm | RemovalForm) -> AccountOwner:
    return AccountOwner(session.get(TOKEN, ""), form.present.data or "", now())
