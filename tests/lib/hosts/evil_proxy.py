"""A server in front of a host that changes what passes, as a dishonest host or one between it and phones could."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from werkzeug import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.serving import make_server

from hosts.threaded_server import answering

HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class Reply:
    """What passes: the path with its query, whether a phone asked, and status, header lines and body."""

    path: str
    by_phone: bool
    status: int
    lines: tuple[tuple[str, str], ...]
    body: bytes

    def without(self, name: str) -> "Reply":
        """Return it without the lines of a header."""
        return replace(self, lines=tuple(line for line in self.lines if line[0].lower() != name.lower()))

    def having(self, *lines: tuple[str, str]) -> "Reply":
        """Return it with more header lines."""
        return replace(self, lines=(*self.lines, *lines))


Change = Callable[[Reply], Reply]


def nothing(reply: Reply) -> Reply:
    """Change nothing."""
    return reply


@dataclass
class EvilProxy:
    """Passes requests on to `port` of this machine and applies `change`; what came is asked for once."""

    port: int
    change: Change = nothing
    known: dict[tuple[str, str, frozenset[tuple[str, str]]], tuple[int, list[tuple[str, str]], bytes]] = field(
        default_factory=dict
    )

    @Request.application
    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        path = request.full_path.rstrip("?")
        reply = self.change(Reply(path, "Mobile" in request.headers.get("User-Agent", ""), *self._asked(path, request)))
        return Response(reply.body, reply.status, Headers([*reply.lines]))

    def _asked(self, path: str, request: Request) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        headers = {name: value for name, value in request.headers if name.lower() not in {"host", "connection"}}
        asked = (request.method, path, frozenset(headers.items()))
        if asked not in self.known:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request(request.method, path, request.get_data(), headers=headers)
            answer = connection.getresponse()
            lines = [line for line in answer.getheaders() if line[0].lower() not in HOP]
            self.known[asked] = (answer.status, lines, answer.read())
            connection.close()
        status, lines, body = self.known[asked]
        return status, tuple(lines), body


@contextmanager
def evil(origin: str) -> Iterator[tuple[EvilProxy, str]]:
    """Give a proxy before the host at `origin`, and its own origin."""
    proxy = EvilProxy(int(origin.rpartition(":")[2]))
    with answering(make_server("127.0.0.1", 0, proxy, threaded=True)) as url:
        yield proxy, url
