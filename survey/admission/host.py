"""What takes records in: the database it can only add to, what is published, and how a refusal is answered."""

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import brotli
from flask import Response, current_app, request

from survey.admission.admission import Door
from survey.answers_db import store_errors
from survey.publication.folder import STATES, Published, StudyState
from survey.publication.frontend_files import Assets
from survey.web.headers import plain

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


PAGES = 256
"""How many compressed pages are kept; a study has two for each of its states."""
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


class Host:
    """What the respond app works with: the store it can only add to, the published folder, the page's files.

    It keeps what is slow to make, for as many pages and studies as are named here.
    """

    def __init__(self, engine: "Engine", published: Published, assets: Assets, style: str) -> None:
        self.engine = engine
        self.published = published
        self.assets = assets
        self.style = style
        self._compress = lru_cache(maxsize=PAGES)(brotli.compress)
        self._doors: dict[str, tuple[StudyState, Door]] = {}

    def smallest(self, page: bytes) -> bytes:
        """Return a page of a study as brotli makes it smallest: slowly, so once for each state of a study."""
        return bytes(self._compress(page))

    def door(self, state: StudyState) -> Door:
        """Return the door of a study, with its issuer keys loaded once for each state."""
        previous, door = self._doors.get(state.study, (None, None))
        if door is None or previous is not state:
            door = Door.of(state)
            self._doors[state.study] = (state, door)
            if len(self._doors) > STATES:
                self._doors.pop(next(iter(self._doors)), None)
        return door


def refused(error: store_errors.StoreError) -> Response:
    """Answer that nothing was stored, and why; what whoever runs the host must know is logged by its name."""
    if isinstance(error, store_errors.StoreFullError | store_errors.StoreUnavailableError):
        # The exception's words are ours and hold nothing of the request.
        current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)
    return plain(*REFUSALS[type(error)])
