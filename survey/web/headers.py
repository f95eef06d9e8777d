"""Security headers of every response, errors included, and plain-text responses."""

import base64
import hashlib
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

PLAIN_TEXT = "text/plain; charset=utf-8"
Directives = Mapping[str, str]
"""A Content-Security-Policy by its directives."""


def policy_text(directives: Directives) -> str:
    """Return directives as the header has them."""
    return "; ".join(f"{name} {value}" for name, value in directives.items())


NOTHING: Directives = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_NO_SCRIPT_SINKS = {"require-trusted-types-for": "'script'", "trusted-types": "'none'"}
# The empty icon is a data: address, so that no browser asks for /favicon.ico.
PAGE: Directives = {**NOTHING, "style-src": "'self'", "img-src": "data:", **_NO_SCRIPT_SINKS}

DENY_ALL = policy_text(NOTHING)
DESK_POLICY = policy_text({**PAGE, "form-action": "'self'"})
PASSKEY_POLICY = policy_text({**PAGE, "form-action": "'self'", "script-src": "'self'"})
"""Of the desk's pages that ask the browser for a passkey: one script, from here."""
DESK_FRAMES_POLICY = policy_text({**PAGE, "form-action": "'self'", "frame-src": "'self'"})
"""Of the desk's page that shows a questionnaire on paper in a frame."""
FRAMED_PAPER_POLICY = policy_text(
    {**NOTHING, "style-src": "'unsafe-inline'", "img-src": "data:", "frame-ancestors": "'self'", "sandbox": ""}
)
"""Of a page that was made of an author's file: of no origin, it runs, sends, opens and fetches nothing."""

_UNUSED_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope",
    "microphone", "payment", "usb",
)  # fmt: skip
_PERMISSIONS = dict.fromkeys(_UNUSED_FEATURES, "()")


def _permissions_text(permissions: Mapping[str, str]) -> str:
    return ", ".join(f"{feature}={allowed}" for feature, allowed in permissions.items())


COMMON_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": DENY_ALL,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


DOCUMENT_HEADERS = {"Permissions-Policy": _permissions_text(_PERMISSIONS)}
"""
What has a meaning for documents alone.

A browser reads Permissions-Policy where it makes a document of a response, a frame's included, and nowhere else
(https://www.w3.org/TR/permissions-policy/, "Create a Permissions Policy for a navigable from response"). Whatever else
can be opened as a document keeps it: pages, plain text, pictures, files of the log.
"""
# A phone fetches most of these with each interview, where 160 bytes of a header that says nothing count. Opened in
# a tab of their own, a script and JSON are shown as text, run nothing, and may load nothing (DENY_ALL).
NO_DOCUMENTS = frozenset({"text/javascript", "application/json", "application/octet-stream"})


# Once a respondent has switched on reading aloud, the next question plays without another press.
READING_ALOUD = _permissions_text({**_PERMISSIONS, "autoplay": "(self)"})


def phone_directives(style: str) -> Directives:
    """
    Return the policy of the phone page: our script, one style by its hash, answers to this origin only.

    blob: is for recordings and pictures that the page has compared with their pinned hashes.
    """
    return {
        **NOTHING,
        "script-src": "'self'",
        "connect-src": "'self'",
        "img-src": "data: blob:",
        "media-src": "blob:",
        "style-src": f"'sha256-{_csp_hash(style)}'",
        **_NO_SCRIPT_SINKS,
    }


def phone_policy(style: str) -> str:
    """Return `phone_directives` as the header has them."""
    return policy_text(phone_directives(style))


def plain_form_policy(style: str) -> str:
    """Return the policy of the form without JavaScript: no script, one style by its hash, sent to this origin only."""
    return policy_text(
        {
            **NOTHING,
            "form-action": "'self'",
            "img-src": "'self' data:",
            "style-src": f"'sha256-{_csp_hash(style)}'",
            **_NO_SCRIPT_SINKS,
        }
    )


def plain_text(status: HTTPStatus | int, text: str) -> Response:
    """Return a short answer in plain text."""
    return Response(text, int(status), content_type=PLAIN_TEXT)


def install_headers(
    app: Flask, referrer_policy: str, error_page: Callable[[HTTPStatus], Response | None] = lambda _: None
) -> None:
    """
    Add the headers to every response, and make every error a small answer that repeats nothing of the request.

    `error_page` returns a page for people to see for a status, None where plain text will do.
    """
    files = {**COMMON_HEADERS, "Referrer-Policy": referrer_policy}
    documents = {**files, **DOCUMENT_HEADERS}

    def add_headers(response: Response) -> Response:
        own = {name for name, _ in response.headers}
        every = files if response.mimetype in NO_DOCUMENTS else documents
        # In one call: setting headers one by one makes werkzeug scan all headers for each.
        response.headers.extend([(name, value) for name, value in every.items() if name not in own])
        return response

    # The log has no time and no address: only the kind of error and its route.
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    app.logger.handlers[:] = [handler]
    app.after_request(add_headers)
    app.extensions["error_page"] = error_page
    app.register_error_handler(HTTPException, _http_error_response)
    app.register_error_handler(Exception, _failure_response)


def _csp_hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


def _http_error_response(error: HTTPException) -> Response:
    response = _error_response(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))
    headers_kept = {"Allow", "Location", "Retry-After"}
    response.headers.extend((name, value) for name, value in error.get_headers() if name in headers_kept)
    return response


def _failure_response(error: Exception) -> Response:
    # Only the type and the route's template: an exception's text can contain what a respondent sent.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule or "no route")
    return _error_response(HTTPStatus.INTERNAL_SERVER_ERROR)


def _error_response(status: HTTPStatus) -> Response:
    page: Callable[[HTTPStatus], Response | None] = current_app.extensions["error_page"]
    return page(status) or plain_text(status, f"{status.value} {status.phrase}\n")
