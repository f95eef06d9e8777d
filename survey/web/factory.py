"""What the application factories share: a bare Flask application, start-up under gunicorn, no sessions."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask, Request
from flask.sessions import SessionInterface

from crypto.errors import SottoError, public_text
from survey.publication.frontend_files import Assets
from survey.web.request_language import install_languages

TEMPLATES = Path(__file__).parents[2] / "templates"
# gunicorn stops at this exit code instead of restarting the worker.
CANNOT_START = 4


class NoSessions(SessionInterface):
    """Sessions switched off: no cookie is read or set."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Open no session; a view that uses one fails."""


def bare_app(hosts: tuple[str, ...]) -> Flask:
    """Return an application without routes that accepts only the host names `hosts`."""
    app = Flask("survey", static_folder=None, template_folder=str(TEMPLATES))
    app.config.update(TRUSTED_HOSTS=list(hosts), PROVIDE_AUTOMATIC_OPTIONS=False, PROPAGATE_EXCEPTIONS=False)
    return app


def app_from_environ(factory: Callable[[Mapping[str, str]], Flask]) -> Flask:
    """Return the application for this environment; end the process with a one-line message on bad settings."""
    try:
        return factory(os.environ)
    except SottoError as error:
        sys.stderr.write(f"sotto: {public_text(error)}\n")
        raise SystemExit(CANNOT_START) from None


def localised_app(hosts: tuple[str, ...], assets: Assets) -> Flask:
    """Return a bare application whose pages come in the visitor's language, with the stylesheet of staff and public."""
    app = bare_app(hosts)
    install_languages(app)
    app.jinja_env.globals["pages_css"] = assets.linked("pages.css")
    return app
