"""What a seized phone would tell: after interviews, no file of the browser's profile holds a word of them."""

import base64
import contextlib
import os
import random
import signal
import zlib
from pathlib import Path

import brotli
import pytest
from adversaries.profile_search import gzipped, matches_by_file, spellings, unreadable
from adversaries.seized_browser import EACH, ENGINES, KEPT, control_page, left, remembered, settled
from engines.engine import EngineError, Visitor
from phone.site import serving
from playwright.sync_api import Error
from studies.market import Study, texts

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire, Texts

WORD = "zkanari"  # stands in every text and every item's id of the study
TYPED = "zgetippt"
ITEMS = 16


@pytest.fixture(scope="module")
def study() -> Study:
    """A study whose every word is a canary, and whose codes are drawn, so that its payload is one as well."""
    chance = random.Random(20261122)
    names = [f"{WORD.upper()}{number}" for number in range(ITEMS)]
    common = {"block": "main", "forms": ["all"], "shuffle": False, "missing": []}
    items = [
        {"id": name, "type": "single", "options": [{"code": code} for code in chance.sample(range(1, 89), 3)], **common}
        for name in names
    ]
    words = {"id": "WORDS", "type": "phrase", "options": [], "count": 1, "words": 2, "length": 12, **common}
    document = {
        "format": "sotto-questionnaire-3", "study": "plain", "version": "1", "mode": "open", "sealing": "phone",
        "locales": ["en", "zh-Hans"], "strata": ["open"], "forms": [{"id": "all"}], "items": [*items, words],
        "pairs": [], "derived": [],
    }  # fmt: skip
    questionnaire = Questionnaire.from_bytes(canonical(document))
    return Study(questionnaire, {locale: wording(questionnaire, locale) for locale in questionnaire.locales})


def wording(questionnaire: Questionnaire, locale: str) -> Texts:
    """Return texts that are canaries, with the interface's own words."""
    asked = {
        item.id: {
            "text": f"{WORD} question {item.id}",
            "options": {str(code): f"{WORD} option {code}" for code in item.codes},
        }
        for item in questionnaire.items
    }
    document = {
        **texts(locale).model_dump(mode="json", exclude_none=True, by_alias=True),
        "study": questionnaire.study, "title": f"{WORD} title", "items": asked,
        "consent": {"paragraphs": [f"{WORD} text"], "question": WORD, "agree": f"{WORD} yes", "decline": WORD},
        "thanks": [f"{WORD} thanks"], "debrief": f"{WORD} debrief",
    }  # fmt: skip
    return Texts.from_bytes(canonical(document))


def take(visitor: Visitor, items: int) -> list[int]:
    """Answer so many items, in two languages; return the codes."""
    study = visitor.site.study
    visitor.open().choose("en").do("agree")
    codes = []
    for number, item in enumerate(study.questionnaire.items[:items]):
        if number == items // 2:
            visitor.speak("zh-Hans")
        codes.append(item.codes[number % 3])
        visitor.answer(codes[-1])
    return codes


@pytest.fixture(scope="module", params=EACH)
def profile(request, study, tmp_path_factory):
    """Send one interview, leave another half way, open a page that keeps words, quit; return the profile."""
    folder = tmp_path_factory.mktemp("profile")
    with serving(study) as site, control_page() as control, ENGINES[request.param](folder) as engine:
        visitor = Visitor(engine, site)
        codes = take(visitor, ITEMS)
        visitor.type("main input", TYPED)
        visitor.do("next")
        settled(visitor, folder)
        visitor.stored("zh-Hans")
        visitor.do("close")
        left(visitor)
        take(visitor, 5)
        visitor.do("leave")
        left(visitor)
        remembered(engine, control, folder)
        payload = study.opened(site.posts[0]).answers
        assert codes == [payload[item.id] for item in study.questionnaire.items[:ITEMS]]
    return folder, bytes(codes), site


def test_no_word_of_an_interview_is_in_any_file(profile):
    """Texts, ids, the typed phrase and the payload's bytes are in no file, in no spelling, after the browser quit."""
    folder, codes, _ = profile
    assert [] == unreadable(folder)
    assert {} == matches_by_file(folder, [WORD, WORD.upper(), TYPED, codes])


def test_the_pinned_documents_are_in_no_cache(profile):
    """No file names the address of the documents: they were never kept, however a cache would compress them."""
    folder, _, site = profile
    assert {} == matches_by_file(folder, [f"/b/{site.study.manifest.pin}"])


@pytest.mark.parametrize("kind", KEPT)
def test_the_search_finds_what_a_page_keeps(profile, kind: str):
    """Storage, history, cache and session files of the same profile hold a control's words: the search sees them."""
    folder, _, _ = profile
    assert matches_by_file(folder, [KEPT[kind]])


def test_the_search_finds_every_spelling_and_compression(tmp_path):
    """A planted word is found as UTF-8, UTF-16 and base64, and inside of gzip, zlib and brotli."""
    plain = b"before " + WORD.encode() + b" after"
    ways = [*spellings(WORD), gzipped(plain), zlib.compress(plain), brotli.compress(plain)]
    ways += [base64.b64encode(bytes(shift) + plain) for shift in range(3)]
    for number, way in enumerate(ways):
        (tmp_path / str(number)).write_bytes(way)
    assert len(ways) == len(matches_by_file(tmp_path, [WORD]))


@pytest.mark.parametrize("name", EACH)
def test_a_browser_that_is_killed_leaves_no_word_either(study: Study, tmp_path, name: str):
    """Killed with words typed into an open question, the browser has nothing to bring back but the address."""
    with serving(study) as site, control_page() as control, contextlib.ExitStack() as stack:
        engine = stack.enter_context(ENGINES[name](tmp_path))
        visitor = Visitor(engine, site)
        codes = take(visitor, ITEMS)
        visitor.type("main input", TYPED)
        settled(visitor, tmp_path)
        remembered(engine, control, tmp_path)
        kill(tmp_path)
        with contextlib.suppress(EngineError, Error):  # the driver finds nobody to say goodbye to
            stack.close()
    assert {} == matches_by_file(tmp_path, [WORD, WORD.upper(), TYPED, bytes(codes)])
    assert matches_by_file(tmp_path, [KEPT["field"]])


def kill(folder: Path) -> None:
    """Kill the processes that were started on this profile, and no other."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)


def test_what_remains_is_the_visit(profile):
    """The address with its pin is in the browser's history: a phone can be asked about the visit, not the answers."""
    folder, _, site = profile
    assert matches_by_file(folder, [f"/s/{site.study.questionnaire.study}#k={site.study.manifest.pin}"])
