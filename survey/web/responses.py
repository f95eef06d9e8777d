"""Answers to a browser: a page under its policy, or bytes in the smallest form that the browser takes."""

from collections.abc import Mapping

from flask import Response, request

from survey.publication.frontend_files import ENCODINGS


def compressed(forms: Mapping[str, bytes], content_type: str) -> Response:
    """Return the smallest of the forms that the browser takes. For immutable bytes that hold nothing secret."""
    encoding = next((name for name in ENCODINGS if name in forms and request.accept_encodings[name] > 0), "")
    response = Response(forms[encoding], content_type=content_type)
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def shown(html: str, policy: str) -> Response:
    """Return a page under a content security policy."""
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy
    return response
