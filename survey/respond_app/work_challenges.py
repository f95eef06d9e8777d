"""Work at the door: gives challenges to phones with an open link, and takes each proof once, before the answer."""

from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, request

from survey.admission.proof_of_work import HEADER, ProofOfWork, WorkError
from survey.admission.work_secret import WorkKeyError, load_secret
from survey.answers_db import insert_only
from survey.publication.folder import Published, StudyState

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

bp = Blueprint("working", __name__)


class WorkDesk:
    """Where the secret is; it is read once, when the first phone of a study that asks for work comes."""

    def __init__(self, published: Published, key: Path) -> None:
        self.published = published
        self.key = key

    @cached_property
    def work(self) -> ProofOfWork:
        """What makes and checks challenges; raises WorkKeyError where the secret is not here."""
        return load_secret(self.key)


@bp.get("/s/<study>/work")
def challenge(study: str) -> Response:
    """Give a fresh challenge; 404 where the study asks for none."""
    desk = _desk()
    state = desk.published.study(study)
    if state is None or not state.work:
        abort(HTTPStatus.NOT_FOUND)
    try:
        return Response(desk.work.challenge(study), content_type="application/json")
    except WorkKeyError as error:
        current_app.logger.error("%s", error)  # noqa: TRY400 - our own words; a traceback would only be longer
        abort(HTTPStatus.SERVICE_UNAVAILABLE)


def take_work(engine: "Engine", state: StudyState, row_key: bytes) -> None:
    """
    Spend the request's proof of work on this row where the study asks for one.

    Answers 428 where there is none that holds: the phone then fetches another challenge and hands in the same bytes.
    Raises StoreError where it could not be kept.
    """
    if not state.work:
        return
    try:
        insert_only.insert_spent_work(engine, _desk().work.spent(request.headers.get(HEADER, ""), state.study, row_key))
    except WorkError:
        abort(HTTPStatus.PRECONDITION_REQUIRED)
    except WorkKeyError:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)


def _desk() -> WorkDesk:
    desk: WorkDesk = current_app.extensions["work"]
    return desk
