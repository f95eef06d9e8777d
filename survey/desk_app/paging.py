"""Lists of the desk that go over several pages: which page is asked for."""

from http import HTTPStatus

from flask import abort, request

MOST_PAGES = 10**6


def page_number() -> int:
    """Return the page that is asked for; abort with 400 where it is no number of one."""
    text = request.args.get("page", "1")
    if not (
        text.isascii() and text.isdigit() and 0 < int(text[:7]) <= MOST_PAGES and len(text) <= len(str(MOST_PAGES))
    ):
        abort(HTTPStatus.BAD_REQUEST)
    return int(text)
