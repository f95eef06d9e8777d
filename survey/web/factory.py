"""What the applications have in common: how one is made, starts under gunicorn, and does without sessions."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Request
from flask.sessions import SessionInterface

from crypto.errors import SottoError, public_text
from survey.settings import Settings
from survey.web.request_language import install_languages

TEMPLATES = Path(__file__).parents[2] / "templates"
# gunicorn stops, instead of starting the worker again and again, at this exit code.
CANNOT_START = 4


class NoSessions(SessionInterface):
    """No respondent has a session: there is nothing to open, nothing to save, and no cookie could be set."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Open nothing; a view that asks for a session fails."""


def bare_app(settings: Settings) -> Flask:
    """Return an application without routes that answers to the settings' hosts alone."""
    app = Flask("survey", static_folder=None, template_folder=str(TEMPLATES))
    app.config.update(TRUSTED_HOSTS=list(settings.hosts), PROVIDE_AUTOMATIC_OPTIONS=False, PROPAGATE_EXCEPTIONS=False)
    return app


def from_environ(factory: Callable[[Settings], Flask]) -> Flask:
    """Return the application of this environment, or end the process with one line that says what to do."""
    try:
        return factory(Settings.from_environ(os.environ))
    except SottoError as error:
        sys.stderr.write(f"sotto: {public_text(error)}\n")
        raise SystemExit(CANNOT_START) from None


def localised_app(settings: Settings) -> Flask:
    """Return a bare application whose pages come in the visitor's language."""
    app = bare_app(settings)
    install_languages(app)
    return app
