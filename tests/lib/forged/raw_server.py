"""A server that sends bytes as they are: what no HTTP library would send, and as slowly as is wanted."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer

from hosts.threaded_server import in_thread

Chunks = Callable[[str], Iterator[bytes]]
"""Gives the parts of an answer to a path, each sent as soon as it comes."""


def head(body: bytes, *lines: bytes, status: str = "200 OK") -> bytes:
    """Return status line and headers of an answer with `body`; `lines` come last, as they are."""
    first = (f"HTTP/1.1 {status}".encode(), b"Content-Length: %d" % len(body), b"Connection: close")
    return b"\r\n".join((*first, *lines, b"", b""))


def dripping(content: bytes, pause: float) -> Iterator[bytes]:
    """Yield a byte at a time."""
    for place in range(len(content)):
        yield content[place : place + 1]
        time.sleep(pause)


@contextmanager
def raw_server(chunks: Chunks) -> Iterator[str]:
    """Give the origin of a server that answers each request by the chunks of its path."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            path = self.request.recv(65536).decode("latin-1").split(" ")[1]
            try:
                for chunk in chunks(path):
                    self.request.sendall(chunk)
            except OSError:
                return  # Who asked has gone.

    class Server(ThreadingTCPServer):
        daemon_threads, block_on_close, allow_reuse_address = True, False, True

    server = Server(("127.0.0.1", 0), Handler)
    with in_thread(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"
