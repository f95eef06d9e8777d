"""What every answer of each application carries, errors included; and what an answer in plain words looks like."""

import base64
import hashlib
import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
NO_SCRIPT_SINKS = "require-trusted-types-for 'script'; trusted-types 'none'"
# The empty icon is a data: address, so that no browser asks for /favicon.ico.
SHOWN = f"{NOTHING}; style-src 'self'; img-src data:; {NO_SCRIPT_SINKS}"
DESK = SHOWN.replace("form-action 'none'", "form-action 'self'")

COMMON = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), microphone=(), payment=(), usb=()"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


# Who asked to hear the questions hears the next one without another press.
READING_ALOUD = COMMON["Permissions-Policy"].replace("autoplay=()", "autoplay=(self)")


def phone_policy(style: str) -> str:
    """
    Return the policy of the phone page: our script, one style by its hash, answers to this origin only.

    blob: is for recordings and pictures that the page has compared with their pinned hashes.
    """
    return (
        f"{NOTHING}; script-src 'self'; connect-src 'self'; img-src data: blob:; media-src blob:; "
        f"style-src 'sha256-{_fingerprint(style)}'; {NO_SCRIPT_SINKS}"
    )


def plain_form_policy(style: str) -> str:
    """Return the policy of the form without JavaScript: no script, one style by its hash, sent to this origin only."""
    own = NOTHING.replace("form-action 'none'", "form-action 'self'")
    return f"{own}; img-src 'self' data:; style-src 'sha256-{_fingerprint(style)}'; {NO_SCRIPT_SINKS}"


def plain(status: HTTPStatus | int, text: str) -> Response:
    """Return a short answer in plain text."""
    return Response(text, int(status), content_type="text/plain; charset=utf-8")


def guard(app: Flask, referrer_policy: str) -> None:
    """Give every answer its headers, and every error a small page that says nothing of the request."""
    every = {**COMMON, "Referrer-Policy": referrer_policy}

    def add_headers(response: Response) -> Response:
        own = {name for name, _ in response.headers}
        # All at once: werkzeug looks through all headers for each that is set by itself.
        response.headers.extend([(name, value) for name, value in every.items() if name not in own])
        return response

    # No time and no place: of an error, the log holds what it was and on which route.
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    app.logger.handlers[:] = [handler]
    app.after_request(add_headers)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def _fingerprint(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


def _refused(error: HTTPException) -> Response:
    response = _small(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))
    headers_kept = {"Allow", "Location", "Retry-After"}
    response.headers.extend((name, value) for name, value in error.get_headers() if name in headers_kept)
    return response


def _failed(error: Exception) -> Response:
    # The type and the route's template: an exception's text can hold what a respondent sent.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule or "no route")
    return _small(HTTPStatus.INTERNAL_SERVER_ERROR)


def _small(status: HTTPStatus) -> Response:
    return plain(status, f"{status.value} {status.phrase}\n")
