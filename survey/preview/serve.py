"""Serves a preview on this machine until its author ends it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from survey.preview.app import preview_app
from survey.preview.loaded import Load
from survey.preview.session import PreviewSession
from survey.preview.watch import signature, watching

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Writes no line for a request: its address holds the token."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - as werkzeug has it
        """Write nothing."""


@contextmanager
def serving(file: Path, load: Load, port: int = 0) -> Iterator[tuple[str, PreviewSession]]:
    """
    Serve the preview of `file`, which `load` reads, on a loopback port; yield its secret address.

    Everything lies in one temporary folder, which is deleted at the end. Raises AssetError where the front end is not
    built, and OSError where the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="sotto-preview-") as folder:
        read = signature(file)
        session = PreviewSession.begin(load, Path(folder), file.name)
        server = make_server(HOST, port, preview_app(session), threaded=True, request_handler=_Quiet)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            with watching(file, read, session.refresh):
                yield f"http://{HOST}:{server.port}/preview/{session.token}", session
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
