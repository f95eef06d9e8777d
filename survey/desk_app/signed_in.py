"""What every staff page uses: the app's resources, who is signed in, and the frame around the page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, ParamSpec

from flask import abort, current_app, g, redirect, session, url_for
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from sqlmodel import Session
from werkzeug.wrappers import Response

from survey.desk_app.authoring.reader import Examine
from survey.desk_app.releases import DeskReleases
from survey.names import SLUG
from survey.office_db.people.role import Role
from survey.office_db.people.roles import roles_of
from survey.office_db.people.sessions import current
from survey.office_db.people.sign_in import Clock, has_second_factor
from survey.publication.frontend_files import Assets
from survey.release.release import Release

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

P = ParamSpec("P")
AUDIT = (Role.OWNER, Role.AUDITOR)
"""Who reads the audit."""
TOKEN = "token"  # noqa: S105 - the name of the cookie's field, not a secret


class SignOutForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Only the CSRF token: signing out changes state, so it is a form and not a link."""


@dataclass(frozen=True)
class DeskResources:
    """
    The desk app's resources: the office database, the pages' files, and whether cookies may be sent over http.

    `unsigned`: the operator takes what cannot be undone from people without a passkey too; `second_person`: it waits
    with it until somebody else approved it. `examine` reads authors' files, in another process.
    """

    engine: "Engine"
    releases: DeskReleases
    assets: Assets
    insecure: bool
    unsigned: bool
    second_person: bool
    examine: Examine


@dataclass(frozen=True)
class Frame:
    """The data of the frame around every staff page."""

    person: str
    sign_out: SignOutForm
    insecure: bool
    second_factor: bool
    audit: bool
    people: bool


def staff_only(view: Callable[P, Response]) -> Callable[P, Response]:
    """Redirect to the sign-in page unless somebody is signed in; their name is then `g.person`."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
        with office() as database:
            browser_session = current(database, session.get(TOKEN, ""), now())
            name = browser_session.staff if browser_session else ""
            g.person, g.roles = name, roles_of(database, name)
            g.second_factor = has_second_factor(database, name)
            database.commit()
        return view(*args, **kwargs) if name else redirect(url_for("entry.sign_in"), HTTPStatus.SEE_OTHER)

    return checked


def for_roles(*roles: Role) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Let only people who have one of `roles` for the whole host see a page (below `staff_only`); 403 for others."""

    def guarded(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
            return view(*args, **kwargs) if g.roles.has(*roles) else abort(HTTPStatus.FORBIDDEN)

        return checked

    return guarded


def require_study(study: str) -> str:
    """Return a study that the person may see; abort with 404, as for one that is not there, for any other."""
    # No name of a study is asked of the database that it could not hold.
    return study if SLUG.fullmatch(study) and g.roles.sees(study) else abort(HTTPStatus.NOT_FOUND)


def require_release(name: str) -> Release:
    """Return a published release of a study that the person may see; abort with 404 where there is none."""
    release = resources().releases.release(name) or abort(HTTPStatus.NOT_FOUND)
    require_study(release.study)
    return release


def resources() -> DeskResources:
    """Return the resources of the app that answers."""
    own: DeskResources = current_app.extensions["sotto"]
    return own


def office() -> Session:
    """Return a session of the office database."""
    return Session(resources().engine)


def now() -> int:
    """Return Unix seconds, by the app's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock()


def frame() -> Frame:
    """Return the frame for whoever is signed in."""
    audit, people = g.roles.has(*AUDIT), g.roles.has(Role.OWNER)
    return Frame(g.person, SignOutForm(), resources().insecure, g.second_factor, audit, people)
