"""The desk for gunicorn."""

import os
import tempfile
from pathlib import Path

from flask import Flask

from survey.desk_app.app import desk_app
from survey.desk_app.settings import DeskSettings
from survey.desk_process.child import Child
from survey.web.factory import app_from_environ


def desk_app_from_environ() -> Flask:
    """Return the desk app of this environment, whose files of authors a child process reads."""
    # Of this account alone: in the unit the folder is the unit's own (PrivateTmp).
    lock = Path(tempfile.gettempdir()) / f"sotto-desk-{os.getuid()}.lock"
    return app_from_environ(lambda environ: desk_app(DeskSettings.from_environ(environ), examine=Child(lock)))
