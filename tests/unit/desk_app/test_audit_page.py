"""The audit at the desk: found by words and days in any language, exported whole, and red where the chain breaks."""

import csv
import io
import sqlite3
from contextlib import closing
from datetime import date

import pytest
from hosts.applications import desk_app
from hosts.desk_client import Clock, get, sign_in

from survey.desk_app.audit_views import ACTS, COLUMNS, PAGE
from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.tables import record_act
from survey.operations.transaction import office_session
from survey.wording.page_languages import load_languages

BEFORE = date(2026, 1, 31)


@pytest.fixture
def staff(collection):
    app = desk_app(collection.settings, Clock())
    client = app.test_client()
    assert 303 == sign_in(client).status_code
    yield client
    app.extensions["sotto"].engine.dispose()


def acted(collection, *acts: tuple[str, str, str], day: date = BEFORE) -> None:
    with office_session(collection.settings) as session:
        for actor, act, subject in acts:
            record_act(session, day, actor, act, subject)


def found(staff, query: str = "") -> list[str]:
    """Return the subjects that the exported file has for a search."""
    rows = csv.DictReader(io.StringIO(get(staff, f"/audit.csv{query}").data.decode("utf-8-sig")))
    assert [*COLUMNS] == rows.fieldnames
    return [row["subject"] for row in rows]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("?words=mei", ["one 1", "two 1"]),
        ("?words=MEI+one", ["one 1"]),
        ("?words=wave+opened", ["one 1"]),
        ("?words=100%25", ["100% _"]),
        ("?words=%25", ["100% _"]),
        ("?words=开放&lang=zh-Hans", ["one 1"]),
        ("?words=开放&lang=en", []),
        ("?words=nobody", []),
        ("?since=2026-01-31&until=2026-01-31", ["one 1", "two 1", "100% _"]),
        ("?until=2026-01-30", []),
    ],
)
def test_a_search_finds_what_it_says(staff, collection, query, subjects):
    """Words stand in name, act or subject, also as the page calls the act; no word is a pattern; days are included."""
    acted(collection, ("mei", Act.WAVE_OPENED, "one 1"), ("mei", Act.WAVE_CLOSED, "two 1"), ("li", "test", "100% _"))
    assert subjects == [one for one in found(staff, query) if one in {"one 1", "two 1", "100% _"}]
    assert len(subjects) == sum(f">{one}<" in get(staff, f"/audit{query}").text for one in ("one 1", "two 1", "100% _"))


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("?study=one", ["one 1 a", "one 2 b", "mei owner one two"]),
        ("?study=two", ["mei owner one two"]),
        ("?study=one-more", ["one-more 1"]),
        ("?person=mei", ["one 1 a", "one 2 b", "mei", "mei owner one two"]),
        ("?person=li&study=one", ["mei owner one two"]),
        ("?person=li&study=one-more", ["one-more 1"]),
        ("?person=one", ["one"]),
        ("?person=m", []),
        ("?study=7", []),
    ],
)
def test_a_person_and_a_study_are_found_whole(staff, collection, query, subjects):
    """What somebody did on the host and at the desk, or what was done to them; a study and none of a longer name."""
    acts = (
        ("mei", Act.WAVE_OPENED, "one 1 a"), ("mei@desk", Act.WAVE_OPENED, "one 2 b"), ("li", Act.USER_ADDED, "mei"),
        ("li", Act.USER_ADDED, "one"), ("li", Act.ROLE_GIVEN, "mei owner one two"),
        ("li", Act.WAVE_OPENED, "one-more 1"), ("sotto-owner", Act.REQUEST_UNPROVEN, "7 ab"),
    )  # fmt: skip
    acted(collection, *acts)
    known = {subject for _, _, subject in acts}
    assert subjects == [one for one in found(staff, query) if one in known]
    page = get(staff, f"/audit{query}").text
    assert sorted(subjects) == sorted(one for one in known if f">{one}</code>" in page)
    assert f'"/audit.csv{query.replace("&", "&amp;")}"' in page or not subjects
    assert 'value="">' in page.partition('id="person"')[2]


def test_every_act_is_on_one_page(staff, collection):
    """Pages hold fifty each and follow one another to the first act; between them no act is lost or shown twice."""
    acted(collection, *(("li", "test", f"subject-{number}.") for number in range(2 * PAGE)))
    pages = [get(staff, f"/audit?words=subject&page={number}").text for number in (1, 2)]
    shown = [[number for number in range(2 * PAGE) if f">subject-{number}.<" in page] for page in pages]
    assert ([*range(PAGE, 2 * PAGE)], [*range(PAGE)]) == tuple(shown)
    assert [(False, True), (True, False)] == [('rel="prev"' in page, 'rel="next"' in page) for page in pages]


@pytest.mark.parametrize(
    "query", ["since=yesterday", "until=2026-02-30", "page=0", "page=x", "page=1e3", "page=99999999"]
)
def test_what_is_no_day_and_no_page_is_refused(staff, query):
    """Nothing is repaired: what cannot be meant is answered by 400."""
    assert 400 == get(staff, f"/audit?{query}").status_code


def test_a_broken_chain_is_shown_in_red_with_its_place(staff, collection):
    """Control: whole, with the hash of the newest act; with one act changed past the program, where it breaks."""
    acted(collection, ("mei", Act.WAVE_OPENED, "one 1"), ("mei", Act.WAVE_CLOSED, "one 1"))
    page = get(staff, "/audit").text
    assert "The chain is whole." in page
    with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"))) as raw:
        newest = raw.execute("SELECT entry FROM audit ORDER BY sequence DESC").fetchone()[0]
        raw.executescript("DROP TRIGGER audit_stays; UPDATE audit SET actor = 'x' WHERE sequence = 2;")
    assert newest in page
    page = get(staff, "/audit").text
    assert "The chain is broken." in page
    assert "the audit chain breaks at entry 2" in page


def test_acts_and_searches_are_shown_as_text(staff, collection):
    """A name, an act, a subject and a search with markup appear as they are written, and add no element."""
    evil = "<img src=x onerror=alert(1)>\"'"
    acted(collection, (evil, evil, evil))
    page = get(staff, "/audit").text
    assert "<img" not in page
    assert 4 == page.count("&lt;img"), "actor, act and subject, and the actor among those to choose from"
    assert "<img" not in get(staff, "/audit?words=%3Cimg+src%3D%22").text


def test_every_act_has_its_words_in_every_language(staff, collection):
    """No page shows the stored name of an act in a language that has another for it."""
    assert {*Act} == {*ACTS}
    acted(collection, *(("li", act, str(act)) for act in Act), day=today())
    for locale, language in load_languages().items():
        page = get(staff, f"/audit?lang={locale}").text
        assert [] == [act for act, message in ACTS.items() if f">{language.say(message)}<" not in page]
