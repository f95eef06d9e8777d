"""What people see in place of a page: at a lost address, or after a failure. It is the same for everyone."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from flask import Response, render_template, request
from markupsafe import Markup

from survey.publication.frontend_files import LinkedFile
from survey.respond_app.page_assets import page_assets, phone_response
from survey.web.request_language import forget_language

VIEWS = frozenset({"respond.page", "withdraw.page", "kit.page", "log_pages.receipt"})
BLUEPRINTS = frozenset({"plainform", "public"})
"""The views, and the blueprints with all of theirs, that people open; the others answer scripts and programs."""


@dataclass(frozen=True)
class ErrorPage:
    """The template's data: which of two things it says, its script and its style."""

    says: Literal["link", "away"]
    still: LinkedFile
    style: Markup


# Decision 132.
def error_page(status: HTTPStatus) -> Response | None:
    """
    Return the page that people see for this status; None where a script asked, or for another kind of error.

    A script is told by the address alone: no answer depends on what a browser says of itself.
    """
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if not (status == HTTPStatus.NOT_FOUND or failed) or not _is_opened_by_people():
        return None
    forget_language()
    assets = page_assets()
    shown = ErrorPage("away" if failed else "link", assets.files.script("still"), assets.style)
    response = phone_response(render_template("respond/error.html", shown=shown))
    response.status_code = int(status)
    return response


def _is_opened_by_people() -> bool:
    if request.url_rule is None:
        return request.method in {"GET", "HEAD"}
    return request.endpoint in VIEWS or request.blueprint in BLUEPRINTS
