"""The page of a wave: its life as a checklist, and the documents that cross between the machines."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, render_template

from survey.desk_app.checklist.steps import WaveStep, steps
from survey.desk_app.request_views import may_ask, offered
from survey.desk_app.signed_in import Frame, frame, office, require_study, staff_only
from survey.desk_app.views import title_of
from survey.office_db import study_status
from survey.office_db.people.role import Role
from survey.office_db.wave_record import WaveRecord, wave_file, wave_record
from survey.web.downloads import download
from survey.web.headers import DESK_POLICY
from survey.web.responses import page_response

bp = Blueprint("checklist", __name__)
TYPES = {"yaml": "application/yaml", "json": "application/json"}


@dataclass(frozen=True)
class WavePage:
    """
    The data of a wave's page; `offered` are the kinds of requests that can be asked for now by who looks.

    `part`: what who looks can do here: ask, look after fieldwork, or compare (an auditor).
    """

    frame: Frame
    study: str
    title: str
    record: WaveRecord
    steps: tuple[WaveStep, ...]
    offered: frozenset[str]
    part: str


@bp.get("/studies/<study>/waves/<int:wave>")
@staff_only
def page(study: str, wave: int) -> Response:
    """Show what of a wave's life is done, by whom and when, and what comes next."""
    with office() as database:
        found = study_status.study(database, require_study(study)) or abort(HTTPStatus.NOT_FOUND)
        record = wave_record(database, study, wave) or abort(HTTPStatus.NOT_FOUND)
    kinds = frozenset(kind for kind, number in offered(found) if number == wave and may_ask(study))
    data = WavePage(frame(), study, title_of(found), record, steps(record), kinds, _part(study))
    return page_response(render_template("desk/wave.html", page=data), DESK_POLICY)


@bp.get("/studies/<study>/waves/<int:wave>/documents/<name>")
@staff_only
def document(study: str, wave: int, name: str) -> Response:
    """Send one document of a wave, under a name that says of which wave it is."""
    with office() as database:
        record = wave_record(database, require_study(study), wave) or abort(HTTPStatus.NOT_FOUND)
        content = wave_file(database, record, name) or abort(HTTPStatus.NOT_FOUND)
    kept = f"{study}.yaml" if name == "questionnaire.yaml" else f"{study}-wave-{wave}-{name}"
    return download(content, TYPES[name.rpartition(".")[2]], kept)


def _part(study: str) -> str:
    """Return what whoever is signed in can do about a wave."""
    if may_ask(study):
        return "ask"
    return "fieldwork" if g.roles.has(Role.FIELDWORKER, study=study) else "compare"
