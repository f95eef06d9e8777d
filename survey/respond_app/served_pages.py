"""What the respond app serves as the pages of a study, asked of the application itself, for the public log."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from crypto.canonical import digest
from crypto.errors import RefusedError
from survey.admission.respond_resources import RespondResources
from survey.page_identity.pages_document import (
    FORMAT,
    PATHS,
    PLAIN_FORM,
    RECEIPT,
    PagesDocument,
    ServedPage,
    compared_headers,
    method_of,
    questions_path,
)
from survey.publication.folder import Published
from survey.respond_app.app import application
from survey.respond_app.settings import RespondSettings
from survey.web.onion_location import ONION
from survey.wording.page_languages import NAMES

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NOT_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class PageError(RefusedError):
    """A page of a study cannot be shown, so that the public log cannot name it; the message says which."""


class StudyPages:
    """The respond app of these settings, made as it is served but without its database."""

    def __init__(self, settings: RespondSettings) -> None:
        self._published = Published(settings.public)
        self._client: FlaskClient = application(settings, RespondResources(None, self._published)).test_client()
        # As they are under the name of the web, where they name the .onion address that the host may have.
        names = [name for name in settings.hosts if not name.endswith(ONION)]
        self._origin = f"https://{(names or settings.hosts)[0]}"

    # Decision 111.
    def document(self, study: str, wave: int, frontend: str) -> PagesDocument:
        """
        Return the pages of a study, for a wave and the hash of the front end that they load.

        Raises PageError where the application fails over a page that it has.
        """
        pages = {path: page for path in self._paths(study) if (page := self._page(path))}
        return PagesDocument(format=FORMAT, study=study, wave=wave, frontend=frontend, pages=pages)

    def _paths(self, study: str) -> tuple[str, ...]:
        """Return the paths of a study's pages; those by language also with each `?lang=` that the page can have."""
        state = self._published.study(study)
        receipts = (f"{RECEIPT}?lang={tag}" for tag in NAMES)
        forms = (PLAIN_FORM, *(f"{PLAIN_FORM}?lang={tag}" for tag in (state.locales if state else ())))
        questions = map(questions_path, forms)
        return tuple(path.format(study=study) for path in (*PATHS, *receipts, *forms, *questions))

    def _page(self, path: str) -> ServedPage | None:
        """Return a page; None where the application has none there."""
        response = self._client.open(path, method=method_of(path), base_url=self._origin)
        if response.status_code in NOT_THERE:
            return None
        if response.status_code != HTTPStatus.OK:
            raise PageError(
                f"{path} answers {response.status_code}, so the public log cannot say what respondents are served: see "
                "what the application logged just now, mend it, then run this command again"
            )
        return ServedPage(sha256=digest(response.data), headers=compared_headers(response.headers))
