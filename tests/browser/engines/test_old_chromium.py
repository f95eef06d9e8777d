"""The phone page in the oldest Chromium that it is built for, and in one that is too old to seal."""

from collections.abc import Iterator
from contextlib import ExitStack

import engines.old_chromium
import pytest
from engines.engine import EngineError, Visitor
from engines.old_chromium import OldChromium, old_chromium
from engines.proof import answered_and_gone
from phone.invited_site import inviting
from phone.site import Site, serving
from studies.market import Study, questionnaire
from studies.showcase import showcase, showing

from crypto.canonical import canonical
from crypto.envelope import parse_body
from scripts import old_engines
from survey.questionnaire.questionnaire import Questionnaire

FLOOR, TOO_OLD = "68", "67"
LOCALES = ("en", "zh-Hans", "zh-Hant")
SHOWN = "[...document.querySelectorAll('[data-note]')].filter((one) => !one.hidden).map((one) => one.dataset.note)"


@pytest.fixture(scope="module")
def floor() -> Iterator[OldChromium]:
    with old_chromium(FLOOR) as engine:
        yield engine


def test_the_floor_is_what_it_is_called(floor: OldChromium):
    """What tests run is the real engine of 2018, by its own user agent."""
    floor.begin()
    assert "HeadlessChrome/68.0.3419.0" in floor.evaluate("navigator.userAgent")


def test_the_whole_way_in_the_oldest_chromium(floor: OldChromium):
    """Through every type of item, what opens is what was pressed in Chromium 68, and no script fails."""
    whole, study = showcase()
    with showing(whole, study) as site:
        pressed, opened = answered_and_gone(Visitor(floor, site), "zh-Hans", {"READER": 1})
        drawn = pressed.pop("CHANGE"), opened.pop("CHANGE")
        assert set(study.questionnaire.item("CHANGE").domain) >= set(drawn)
        assert pressed == opened
        assert [] == floor.seen().problems


def test_by_invitation_in_the_oldest_chromium(floor: OldChromium):
    """A slip's code is redeemed, the answer is stored with its token, and the eight words to take it back are shown."""
    with inviting() as site:
        (code,) = site.slips()
        visitor = Visitor(floor, site).open()
        visitor.press("[data-locale=en] summary")
        visitor.type("#invitation", code)
        visitor.do("code")
        visitor.sees("[data-press=agree]")
        answered(visitor)
        visitor.stored("en")
        visitor.do("takeback")
        visitor.expect_value("document.querySelectorAll('.code li').length", 8)
        site.study.manifest.record_rules.checked(parse_body(site.posts[0], site.study.manifest.plaintext_size))
        assert [] == floor.seen().problems


def test_a_draft_in_the_oldest_chromium(floor: OldChromium):
    """What was answered is saved under eight words, and goes on with them after the page was opened anew."""
    with serving(Study(drafting())) as site:
        visitor = Visitor(floor, site).open().choose("en")
        visitor.do("agree")
        visitor.answer(2)
        visitor.do("draft-save")
        visitor.do("draft-go")
        visitor.sees("[data-press=draft-close]")
        words = visitor.read("[...document.querySelectorAll('.code li')].map((one) => one.textContent).join(' ')")
        visitor.do("draft-close")
        visitor.open("about:blank")
        visitor.open().choose("en")
        visitor.do("draft-continue")
        visitor.type("#code", words)
        visitor.do("draft-open")
        visitor.do("agree")
        visitor.heading(site.study.texts["en"].items["BUY"].text)
        assert [] == floor.seen().problems


def drafting() -> Questionnaire:
    """Return the market's questionnaire with drafts."""
    return Questionnaire.from_bytes(canonical(questionnaire().to_json() | {"drafts": {"days": 3}}))


def answered(visitor: Visitor) -> None:
    """Go from the consent to the screen before Send."""
    visitor.do("agree")
    visitor.answer(2, 90)
    visitor.do("next")
    visitor.answer(3, 1, 2)


def test_a_chromium_without_the_means_to_seal_is_told_so_in_plain_words(site: Site):
    """Chromium 67 has no BigInt: it shows the note for old browsers in each language, and asks for no documents."""
    with old_chromium(TOO_OLD) as engine:
        visitor = Visitor(engine, site).open()
        visitor.expect_value(SHOWN, ["unsupported"] * len(LOCALES))
        assert "undefined" == engine.evaluate("typeof BigInt")
        assert engine.evaluate("document.getElementById('languages').hidden")
    assert [] == [line for line in site.requests if "/b/" in line]


class Silent:
    """A browser that was started and never answers, and notes when it is ended."""

    def __init__(self, processes: ExitStack, answers: bool) -> None:
        self.answers, self.ended = answers, False
        processes.callback(setattr, self, "ended", True)

    def begin(self) -> None:
        if not self.answers:
            raise EngineError("does not answer")


def test_a_browser_that_does_not_answer_is_ended_and_started_again(monkeypatch: pytest.MonkeyPatch):
    """On a busy machine the second or third one answers; the others are ended at once; three silent ones are told."""
    for answers in ([False, True], [False, False, True], [False] * 3):
        started: list[Silent] = []

        def start(
            processes: ExitStack, _: str, answers: list[bool] = answers, started: list[Silent] = started
        ) -> Silent:
            started.append(Silent(processes, answers[len(started)]))
            return started[-1]

        monkeypatch.setattr(engines.old_chromium, "_engine", start)
        if any(answers):
            with old_chromium(FLOOR) as engine:
                assert started[-1] is engine
                assert [True] * (len(answers) - 1) + [False] == [one.ended for one in started]
        else:
            with pytest.raises(EngineError, match="does not answer"), old_chromium(FLOOR):
                pass
        assert [True] * len(answers) == [one.ended for one in started]


def test_another_package_than_the_pinned_is_refused():
    """One changed byte of a download is enough: nothing of it is unpacked."""
    with pytest.raises(old_engines.EngineMissingError, match="is not the package"):
        old_engines.member(b"another package", old_engines.ENGINES[0])
