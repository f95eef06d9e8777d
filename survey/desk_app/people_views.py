"""People: who is here, what they are, by which means they sign in, and the command for each change. For owners."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from survey.desk_app.challenges import site
from survey.desk_app.signed_in import Frame, for_roles, frame, now, office, staff_only
from survey.office_db.people.accounts import Person, people
from survey.office_db.people.role import Role
from survey.web.headers import DESK_POLICY
from survey.web.responses import page_response

bp = Blueprint("people", __name__)


@dataclass(frozen=True)
class PeoplePage:
    """The data of the list of people."""

    frame: Frame
    people: tuple[Person, ...]
    address: str


@bp.get("/people")
@staff_only
@for_roles(Role.OWNER)
def page() -> Response:
    """List the people of the desk."""
    with office() as database:
        data = PeoplePage(frame(), tuple(people(database, now())), site().origin)
    return page_response(render_template("desk/people.html", page=data), DESK_POLICY)
