"""Pages of the plain form that only say something: stored, ended, closed, not possible. All have one length.

Who is told that the answers were stored, and who declined or was screened out, gets as many bytes under the same
status, in every language: the network cannot tell one ending from another.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import render_template
from markupsafe import Markup

from survey.plain_form.sealing import PinnedWave, PlainFormError
from survey.publication.folder import STATES, StudyState
from survey.questionnaire.questionnaire import Texts
from survey.wording.catalogues import Wording, Wordings, in_locale

STEP = 256
RECEIPT = "0" * 64
NOTICES: Mapping[str, HTTPStatus] = {
    "closed": HTTPStatus.GONE,
    "changed": HTTPStatus.CONFLICT,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Keys of what is said where nothing can be taken, with their status."""


@dataclass(frozen=True)
class Visit:
    """One request for one study's form in one locale."""

    state: StudyState
    locale: str
    words: Wording


@dataclass(frozen=True)
class Said:
    """What such a page says."""

    title: str
    paragraphs: tuple[str, ...]
    debrief: str | None = None
    receipt: str | None = None
    again: str | None = None


@dataclass(frozen=True)
class MessagePage:
    """The template's data."""

    study: str
    locale: str
    dir: str
    style: Markup
    said: Said


def stored(words: Wording, texts: Texts, receipt: str) -> Said:
    """Return what is said once answers were stored; `receipt` is the hex SHA-256 of the envelope."""
    paragraphs = (*texts.thanks, words("stored-text"), words("stored-once"))
    return Said(words("stored-title"), paragraphs, debrief=texts.debrief, receipt=receipt)


def ended(words: Wording, text: str) -> Said:
    """Return what is said where nothing of a form was stored, because an answer ended the interview."""
    return Said(words("ended-title"), (text, words("not-kept")))


def notice(words: Wording, key: str) -> Said:
    """Return what is said where nothing can be taken; `key` is one of NOTICES."""
    again = None if key == "closed" else words("again")
    return Said(words(f"{key}-title"), (words(f"{key}-text"),), again=again)


class MessagePages:
    """Renders such pages with one stylesheet; the length of a study's pages is worked out once for each state."""

    def __init__(self, style: str, wordings: Wordings) -> None:
        self.style = style
        self.wordings = wordings
        self._sizes: dict[str, tuple[StudyState, int]] = {}

    def padded(self, visit: Visit, said: Said, wave_in: Callable[[str], PinnedWave]) -> bytes:
        """
        Return a page in UTF-8, with spaces behind it up to the length of all pages of the study.

        `wave_in` gives the pinned wave in a locale, or raises PlainFormError: then the length is that of notices.
        """
        return self._page(visit, said).ljust(self._size(visit.state, wave_in))

    def _size(self, state: StudyState, wave_in: Callable[[str], PinnedWave]) -> int:
        """Return the first multiple of 256 bytes that holds every page of a study in every locale."""
        known, size = self._sizes.get(state.study, (None, 0))
        if known is state:
            return size
        visits = [Visit(state, locale, in_locale(self.wordings, locale)) for locale in state.locales]
        notices = [(visit, notice(visit.words, key)) for visit in visits for key in NOTICES]
        try:
            pages = notices + [(visit, said) for visit in visits for said in _endings(visit, wave_in(visit.locale))]
        except PlainFormError:
            return self._longest(notices)
        size = self._longest(pages)
        self._sizes[state.study] = (state, size)
        if len(self._sizes) > STATES:
            self._sizes.pop(next(iter(self._sizes)), None)
        return size

    def _longest(self, pages: list[tuple[Visit, Said]]) -> int:
        return -(-max(len(self._page(visit, said)) for visit, said in pages) // STEP) * STEP

    def _page(self, visit: Visit, said: Said) -> bytes:
        page = MessagePage(
            study=visit.state.study,
            locale=visit.locale,
            dir=visit.state.directions[visit.locale],
            style=Markup(self.style),  # noqa: S704 - our own stylesheet, whose hash the policy names
            said=said,
        )
        return render_template("respond/plain_said.html", page=page, words=visit.words).encode("utf-8")


def _endings(visit: Visit, wave: PinnedWave) -> Iterator[Said]:
    """Yield all endings of a form in one locale."""
    yield stored(visit.words, wave.texts, RECEIPT)
    for text in wave.texts.endings.values():
        yield ended(visit.words, text)
