"""Checks of a phone's request before its body is read: same origin, octet-stream, not compressed."""

from http import HTTPStatus

from flask import abort, request

OCTETS = "application/octet-stream"


def require_octets() -> None:
    """Abort with 403 for a request from another origin, with 415 for another content type or a compressed body."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(HTTPStatus.FORBIDDEN)
    if request.headers.get("Content-Type") != OCTETS or request.headers.get("Content-Encoding"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
