"""Forms come from this site's own pages alone: the browser says in `Origin`, or else `Referer`, whose page it was."""

from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from flask import Flask, abort, request

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""
ONION = ".onion"


def install_own_origin(app: Flask, *, plain_http: bool) -> None:
    """
    Refuse with 400, before a form is read, what another site's page sent, and what says nothing of its page.

    `plain_http`: pages may have come without TLS; those of an onion service always may. The name that the request
    itself has was compared with the app's hosts (TRUSTED_HOSTS). No header is believed by which a proxy would tell of
    TLS: the front sends none, and a client could.
    """
    schemes = {"https", "http"} if plain_http else {"https"}

    def require_own_origin() -> None:
        # What no route takes is answered as everywhere: it changes nothing.
        if request.endpoint is not None and request.method not in SAFE and not _is_own(schemes):
            abort(HTTPStatus.BAD_REQUEST)

    app.before_request(require_own_origin)


def _is_own(schemes: set[str]) -> bool:
    stated = request.headers.get("Origin", request.headers.get("Referer", ""))
    try:
        page, own = urlsplit(stated), urlsplit(f"//{request.host}")
        stated_port, port = page.port, own.port
    except ValueError:
        return False
    # Behind the front the name comes without a port.
    return port in {None, stated_port} and page.hostname == own.hostname and page.scheme in schemes | _of_onion(own)


def _of_onion(own: SplitResult) -> set[str]:
    return {"http"} if (own.hostname or "").endswith(ONION) else set()
