"""Development only: respond app and issuer under one origin, as nginx serves them in production."""

from typing import TYPE_CHECKING

from werkzeug.middleware.http_proxy import ProxyMiddleware

from survey.respond_app.app import respond_app_from_environ

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SECONDS = 30


def front_app_from_environ(issuer_port: int) -> "WSGIApplication":
    """Return the respond app of this environment with `/t/` proxied to the issuer's process on this machine."""
    issuer = {"target": f"http://127.0.0.1:{issuer_port}", "remove_prefix": False, "host": None}
    return ProxyMiddleware(respond_app_from_environ(), {"/t/": issuer}, timeout=SECONDS)
