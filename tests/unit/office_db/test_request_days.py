"""The values of days: one for each, none before its day, and none that is good for longer than it should be."""

from datetime import date, timedelta
from secrets import token_bytes

import pytest
from cheap.databases import migrated
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from survey.office_db.owner_access import connect_staff_database
from survey.office_db.request_days import LONGEST_KEPT, RequestDay, give_out, is_fresh, newest_value

DAY = date(2026, 11, 30)


@pytest.fixture
def session(settings):
    """Yield a session of the owner over a new office."""
    migrated(settings)
    engine = connect_staff_database(settings.office_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_a_day_has_one_value_and_that_of_the_next_day_is_another(session):
    """Given out again on the same day it stays; the next day has its own, and both are good then."""
    assert newest_value(session, DAY) is None
    give_out(session, DAY, token_bytes(16))
    first = newest_value(session, DAY)
    give_out(session, DAY, token_bytes(16))
    assert first == newest_value(session, DAY)
    give_out(session, DAY + timedelta(1), token_bytes(16))
    second = newest_value(session, DAY + timedelta(1))
    assert first != second
    assert is_fresh(session, first, DAY + timedelta(1))
    assert not is_fresh(session, second, DAY), "a value of a day to come"


@pytest.mark.parametrize(("days", "good"), [(0, True), (3, True), (4, False), (-1, False)])
def test_a_value_is_good_for_its_day_and_three_more(session, days, good):
    """Also where nothing else was given out meanwhile, as while no command and no operator ran."""
    give_out(session, DAY, token_bytes(16))
    value = session.exec(select(RequestDay.value)).one()
    then = DAY + timedelta(days)
    assert (good, value if good else None) == (is_fresh(session, value, then), newest_value(session, then))


def test_what_is_good_no_more_is_deleted(session):
    """Old values go, and those that a clock gave out that was ahead; those of the last days stay."""
    for day in (DAY, DAY + LONGEST_KEPT, DAY + LONGEST_KEPT + timedelta(1), DAY + timedelta(90)):
        give_out(session, day, token_bytes(16))
    assert [DAY + timedelta(90)] == list(session.exec(select(RequestDay.day)))
    give_out(session, DAY, token_bytes(16))
    assert [DAY] == list(session.exec(select(RequestDay.day)))
    give_out(session, DAY + LONGEST_KEPT, token_bytes(16))
    assert [DAY, DAY + LONGEST_KEPT] == list(session.exec(select(RequestDay.day).order_by(RequestDay.day)))


def test_a_clock_that_was_ahead_leaves_nothing_behind(session):
    """Right again, it deletes what it gave out for a day to come, though this day has its value since before."""
    for day in (DAY, DAY + timedelta(2), DAY):
        give_out(session, day, token_bytes(16))
    assert [DAY] == list(session.exec(select(RequestDay.day)))


def test_nobody_changes_a_value(session):
    """Whoever owns the database too would have to take the trigger away."""
    give_out(session, DAY, token_bytes(16))
    with pytest.raises(DBAPIError, match="the value of a day stays"):
        session.execute(text("UPDATE request_day SET value = 'x'"))
