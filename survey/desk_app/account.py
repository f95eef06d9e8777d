"""My account: password, authenticator app, recovery codes and open sessions of whoever is signed in."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from survey.desk_app.challenges import PasskeyOffer, new_passkey_offer
from survey.desk_app.changes import changed
from survey.desk_app.code_setup import CodeSetup, code_setup, forget_secret, pending_secret
from survey.desk_app.entry import CodesPage
from survey.desk_app.forms import CheckedForm, CodesForm, PasskeyForm, PasswordForm, PresentForm
from survey.desk_app.signed_in import TOKEN, Frame, frame, now, office, resources, staff_only
from survey.office_db.people import own_account
from survey.office_db.people.accounts import Person, person
from survey.office_db.people.own_account import AccountOwner
from survey.office_db.people.passkeys import OwnPasskey, own_passkeys
from survey.office_db.people.second_factor import recovery_codes_left
from survey.office_db.people.sessions import OpenSession, open_sessions
from survey.web.headers import PASSKEY_POLICY
from survey.web.responses import page_response

bp = Blueprint("account", __name__)


@dataclass(frozen=True)
class AccountPage:
    """The data of the account's page; `problem` says what was wrong with which form."""

    frame: Frame
    person: Person
    recovery: int
    sessions: tuple[OpenSession, ...]
    password_form: PasswordForm
    present_form: PresentForm
    check: CheckedForm
    passkeys: tuple[OwnPasskey, ...]
    passkey: PasskeyOffer | None
    passkey_form: PasskeyForm
    problem: str = ""


@dataclass(frozen=True)
class AppPage:
    """The data of the page that sets up an authenticator app."""

    frame: Frame
    person: Person
    form: CodesForm
    setup: CodeSetup
    problem: str = ""


@bp.get("/account")
@staff_only
def page() -> Response:
    """Show by what the person signs in, and where they are signed in."""
    return account_page()


@bp.post("/account/password")
@staff_only
def password() -> Response:
    """Set a new password, and end the other sessions."""
    form = PasswordForm()
    if not form.validate():
        return account_page("empty")
    if form.password.data != form.again.data:
        return account_page("twice")
    signed, new = _signed(form), form.password.data or ""
    _, problem = changed(lambda database: own_account.change_password(database, signed, new))
    return account_page(problem) if problem else _back()


@bp.route("/account/app", methods=["GET", "POST"])
@staff_only
def app() -> Response:
    """Set up an authenticator app, in place of any before, and show the recovery codes that come with it."""
    form = CodesForm()
    if not form.is_submitted():
        return _app_page(form)
    if not form.validate():
        return _app_page(form, "empty")
    signed, secret, code = _signed(form), pending_secret(), form.code.data or ""
    codes, problem = changed(lambda database: own_account.set_up_app(database, signed, secret, code))
    if codes is None:
        return _app_page(form, problem)
    forget_secret()
    return _answer("desk/codes.html", CodesPage(codes, resources().insecure))


@bp.post("/account/recovery")
@staff_only
def recovery() -> Response:
    """Make new recovery codes and show them once."""
    form = PresentForm()
    if not form.validate():
        return account_page("empty")
    codes, problem = changed(lambda database: own_account.renew_codes(database, _signed(form)))
    if codes is None:
        return account_page(problem)
    return _answer("desk/codes.html", CodesPage(codes, resources().insecure))


@bp.post("/account/sessions")
@staff_only
def sessions() -> Response:
    """End every other session."""
    form = CheckedForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    with office() as database:
        own_account.end_others(database, AccountOwner(session.get(TOKEN, ""), "", now()))
        database.commit()
    return _back()


def _signed(form: PasswordForm | CodesForm | PresentForm) -> AccountOwner:
    return AccountOwner(session.get(TOKEN, ""), form.present.data or "", now())


def _back() -> Response:
    return redirect(url_for("account.page"), HTTPStatus.SEE_OTHER)


def account_page(problem: str = "") -> Response:
    """Return the account's page, with what was wrong."""
    with office() as database:
        one = person(database, g.person, now())
        data = AccountPage(
            frame=frame(),
            person=one,
            recovery=recovery_codes_left(database, g.person),
            sessions=open_sessions(database, g.person, session.get(TOKEN, ""), now()),
            password_form=PasswordForm(),
            present_form=PresentForm(),
            check=CheckedForm(),
            passkeys=own_passkeys(database, g.person),
            passkey=new_passkey_offer(database, g.person),
            passkey_form=PasskeyForm(formdata=None),
            problem=_worded(problem, one),
        )
    return _answer("desk/account.html", data, problem)


def _app_page(form: CodesForm, problem: str = "") -> Response:
    with office() as database:
        one = person(database, g.person, now())
    return _answer("desk/app.html", AppPage(frame(), one, form, code_setup(g.person), _worded(problem, one)), problem)


def _worded(problem: str, one: Person) -> str:
    """Return what was wrong: who has no password to type shows by a passkey, a little ago, who they are."""
    return "stale" if problem == "present" and not one.password else problem


def _answer(template: str, data: object, problem: str = "") -> Response:
    response = page_response(render_template(template, page=data), PASSKEY_POLICY)
    response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return response
