"""What a request of a phone must be before its body is read: sealed octets, from our own page, as they are."""

from http import HTTPStatus

from flask import abort, request

OCTETS = "application/octet-stream"


def require_octets() -> None:
    """Refuse what no page of ours sends: a request of another origin (403), a form, or a compressed body (415)."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(HTTPStatus.FORBIDDEN)
    if request.headers.get("Content-Type") != OCTETS or request.headers.get("Content-Encoding"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
