"""The ways into the desk and out of it: signing in, the first time by a link, and signing out."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from survey.desk_app.challenges import PasskeyOffer, new_passkey_offer, sign_in_offer
from survey.desk_app.changes import changed
from survey.desk_app.code_setup import CodeSetup, code_setup, pending_secret
from survey.desk_app.forms import CheckedForm, FirstForm, FirstPasskeyForm, SignedForm, SignInForm
from survey.desk_app.signed_in import TOKEN, now, office, resources
from survey.office_db.people.accounts import FirstSession, NewMeans, first_sign_in, invited
from survey.office_db.people.sessions import sign_out as end_session
from survey.office_db.people.sign_in import Attempt, SignInError
from survey.office_db.people.sign_in import sign_in as begin
from survey.web.headers import PASSKEY_POLICY
from survey.web.responses import page_response

bp = Blueprint("entry", __name__)


@dataclass(frozen=True)
class SignInPage:
    """The data of the sign-in page; `problem` is empty, "typed" or "passkey"."""

    form: SignInForm
    problem: str
    insecure: bool
    passkey: PasskeyOffer | None
    signed_form: SignedForm


@dataclass(frozen=True)
class FirstSignInPage:
    """The data of the page for the first sign-in; `person` is empty where the link is worth nothing."""

    person: str
    insecure: bool
    form: FirstForm | None = None
    setup: CodeSetup | None = None
    problem: str = ""
    passkey: PasskeyOffer | None = None
    passkey_form: FirstPasskeyForm | None = None
    token: str = ""


@dataclass(frozen=True)
class CodesPage:
    """The recovery codes, shown this once."""

    codes: tuple[str, ...]
    insecure: bool


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> Response:
    """Show the sign-in form, or begin a session."""
    form = SignInForm()
    if request.method == "GET":
        return sign_in_page()
    token = _token(form) if form.validate() else None
    return signed_in(token) if token else sign_in_page("typed")


@bp.post("/logout")
def sign_out() -> Response:
    """End the session here and in the database."""
    if not CheckedForm().validate():
        abort(HTTPStatus.BAD_REQUEST)
    end_browser_session()
    session.clear()
    return redirect(url_for("entry.sign_in"), HTTPStatus.SEE_OTHER)


@bp.route("/welcome/<token>", methods=["GET", "POST"])
def first(token: str) -> Response:
    """Show what to choose at the first sign-in, or set what was chosen and show the recovery codes."""
    if request.method == "GET":
        return first_page(token)
    problem, begun = _chosen(FirstForm(), token)
    if begun is None:
        return first_page(token, problem)
    end_browser_session()
    signed_in(begun.token)
    return _page("desk/codes.html", CodesPage(begun.recovery_codes, resources().insecure), HTTPStatus.OK)


def sign_in_page(problem: str = "") -> Response:
    """Return the sign-in page, with what was wrong."""
    page = SignInPage(SignInForm(), problem, resources().insecure, sign_in_offer(), SignedForm(formdata=None))
    return _page("desk/login.html", page, HTTPStatus.UNAUTHORIZED if problem else HTTPStatus.OK)


def first_page(token: str, problem: str = "") -> Response:
    """Return the page of a link, with what was wrong; 404 where it is worth nothing."""
    with office() as database:
        person = invited(database, token, now())
        offer = new_passkey_offer(database, person) if person else None
    if person is None:
        return _page("desk/first.html", FirstSignInPage("", resources().insecure), HTTPStatus.NOT_FOUND)
    page = FirstSignInPage(
        person=person,
        insecure=resources().insecure,
        form=FirstForm(),
        setup=code_setup(person),
        problem=problem,
        passkey=offer,
        passkey_form=FirstPasskeyForm(formdata=None),
        token=token,
    )
    return _page("desk/first.html", page, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)


def _chosen(form: FirstForm, token: str) -> tuple[str, FirstSession | None]:
    """Return what is wrong with what was chosen, or the session that began."""
    if not form.validate():
        return "empty", None
    if form.password.data != form.again.data:
        return "twice", None
    means = NewMeans(form.password.data or "", pending_secret(), form.code.data or "")
    begun, problem = changed(lambda database: first_sign_in(database, token, means, now()))
    return problem, begun


def _token(form: SignInForm) -> str | None:
    attempt = Attempt(form.name.data or "", form.password.data or "", form.code.data or "")
    with office() as database:
        try:
            token = begin(database, attempt, now())
        except SignInError:
            return None
        database.commit()
    end_browser_session()
    return token


def end_browser_session() -> None:
    """End the session that this browser had, so that none is left behind."""
    with office() as database:
        end_session(database, session.get(TOKEN, ""))
        database.commit()


def signed_in(token: str) -> Response:
    """Give this browser a session, and nothing of before; return what leads to the studies."""
    session.clear()
    session[TOKEN] = token
    return redirect(url_for("desk.home"), HTTPStatus.SEE_OTHER)


def _page(template: str, page: object, status: HTTPStatus) -> Response:
    response = page_response(render_template(template, page=page), PASSKEY_POLICY)
    response.status_code = status
    return response
