"""The document of a log entry `pages`: body and headers of each page of a study, as every respondent gets them."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from survey.document import Document
from survey.names import Sha256, Slug

FORMAT: Literal["sotto-pages-1"] = "sotto-pages-1"
NOT_COMPARED = frozenset(
    {
        "date", "server", "connection", "keep-alive", "content-length", "content-encoding", "transfer-encoding", "vary",
        "strict-transport-security",
    }
)  # fmt: skip
"""The names of headers that are of one connection or of the server in front, and not of the page."""
NOT_OF_FILES = frozenset({"content-type", "onion-location", "permissions-policy"})
"""The names of headers that files under /static/ have of their own, or lack; all others are those of BLANK."""
BLANK = "/blank"
PHONE_PAGE = "/s/{study}"
RECEIPT, PLAIN_FORM = "/c/{study}", "/f/{study}"
"""The paths of the two pages that also answer in the language of `?lang=`."""
QUESTIONS = "/questions"
"""What stands behind PLAIN_FORM in the path of its questions, which answer an empty POST and no GET."""
_ASKED_BY_POST = re.compile(rf"/f/[^/?]+{QUESTIONS}(\?.*)?")
PATHS = (PHONE_PAGE, "/w/{study}", RECEIPT, "/k/{study}", "/k/{study}/sw.js", "/k/{study}/app.webmanifest", BLANK)
"""The paths of every study's pages; an open wave may have the plain form too."""


class ServedPage(Document):
    """A page: the hex SHA-256 of its decoded body, and its headers but those of NOT_COMPARED, as `compared_headers`."""

    sha256: Sha256
    headers: dict[str, str]


class PagesDocument(Document):
    """The pages of a study by path, with `?lang=` where there is one; `frontend` is the hash of the files they load."""

    format: Literal["sotto-pages-1"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    frontend: Sha256
    pages: Annotated[dict[str, ServedPage], Field(min_length=1)]


def compared_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """
    Return the headers that are compared: lower-case name -> value.

    Spaces and tabs around a value are no part of it (RFC 9110, section 5.5), and any other sign is. Values of one name
    are joined by ", " in their order (RFC 9110, section 5.3), so that a second one is seen.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() not in NOT_COMPARED:
            values.setdefault(name.lower(), []).append(value.strip(" \t"))
    return {name: ", ".join(several) for name, several in values.items()}


def method_of(path: str) -> Literal["GET", "POST"]:
    """Return the method by which a page is asked for: an empty POST for the questions of the plain form, else GET."""
    return "POST" if _ASKED_BY_POST.fullmatch(path) else "GET"


def questions_path(path: str) -> str:
    """Return the path of the questions that a first page of the plain form, with or without `?lang=`, leads to."""
    before, mark, query = path.partition("?")
    return f"{before}{QUESTIONS}{mark}{query}"


def missing_paths(pages: Mapping[str, object], study: str) -> tuple[str, ...]:
    """Return the paths that a document leaves out: of PATHS, and the questions of each first page of a plain form."""
    first = PLAIN_FORM.format(study=study)
    forms = (questions_path(path) for path in pages if path.partition("?")[0] == first)
    return tuple(path for path in (*(one.format(study=study) for one in PATHS), *forms) if path not in pages)
