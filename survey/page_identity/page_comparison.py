"""Compares the pages and files that a host sends with those that its log names, and tells each difference."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from urllib.parse import urlsplit

from crypto.canonical import digest
from survey.http_client import HttpError
from survey.page_identity.pages_document import (
    BLANK,
    NOT_OF_FILES,
    PHONE_PAGE,
    PLAIN_FORM,
    PagesDocument,
    ServedPage,
    compared_headers,
    missing_paths,
)
from survey.page_identity.visits import Answer, VisitedHost, visits

ONION = "onion-location"
SERVED = re.compile(rb"/static/([\w.-]{1,200})")
NOT_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
ASKS = re.compile(rb"<(script|form|input|button|iframe)", re.IGNORECASE)
"""What a page has that asks something; the page of a study without an open wave has none of it."""
SHOWN = 120
"""The most characters of a host's header that a message repeats, escaped."""


# Decision 111.
def still_asking(address: str, study: str, wave: int) -> Iterator[str]:
    """Yield where the host at `address` serves an interview of a study whose newest wave has its box."""
    host = VisitedHost(address)
    for path in (PHONE_PAGE.format(study=study), PLAIN_FORM.format(study=study)):
        for asked, headers in visits(path):
            try:
                answer = host.visit(path, headers)
            except HttpError as error:
                yield f"{path}, {asked}, {error}"
                continue
            if answer.status == HTTPStatus.OK and ASKS.search(answer.body):
                yield f"{path}, {asked}: wave {wave} has a box, but {address} still serves its interview"
            elif answer.status != HTTPStatus.OK and answer.status not in NOT_THERE:
                yield f"{path}, {asked}, answers {answer.status} where the log has no page"


@dataclass
class PageComparison:
    """
    One comparison of a host at `address` (https://HOST) with a document of its log.

    `files`: the front end that the document names, name -> hex SHA-256.
    """

    address: str
    pages: PagesDocument
    files: Mapping[str, str]
    _named: set[str] = field(default_factory=set, init=False)

    @cached_property
    def _host(self) -> VisitedHost:
        return VisitedHost(self.address)

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each body, header, header name and file that is other than the log says."""
        yield from self.document_faults()
        yield from self._page_faults()
        yield from self._file_faults()

    def document_faults(self) -> Iterator[str]:
        """Yield a sentence for each page of every study that the document leaves out; no host is asked."""
        yield from (f"the log leaves out the page {path}" for path in missing_paths(self.pages.pages, self.pages.study))

    def _page_faults(self) -> Iterator[str]:
        for path, page in sorted(self.pages.pages.items()):
            yield from self._faults(path, page)
        plain_form = PLAIN_FORM.format(study=self.pages.study)
        if plain_form not in self.pages.pages:
            yield from self._faults(plain_form, None)

    def _file_faults(self) -> Iterator[str]:
        for name in sorted({*self.files} | self._named):
            for asked, headers in visits(f"/static/{name}"):
                yield from (f"/static/{name}, {asked}, {fault}" for fault in self._file(name, headers))

    def _faults(self, path: str, page: ServedPage | None) -> Iterator[str]:
        """Yield what is wrong with a page; where the log has none there, that the host has one."""
        for asked, headers in visits(path):
            try:
                answer = self._host.visit(path, headers)
            except HttpError as error:
                yield f"{path}, {asked}, {error}"
                continue
            self._named |= {name.decode() for name in SERVED.findall(answer.body)}
            told = self._differences(page, answer) if page else _unexpected(answer)
            yield from (f"{path}, {asked}, {fault}" for fault in told)

    def _differences(self, page: ServedPage, answer: Answer) -> Iterator[str]:
        if answer.status != HTTPStatus.OK:
            yield f"answers {answer.status} where the log has a page"
            return
        if digest(answer.body) != page.sha256:
            yield f"is another page than the log says (SHA-256 {digest(answer.body)})"
        due = dict(page.headers)
        if (urlsplit(self.address).hostname or "").endswith(".onion"):
            due.pop(ONION, None)
        yield from _header_faults(compared_headers(answer.headers), due)

    def _file(self, name: str, headers: Mapping[str, str]) -> Iterator[str]:
        try:
            answer = self._host.visit(f"/static/{name}", headers)
        except HttpError as error:
            yield str(error)
            return
        if answer.status != HTTPStatus.OK:
            yield f"answers {answer.status}, and a page or the log names it"
        elif name not in self.files:
            yield "is named by a page, and not by the log"
        elif digest(answer.body) != self.files[name]:
            yield f"is another file than the log says (SHA-256 {digest(answer.body)})"
        else:
            logged = self.pages.pages[BLANK].headers if BLANK in self.pages.pages else {}
            yield from _header_faults(_of_files(compared_headers(answer.headers)), _of_files(logged))


def _of_files(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in NOT_OF_FILES}


def _header_faults(sent: Mapping[str, str], logged: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*sent} - {*logged}):
        yield f"has the header {name[:SHOWN]!a}, which the log does not name"
    yield from (f"lacks the header {name}" for name in sorted({*logged} - {*sent}))
    for name in sorted({*sent} & {*logged}):
        if sent[name] != logged[name]:
            yield f"has {sent[name][:SHOWN]!a} in its header {name}, where the log has {logged[name][:SHOWN]!a}"


def _unexpected(answer: Answer) -> Iterator[str]:
    if answer.status == HTTPStatus.OK:
        yield "is a page that the log does not name"
    elif answer.status not in NOT_THERE:
        yield f"answers {answer.status} where the log has no page: a phone may be led elsewhere"
