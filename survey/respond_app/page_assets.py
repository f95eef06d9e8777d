"""What the pages for respondents share: scripts, the style inside of them, and their compressed forms."""

from functools import lru_cache

import brotli
from flask import Response, current_app, request
from markupsafe import Markup

from survey.publication.frontend_files import Assets, LinkedFile
from survey.web.headers import phone_policy
from survey.web.request_language import is_named_by_address
from survey.web.responses import compressed_response

HTML = "text/html; charset=utf-8"
PAGES = 256
"""How many compressed pages are cached; a study has two for each of its states."""


class PageAssets:
    """The files of the front end, and a cache of up to PAGES compressed pages."""

    def __init__(self, files: Assets) -> None:
        self.files = files
        self._compress = lru_cache(maxsize=PAGES)(brotli.compress)

    @property
    def style(self) -> Markup:
        """The CSS that stands in each page, to be set without escapes."""
        return Markup(self.files.styles["page"])  # noqa: S704 - our own stylesheet, whose hash the policy names

    def compressed(self, page: bytes) -> bytes:
        """Return a page compressed with brotli at its slowest level; cached, since a page changes with its study."""
        return bytes(self._compress(page))


def page_assets() -> PageAssets:
    """Return the page assets of the application that serves this request."""
    assets: PageAssets = current_app.extensions["pages"]
    return assets


def leading_script() -> LinkedFile | None:
    """Return the script that leads a browser to its language's address; None where the address names a language."""
    return None if is_named_by_address() else page_assets().files.script("language")


def phone_response(html: str) -> Response:
    """Return a page that has this app's own style alone, plain and compressed, under the policy of phone pages.

    It has no secret and no visitor's data, so its compressed size reveals nothing.
    """
    assets, content = page_assets(), html.encode("utf-8")
    forms = {"": content} | ({"br": assets.compressed(content)} if request.accept_encodings["br"] > 0 else {})
    response = compressed_response(forms, HTML)
    response.headers["Content-Security-Policy"] = phone_policy(assets.files.styles["page"])
    return response
