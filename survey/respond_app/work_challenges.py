"""Proof-of-work challenges for phones with an open link; each proof is spent once, before the record is stored."""

from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from flask import Blueprint, Response, abort, current_app, request

from survey.admission.proof_of_work import HEADER, ProofOfWork, WorkError
from survey.admission.work_secret import WorkKeyError, load_secret
from survey.answers_db import insert_only
from survey.publication.folder import Published, StudyState

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

bp = Blueprint("working", __name__)


class WorkSecretFile:
    """The secret file of the proof of work, read at the first request of a study that needs it."""

    def __init__(self, published: Published, key: Path) -> None:
        self.published = published
        self.key = key

    @cached_property
    def work(self) -> ProofOfWork:
        """The maker and checker of challenges; raises WorkKeyError where the secret file is missing or invalid."""
        return load_secret(self.key)


@bp.get("/s/<study>/work")
def challenge(study: str) -> Response:
    """Send a new challenge; 404 where the study requires no work."""
    secret_file = _secret_file()
    state = secret_file.published.study(study)
    if state is None or not state.work:
        abort(HTTPStatus.NOT_FOUND)
    try:
        return Response(secret_file.work.challenge(study), content_type="application/json")
    except WorkKeyError as error:
        _abort_without_secret(error)


def spend_work(engine: "Engine", state: StudyState, row_key: bytes) -> None:
    """
    Spend the request's proof of work on this row where the study requires one.

    Aborts with 428 where there is no valid one: the phone then solves another challenge and sends the same bytes.
    Raises StoreError where the proof could not be stored.
    """
    if not state.work:
        return
    try:
        insert_only.insert_spent_work(
            engine, _secret_file().work.spent(request.headers.get(HEADER, ""), state.study, row_key)
        )
    except WorkError:
        abort(HTTPStatus.PRECONDITION_REQUIRED)
    except WorkKeyError as error:
        _abort_without_secret(error)


def _abort_without_secret(error: WorkKeyError) -> NoReturn:
    """Answer 503 and log what is wrong with the secret, which names a file of this host and nothing of a request."""
    current_app.logger.error("%s", error)
    abort(HTTPStatus.SERVICE_UNAVAILABLE)


def _secret_file() -> WorkSecretFile:
    desk: WorkSecretFile = current_app.extensions["work"]
    return desk
