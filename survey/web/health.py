"""Whether a process runs, and whether it can do its work: two questions of whoever watches it, and no counts."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response

from crypto.errors import SottoError
from survey.web.headers import plain_text

RUNS, READY = "/healthz", "/readyz"


def install_health(app: Flask, require_ready: Callable[[], None]) -> None:
    """
    Answer RUNS with 200 while the process runs, and READY with 200 or, where `require_ready` raises SottoError, 503.

    What stops a process is written to its log, not into the answer: strangers may ask too.
    """

    def ready() -> Response:
        try:
            require_ready()
        except SottoError as error:
            logging.getLogger(__name__).warning("not ready: %s", error)
            return plain_text(HTTPStatus.SERVICE_UNAVAILABLE, "not ready\n")
        return plain_text(HTTPStatus.OK, "ready\n")

    app.add_url_rule(RUNS, "health", lambda: plain_text(HTTPStatus.OK, "ok\n"), methods=["GET"])
    app.add_url_rule(READY, "ready", ready, methods=["GET"])
