"""Resources of the views that accept records: insert-only database, published folder, responses to refusals."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, abort, current_app, request

from survey.admission.admission import Admission
from survey.answers_db import store_errors
from survey.publication.folder import STATES, Published, StudyState
from survey.web.headers import plain_text

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


REFUSALS = {
    store_errors.WaveClosedError: (HTTPStatus.GONE, "This survey is closed. Your answers were not stored.\n"),
    store_errors.RecordRefusedError: (
        HTTPStatus.BAD_REQUEST,
        "These answers do not fit this survey. They were not stored.\n",
    ),
    store_errors.WorkSpentError: (HTTPStatus.PRECONDITION_REQUIRED, "Not stored: the proof of work was used before.\n"),
    store_errors.StoreFullError: (
        HTTPStatus.INSUFFICIENT_STORAGE,
        "There is no room left. Not stored; please try again.\n",
    ),
    store_errors.StoreUnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "Not stored just now; please try again.\n"),
}


class RespondResources:
    """The insert-only store and the published folder; the record rules of up to STATES studies are cached."""

    def __init__(self, engine: "Engine | None", published: Published) -> None:
        self._engine = engine
        self.published = published
        self._admissions: dict[str, tuple[StudyState, Admission]] = {}

    @property
    def engine(self) -> "Engine":
        """The insert-only engine; raises LookupError in an application that was made without one, to show pages."""
        if self._engine is None:
            raise LookupError("this application shows pages and has no database")
        return self._engine

    def study_with_wave(self, slug: str) -> StudyState | None:
        """Return the state of a study that has or had a wave; None for any other."""
        state = self.published.study(slug)
        return state if state and state.epoch else None

    def require_study(self, slug: str) -> StudyState:
        """Return the state of a study that has or had a wave; abort with 404 for any other."""
        return self.study_with_wave(slug) or abort(HTTPStatus.NOT_FOUND)

    def admission(self, state: StudyState) -> Admission:
        """Return the admission rules of a study; the issuer keys are loaded once for each state."""
        previous, admission = self._admissions.get(state.study, (None, None))
        if admission is None or previous is not state:
            admission = Admission.of(state)
            self._admissions[state.study] = (state, admission)
            if len(self._admissions) > STATES:
                self._admissions.pop(next(iter(self._admissions)), None)
        return admission


def respond_resources() -> RespondResources:
    """Return the resources of the application that serves this request."""
    host: RespondResources = current_app.extensions["sotto"]
    return host


def refusal_response(error: store_errors.StoreError) -> Response:
    """Return the response for a record that was not stored; log what the operator must repair."""
    if isinstance(error, store_errors.StoreFullError | store_errors.StoreUnavailableError):
        # The exception's message is our own text and contains nothing of the request.
        current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)
    return plain_text(*REFUSALS[type(error)])
