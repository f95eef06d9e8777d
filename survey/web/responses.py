"""Responses to a browser: a page with its content security policy, or precompressed bytes."""

from collections.abc import Mapping

from flask import Response, request

from survey.publication.frontend_files import ENCODINGS


def compressed_response(forms: Mapping[str, bytes], content_type: str) -> Response:
    """Return the smallest encoding that the browser accepts; `forms`: encoding -> immutable bytes without secrets."""
    encoding = next((name for name in ENCODINGS if name in forms and request.accept_encodings[name] > 0), "")
    response = Response(forms[encoding], content_type=content_type)
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def page_response(html: str, policy: str) -> Response:
    """Return a page with a content security policy."""
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy
    return response
