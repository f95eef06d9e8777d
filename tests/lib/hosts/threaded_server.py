"""Servers that answer from a thread of this process until a block ends, whatever happens in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

from sqlalchemy import Engine
from werkzeug.serving import BaseWSGIServer


@contextmanager
def in_thread(server: BaseServer) -> Iterator[None]:
    """Let a server answer meanwhile; afterwards close it."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(server: BaseWSGIServer, *engines: Engine) -> Iterator[str]:
    """Give the server's origin; afterwards close the server, and then the database engines of its applications."""
    try:
        with in_thread(server):
            yield f"http://127.0.0.1:{server.port}"
    finally:
        for engine in engines:
            engine.dispose()
